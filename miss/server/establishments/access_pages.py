"""Who acts for an establishment: people without an RPPS number whom its administrators invite, and the end of it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.directory.establishments.model import Establishment
from miss.directory.invitations import Mandate
from miss.directory.invitations.naming import Holder
from miss.directory.roles import Role, organization_scope, practitioner_scope
from miss.directory.staff_people import Issuer
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, path_of
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.inviting import InviterDesk, account_in, typed_in
from miss.server.web.pages import language_of


@dataclass(frozen=True, slots=True)
class AccessPages:
    """`…/acces`: the accounts of an establishment's staff."""

    desk: Desk
    inviting: InviterDesk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        path = f"{ONE_PATH}/acces"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(path, self.invite, methods=["POST"]),
            Route(f"{path}/mandat", self.name, methods=["POST"]),
            Route(f"{path}/mandat/fin", self.end_named, methods=["POST"]),
            Route(f"{path}/mandat/praticien", self.end_with_practitioner, methods=["POST"]),
            Route(f"{path}/{{invitation}}/renvoi", self.resend, methods=["POST"]),
            Route(f"{path}/{{invitation}}/retrait", self.withdraw, methods=["POST"]),
            Route(f"{path}/{{invitation}}/fin", self.end, methods=["POST"]),
        ]

    @requires(*KEEPERS)
    async def show(self, request: Request) -> Response:
        return await self._show(request, await self.desk.get(request))

    @requires(*KEEPERS)
    async def invite(self, request: Request) -> Response:
        establishment, form, person = await self.desk.get(request), await request.form(), person_of(request)
        try:
            invitee = await self.inviting.read(request, form)
            await self.inviting.invitations.invite_member(
                person.principal, person.practitioner, establishment, invitee, language_of(request)
            )
        except MissError as error:
            return await self._show(request, establishment, error, typed_in(form))
        return to(f"{path_of(establishment)}/acces?fait=invitation")

    @requires(*KEEPERS)
    async def name(self, request: Request) -> Response:
        """Somebody of the register asks in its name."""
        establishment, form = await self.desk.get(request), await request.form()
        try:
            scope = organization_scope(establishment.id)
            await self.inviting.name(request, form, Role.ORGANIZATION_MEMBER, scope)
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{path_of(establishment)}/acces?fait=mandat")

    @requires(*KEEPERS)
    async def end_named(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        try:
            scope = organization_scope(establishment.id)
            await self.inviting.end_named(request, form, Role.ORGANIZATION_MEMBER, scope)
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{path_of(establishment)}/acces?fait=fin")

    @requires(*KEEPERS)
    async def end_with_practitioner(self, request: Request) -> Response:
        """What one of its people does for a practitioner is over."""
        establishment, form, person = await self.desk.get(request), await request.form(), person_of(request)
        wanted = practitioner_scope(PractitionerId(field(form, "pour")[:36]))
        try:
            mandates = self.inviting.mandates
            await mandates.end_of_employee(person.principal, establishment, account_in(form), wanted)
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{path_of(establishment)}/acces?fait=fin")

    @requires(*KEEPERS)
    async def resend(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        try:
            await self.inviting.resend(request, Role.ORGANIZATION_MEMBER, organization_scope(establishment.id))
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{path_of(establishment)}/acces?fait=renvoi")

    @requires(*KEEPERS)
    async def withdraw(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        try:
            await self.inviting.withdraw(request, Role.ORGANIZATION_MEMBER, organization_scope(establishment.id))
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{path_of(establishment)}/acces?fait=retrait")

    @requires(*KEEPERS)
    async def end(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        try:
            await self.inviting.end(request, Role.ORGANIZATION_MEMBER, organization_scope(establishment.id))
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{path_of(establishment)}/acces?fait=fin")

    async def _show(
        self,
        request: Request,
        establishment: Establishment,
        error: MissError | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        scope = organization_scope(establishment.id)
        shown = await self.inviting.shown(request, Role.ORGANIZATION_MEMBER, scope, typed, error)
        shown["with_practitioners"] = await self._with_practitioners(establishment)
        return await self.desk.show(request, "establishment/access.html", establishment, shown, error)

    async def _with_practitioners(self, establishment: Establishment) -> list[tuple[Holder, Mandate]]:
        """What the people whom it numbers do for practitioners."""
        try:
            issuer = Issuer.establishment(establishment.finess)
        except ValueError:
            return []
        holders = await self.inviting.naming.list_staff_of(issuer)
        found = [(one, mandate) for one in holders for mandate in await self.inviting.mandates.list_(one.account)]
        return [(one, mandate) for one, mandate in found if mandate.grant.role is Role.SECRETARY]
