"""What a technician does to an account: codes, suspension, closing, roles; each with a reason, a fresh proof of who
acts, and never upon their own account.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import OrganizationId
from miss.chat.devices.errors import NothingToReset
from miss.directory.accounts import Account, ActivationPurpose, Verification, WrongVerificationState
from miss.directory.practitioners import Practitioner
from miss.directory.retirement.model import midnight, require_reason
from miss.directory.roles import PLATFORM, Principal, Role, Scope, organization_scope, practitioner_scope
from miss.directory.roles.model import SCOPE_OF, ScopeKind
from miss.server.console.accounts import ACCOUNTS_PATH, GRANTED_HERE, AccountPages
from miss.server.console.errors import NotConfirmed, NotOnOneself, RoleUnknown, SuccessorUnknown
from miss.server.errors import DateUnreadable
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.front import to

CODE_PURPOSES: Final = (ActivationPurpose.BROWSER, ActivationPurpose.DEVICE, ActivationPurpose.RESET)
"""A recovery ticket is no technician's to give."""
MAX_SCOPE: Final = 64


@dataclass(frozen=True, slots=True)
class AccountActs:
    """The forms of the page of one account."""

    pages: AccountPages
    root_fingerprint: str
    """Of the platform's root key: every letter with a code for a device bears it."""

    def routes(self) -> list[BaseRoute]:
        """Every route of these forms."""
        one = f"{ACCOUNTS_PATH}/{{uid}}"
        return [
            Route(f"{one}/code", self.issue_code, methods=["POST"]),
            Route(f"{one}/suspension", self.suspend, methods=["POST"]),
            Route(f"{one}/reprise", self.reactivate, methods=["POST"]),
            Route(f"{one}/fermeture", self.close, methods=["POST"]),
            Route(f"{one}/roles", self.grant, methods=["POST"]),
            Route(f"{one}/roles/retrait", self.take_back, methods=["POST"]),
            Route(f"{one}/depart", self.retire, methods=["POST"]),
        ]

    @requires(Role.TECHNICIAN, fresh=True)
    async def issue_code(self, request: Request) -> Response:
        """The code, shown in the answer to this request and never again."""
        account, form = await self.pages.get_account(request), await request.form()
        actor, house = person_of(request), self.pages.house
        try:
            purpose = next((one for one in CODE_PURPOSES if one.value == field(form, "purpose")), CODE_PURPOSES[0])
            _require_other(actor.principal, account)
            if purpose is ActivationPurpose.RESET and not await self.pages.devices.list_(account.uid):
                raise NothingToReset
            issued = await house.accounts.issue_activation(account.uid, purpose, by=actor.account.uid.hex())
        except MissError as error:
            return await self.pages.show(request, account, error)
        return await house.pages.render(
            request,
            "console/code.html",
            account=account,
            practitioner=await self._practitioner(account),
            purpose=purpose.value,
            issued=issued,
            fingerprint=self.root_fingerprint,
        )

    @requires(Role.TECHNICIAN, fresh=True)
    async def suspend(self, request: Request) -> Response:
        account, form = await self.pages.get_account(request), await request.form()
        actor = person_of(request).principal
        try:
            _require_other(actor, account)
            await self.pages.house.accounts.suspend(account.uid, actor.uid.hex(), _reason(form))
        except MissError as error:
            return await self.pages.show(request, account, error, _typed(form))
        return to(_path(account))

    @requires(Role.TECHNICIAN, fresh=True)
    async def reactivate(self, request: Request) -> Response:
        """A suspension ends; an identity that was never verified is verified among the sign-ups, not here."""
        account, form = await self.pages.get_account(request), await request.form()
        actor = person_of(request).principal
        try:
            _require_other(actor, account)
            if account.verification is not Verification.SUSPENDED:
                raise WrongVerificationState(state=account.verification.value, act="reactivate")
            await self.pages.house.accounts.verify(account.uid, actor.uid.hex(), _reason(form))
        except MissError as error:
            return await self.pages.show(request, account, error, _typed(form))
        return to(_path(account))

    @requires(Role.TECHNICIAN, fresh=True)
    async def close(self, request: Request) -> Response:
        """For good."""
        account, form = await self.pages.get_account(request), await request.form()
        actor = person_of(request).principal
        try:
            _require_other(actor, account)
            reason = _reason(form)
            if not field(form, "confirm"):
                raise NotConfirmed
            await self.pages.house.accounts.revoke(account.uid, actor.uid.hex(), reason)
        except MissError as error:
            return await self.pages.show(request, account, error, _typed(form))
        return to(_path(account))

    @requires(Role.TECHNICIAN, fresh=True)
    async def grant(self, request: Request) -> Response:
        account, form = await self.pages.get_account(request), await request.form()
        actor = person_of(request).principal
        try:
            role, scope = _role(form, account)
            ends_at = read_moment(field(form, "ends_on"))
            await self.pages.house.roles.grant(actor, account.uid, role, scope, ends_at=ends_at, reason=_reason(form))
        except MissError as error:
            return await self.pages.show(request, account, error, _typed(form))
        return to(_path(account))

    @requires(Role.TECHNICIAN, fresh=True)
    async def take_back(self, request: Request) -> Response:
        account, form = await self.pages.get_account(request), await request.form()
        actor = person_of(request).principal
        try:
            granted = await self.pages.house.roles.of(account)
            wanted = (field(form, "role"), field(form, "scope"))
            grant = next((one for one in granted if (one.role.value, one.scope.id) == wanted), None)
            if grant is None:
                raise RoleUnknown
            await self.pages.house.roles.take_back(actor, account.uid, grant.role, grant.scope, reason=_reason(form))
        except MissError as error:
            return await self.pages.show(request, account, error)
        return to(_path(account))

    @requires(Role.TECHNICIAN, fresh=True)
    async def retire(self, request: Request) -> Response:
        """Ask that the person leave; with a successor another technician approves."""
        account, form = await self.pages.get_account(request), await request.form()
        actor, house = person_of(request).principal, self.pages.house
        try:
            _require_other(actor, account)
            leaves_on = read_day(field(form, "leaves_on"))
            rpps, until = field(form, "successor").strip(), field(form, "until").strip()
            successor = await house.practitioners.find_by_rpps(rpps) if rpps else None
            if rpps and successor is None:
                raise SuccessorUnknown
            retirement = await house.retirements.ask(
                actor,
                account.uid,
                leaves_on,
                successor=successor.id if successor else None,
                until=read_day(until) if until else None,
                reason=field(form, "reason"),
            )
        except MissError as error:
            return await self.pages.show(request, account, error, _typed(form))
        return to(f"/console/departs/{retirement.id}")

    async def _practitioner(self, account: Account) -> Practitioner | None:
        found = await self.pages.house.practitioners.get_many([account.practitioner_id])
        return found.get(account.practitioner_id)


def read_day(text: str) -> date:
    """The date of a field.  Raises DateUnreadable."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise DateUnreadable from None


def read_moment(text: str) -> datetime | None:
    """Midnight of the day of a field; None if it is empty.  Raises DateUnreadable."""
    return midnight(read_day(text)) if text.strip() else None


def _require_other(actor: Principal, account: Account) -> None:
    if actor.uid == account.uid:
        raise NotOnOneself


def _reason(form: FormData) -> str:
    return require_reason(field(form, "reason"))


def _role(form: FormData, account: Account) -> tuple[Role, Scope]:
    role = next((one for one in GRANTED_HERE if one.value == field(form, "role")), None)
    if role is None:
        raise RoleUnknown
    kind = SCOPE_OF[role]
    if kind is ScopeKind.PLATFORM:
        return role, PLATFORM
    if kind is ScopeKind.PRACTITIONER:
        return role, practitioner_scope(account.practitioner_id)
    scope = field(form, "scope").strip()
    if not (scope.isalnum() and scope.isascii() and len(scope) <= MAX_SCOPE):
        raise RoleUnknown
    return role, organization_scope(OrganizationId(scope))


def _typed(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _path(account: Account) -> str:
    return f"{ACCOUNTS_PATH}/{account.uid.hex()}"
