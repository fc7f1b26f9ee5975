"""« Mon compte → Secrétariat »: whom a practitioner invites to act for them, and the end of it."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.practitioners import Practitioner
from miss.directory.roles import Role, Scope, practitioner_scope
from miss.server.web.access import person_of, requires
from miss.server.web.front import Front, to
from miss.server.web.inviting import InviterDesk, typed_in
from miss.server.web.pages import language_of

SECRETARIAT_PATH: Final = "/compte/secretariat"


@dataclass(frozen=True, slots=True)
class SecretariatPages:
    """Whom somebody lets act in their name."""

    front: Front
    desk: InviterDesk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{SECRETARIAT_PATH}/{{invitation}}"
        return [
            Route(SECRETARIAT_PATH, self.show, methods=["GET"]),
            Route(SECRETARIAT_PATH, self.invite, methods=["POST"]),
            Route(f"{SECRETARIAT_PATH}/mandat", self.name, methods=["POST"]),
            Route(f"{SECRETARIAT_PATH}/mandat/fin", self.end_named, methods=["POST"]),
            Route(f"{one}/renvoi", self.resend, methods=["POST"]),
            Route(f"{one}/retrait", self.withdraw, methods=["POST"]),
            Route(f"{one}/fin", self.end, methods=["POST"]),
        ]

    @requires(Role.PRACTITIONER)
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires(Role.PRACTITIONER)
    async def invite(self, request: Request) -> Response:
        form, person = await request.form(), person_of(request)
        try:
            invitee = await self.desk.read(request, form)
            await self.desk.invitations.invite_secretary(
                person.principal, person.practitioner, _practice(person.practitioner), invitee, language_of(request)
            )
        except MissError as error:
            return await self._show(request, error, typed_in(form))
        return to(f"{SECRETARIAT_PATH}?fait=invitation")

    @requires(Role.PRACTITIONER)
    async def name(self, request: Request) -> Response:
        """A colleague of the register acts for them."""
        form = await request.form()
        try:
            await self.desk.name(request, form, Role.SECRETARY, _own(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECRETARIAT_PATH}?fait=mandat")

    @requires(Role.PRACTITIONER)
    async def end_named(self, request: Request) -> Response:
        form = await request.form()
        try:
            await self.desk.end_named(request, form, Role.SECRETARY, _own(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECRETARIAT_PATH}?fait=fin")

    @requires(Role.PRACTITIONER)
    async def resend(self, request: Request) -> Response:
        try:
            await self.desk.resend(request, Role.SECRETARY, _own(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECRETARIAT_PATH}?fait=renvoi")

    @requires(Role.PRACTITIONER)
    async def withdraw(self, request: Request) -> Response:
        try:
            await self.desk.withdraw(request, Role.SECRETARY, _own(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECRETARIAT_PATH}?fait=retrait")

    @requires(Role.PRACTITIONER)
    async def end(self, request: Request) -> Response:
        try:
            await self.desk.end(request, Role.SECRETARY, _own(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECRETARIAT_PATH}?fait=fin")

    async def _show(
        self, request: Request, error: MissError | None = None, typed: dict[str, str] | None = None
    ) -> Response:
        shown = await self.desk.shown(request, Role.SECRETARY, _own(request), typed, error)
        return await self.front.show(request, "own_secretariat.html", shown | {"path": SECRETARIAT_PATH}, error)


def _own(request: Request) -> Scope:
    return practitioner_scope(person_of(request).practitioner.id)


def _practice(practitioner: Practitioner) -> str:
    """How the practice is called: as the register names it, else after its practitioner."""
    named = (role.organization.name for role in practitioner.roles if role.organization)
    return next(named, "") or f"Cabinet {practitioner.display_name}"
