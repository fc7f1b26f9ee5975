"""Behind the link of an invitation: who invites, the form, and the texts to accept.  Works without script.

Unknown, spent, withdrawn and expired links are one answer.  Function, employer and address of contact are those of the
invitation: the form cannot change them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.directory.agreements import Agreements, AgreementsNotAccepted, Signature
from miss.directory.invitations import InvitationNotFound, Invitations, InvitedOneself, Opened
from miss.directory.registrations import Application, ApplicationRefused, Problem, parse_invited
from miss.directory.roles import Role
from miss.directory.staff_people.model import FINESS_TYPE
from miss.server.mails.invitation import INVITATION_PATH
from miss.server.web.access import anyone
from miss.server.web.agreements import ACCEPT
from miss.server.web.answers import retry_after
from miss.server.web.attempts import Attempts
from miss.server.web.forms import address_of
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of
from miss.server.web.registration import RECEIVED_PATH
from miss.server.web.uploads import read_form


@dataclass(frozen=True, slots=True)
class InvitationPages:
    """The bearer's side."""

    pages: Pages
    invitations: Invitations
    agreements: Agreements
    attempts: Attempts

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        path = f"{INVITATION_PATH}/{{token}}"
        return [Route(path, self.show, methods=["GET"]), Route(path, self.accept, methods=["POST"])]

    @anyone
    async def show(self, request: Request) -> Response:
        """Raises InvitationNotFound, InvitedOneself, TooManyAttempts."""
        await self.attempts.count(request)
        opened = await self._open(request)
        invitee = opened.invitation.invitee
        return await self._show(request, opened, {"family": invitee.family, "given": invitee.given})

    @anyone
    async def accept(self, request: Request) -> Response:
        """Spend the link; the form again, with the reasons, if the answer cannot be kept.

        Raises InvitationNotFound, InvitedOneself, TooManyAttempts.
        """
        await self.attempts.count(request)
        opened = await self._open(request)
        form, _ = await read_form(request)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        accepted = [value for value in form.getlist(ACCEPT) if isinstance(value, str)]
        try:
            application = self._parse(request, opened, fields, accepted)
            signature = Signature(application.display_name, address_of(request), language_of(request))
            await self.invitations.accept(_token(request), _bearer(request), application, accepted, signature)
        except (InvitationNotFound, InvitedOneself):
            raise
        except MissError as error:
            return await self._show(request, opened, fields, error)
        return to(RECEIVED_PATH)

    async def _open(self, request: Request) -> Opened:
        return await self.invitations.open(_token(request), _bearer(request))

    def _parse(self, request: Request, opened: Opened, fields: Mapping[str, str], accepted: list[str]) -> Application:
        """Every problem at once, the texts that were not accepted among them.  Raises ApplicationRefused."""
        invitation = opened.invitation
        finess = invitation.issuer[1:] if invitation.issuer.startswith(FINESS_TYPE) else ""
        problems: list[Problem] = []
        application = None
        try:
            application = parse_invited(
                fields, invitation.invitee, language_of(request), organization=invitation.employer, finess=finess
            )
        except ApplicationRefused as refused:
            problems += refused.problems
        try:
            self.agreements.require(accepted)
        except AgreementsNotAccepted as error:
            problems.append(Problem(ACCEPT, error.text))
        if application is None or problems:
            raise ApplicationRefused(tuple(problems))
        return application

    async def _show(
        self, request: Request, opened: Opened, fields: Mapping[str, str], error: MissError | None = None
    ) -> Response:
        language = language_of(request)
        problems: dict[str, str] = {}
        for one in error.problems if isinstance(error, ApplicationRefused) else ():
            problems.setdefault(one.field, one.sentence(language))
        page = await self.pages.render(
            request,
            "invitation.html",
            error.http_status if error else 200,
            invitation=opened.invitation,
            inviter=opened.inviter,
            is_member=opened.invitation.role is Role.ORGANIZATION_MEMBER,
            fields=fields,
            agreements=self.agreements.current,
            problems=problems,
            path=f"{INVITATION_PATH}/{_token(request)}",
            error=error.sentence(language) if error else None,
        )
        return retry_after(error, page) if error else page


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _bearer(request: Request) -> AccountId | None:
    """Who is signed in in this browser."""
    person = request.state.signed_in
    return person.account.uid if person else None
