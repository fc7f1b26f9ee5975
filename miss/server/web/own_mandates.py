"""« Je travaille pour… »: whose mandates somebody has, for whom this browser acts, and giving one up."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.invitations import MandateNotFound, Mandates
from miss.directory.roles.model import FOR_STAFF
from miss.directory.sign_in import SignedIn
from miss.server.service import MenuEntry
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.front import Front, to

MANDATES_PATH: Final = "/compte/mandats"


def _acts_for_others(person: SignedIn) -> bool:
    return person.practitioner.is_staff or bool(person.principal.roles & FOR_STAFF)


MANDATES_ENTRY: Final = MenuEntry(
    MANDATES_PATH, Text(fr="Je travaille pour…", en="I work for…"), shown=_acts_for_others
)


@dataclass(frozen=True, slots=True)
class MandatePages:
    """For whom somebody acts."""

    front: Front
    mandates: Mandates

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(MANDATES_PATH, self.show, methods=["GET"]),
            Route(f"{MANDATES_PATH}/choix", self.choose, methods=["POST"]),
            Route(f"{MANDATES_PATH}/fin", self.end, methods=["POST"]),
        ]

    @requires()
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires()
    async def choose(self, request: Request) -> Response:
        """Act for that practitioner in this browser; nobody: in one's own name."""
        form, person = await request.form(), person_of(request)
        wanted, token = PractitionerId(field(form, "pour")[:36]), self.front.cookies.token(request)
        try:
            await self.front.sign_in.sessions.act_for(person, token, wanted)
        except MissError as error:
            return await self._show(request, error)
        return to(f"{MANDATES_PATH}?fait=choix")

    @requires()
    async def end(self, request: Request) -> Response:
        """Give a mandate up."""
        form, person = await request.form(), person_of(request)
        wanted = (field(form, "role"), field(form, "pour"))
        try:
            own = await self.mandates.list_(person.account)
            found = next((one for one in own if (one.grant.role.value, one.grant.scope.id) == wanted), None)
            if found is None:
                raise MandateNotFound
            await self.mandates.end(person.principal, person.account.uid, found.grant.role, found.grant.scope)
        except MissError as error:
            return await self._show(request, error)
        return to(f"{MANDATES_PATH}?fait=fin")

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        person = person_of(request)
        shown = {
            "mandates": await self.mandates.list_(person.account),
            "acting_for": person.acting_for,
            "is_staff": person.practitioner.is_staff,
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "own_mandates.html", shown, error)
