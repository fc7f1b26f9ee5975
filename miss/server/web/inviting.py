"""What the pages of inviters share: the form of an invitation, the list, and what is done from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request

from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.directory.invitations import STANDING_NAMES, Invitations, MandateNotFound, Mandates
from miss.directory.invitations.naming import Naming
from miss.directory.registrations import ApplicationRefused, Invitee, parse_invitee
from miss.directory.roles import Role, Scope
from miss.protocol.session import Rate
from miss.server.web.access import person_of
from miss.server.web.forms import field
from miss.server.web.pages import language_of
from miss.server.web.registration import MAILS, SignUpPatience

FIELDS: Final = ("family", "given", "function", "email")
INVITATIONS: Final = Rate(burst=20, per_s=20 / 86_400)
"""By one person: each writes to an address that they typed."""


@dataclass(frozen=True, slots=True)
class InviterDesk:
    """Lent to the pages of practitioners and of establishments."""

    invitations: Invitations
    mandates: Mandates
    naming: Naming
    patience: SignUpPatience

    async def read(self, request: Request, form: FormData) -> Invitee:
        """Whom the form names.  Raises ApplicationRefused, TooManySignUps."""
        invitee = parse_invitee({name: field(form, name) for name in FIELDS})
        await self._count(request, invitee.email)
        return invitee

    async def resend(self, request: Request, role: Role, scope: Scope) -> None:
        """Raises InvitationNotFound, InvitationStateForbids, TooManySignUps."""
        invitation = await self.invitations.get(request.path_params["invitation"], role, scope)
        await self._count(request, invitation.invitee.email)
        await self.invitations.resend(person_of(request).principal, invitation.id, role, scope)

    async def withdraw(self, request: Request, role: Role, scope: Scope) -> None:
        """Raises InvitationNotFound, InvitationStateForbids."""
        principal = person_of(request).principal
        await self.invitations.withdraw(principal, request.path_params["invitation"], role, scope)

    async def end(self, request: Request, role: Role, scope: Scope) -> None:
        """The mandate that an invitation has become.  Raises InvitationNotFound, MandateNotFound."""
        invitation = await self.invitations.get(request.path_params["invitation"], role, scope)
        if invitation.uid is None:
            raise MandateNotFound
        await self.mandates.end(person_of(request).principal, invitation.uid, role, scope)

    async def name(self, request: Request, form: FormData, role: Role, scope: Scope) -> None:
        """Somebody of the register, by the RPPS number of the form.  Raises InvitationRefused, NobodyToName,
        GrantExists, TooManySignUps.
        """
        person = person_of(request)
        await self.patience.count("invitation", person.account.uid, INVITATIONS)
        await self.naming.name(person.principal, field(form, "rpps"), role, scope)

    async def end_named(self, request: Request, form: FormData, role: Role, scope: Scope) -> None:
        """The mandate of the account that the form names.  Raises InvitationRefused, MandateNotFound."""
        await self.mandates.end(person_of(request).principal, account_in(form), role, scope)

    async def shown(
        self, request: Request, role: Role, scope: Scope, typed: Mapping[str, str] | None, error: MissError | None
    ) -> dict[str, Any]:
        """What the list and the form need; `typed`: what comes back with the reason."""
        language = language_of(request)
        problems: dict[str, str] = {}
        listed: Sequence[Any] = error.problems if isinstance(error, ApplicationRefused) else ()
        for one in listed:
            problems.setdefault(one.field, one.sentence(language))
        return {
            "invitations": await self.invitations.list_of(role, scope),
            "standing_names": STANDING_NAMES,
            "named": await self.naming.list_(role, scope),
            "typed": typed or dict.fromkeys(FIELDS, ""),
            "problems": problems,
            "done": request.query_params.get("fait", ""),
        }

    async def _count(self, request: Request, email: str) -> None:
        await self.patience.count("invitation", person_of(request).account.uid, INVITATIONS)
        await self.patience.count("mail", email.encode(), MAILS)


def typed_in(form: FormData) -> dict[str, str]:
    """What was typed, to come back with the reason."""
    return {name: field(form, name) for name in FIELDS}


def account_in(form: FormData) -> AccountId:
    """Whose mandate is meant; nobody's for what is no account."""
    try:
        return AccountId(bytes.fromhex(field(form, "uid")[:32]))
    except ValueError:
        return AccountId(b"")
