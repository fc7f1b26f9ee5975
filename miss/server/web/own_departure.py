"""« Mon compte → Départ »: say that one leaves and who succeeds; technicians approve it; take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Retirements
from miss.directory.retirement.errors import RetirementNotFound, SuccessorRefused
from miss.server.errors import DateUnreadable
from miss.server.web.access import person_of, requires, with_entry
from miss.server.web.forms import field
from miss.server.web.front import Front, to

DEPARTURE_PATH: Final = "/compte/depart"
_TYPED: Final = ("leaves_on", "successor", "until", "reason")


@dataclass(frozen=True, slots=True)
class OwnDeparturePages:
    """When somebody leaves, and who gets what still comes."""

    front: Front
    retirements: Retirements
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(DEPARTURE_PATH, self.show, methods=["GET"]),
            Route(DEPARTURE_PATH, self.ask, methods=["POST"]),
            Route(f"{DEPARTURE_PATH}/{{retirement}}/retrait", self.withdraw, methods=["POST"]),
        ]

    @with_entry
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires(fresh=True)
    async def ask(self, request: Request) -> Response:
        form, person = await request.form(), person_of(request)
        typed = {name: field(form, name).strip() for name in _TYPED}
        try:
            successor = await self.practitioners.find_by_rpps(typed["successor"]) if typed["successor"] else None
            if typed["successor"] and successor is None:
                raise SuccessorRefused
            await self.retirements.ask(
                person.principal,
                person.account.uid,
                _parse_day(typed["leaves_on"]),
                successor=successor.id if successor else None,
                until=_parse_day(typed["until"]) if typed["until"] else None,
                reason=typed["reason"],
            )
        except MissError as error:
            return await self._show(request, error, typed)
        return to(DEPARTURE_PATH)

    @requires(fresh=True)
    async def withdraw(self, request: Request) -> Response:
        """One's own only: somebody else's does not exist."""
        person = person_of(request)
        try:
            own = {one.id for one in await self.retirements.list_of(person.account.uid)}
            if request.path_params["retirement"] not in own:
                raise RetirementNotFound
            await self.retirements.withdraw(person.principal, request.path_params["retirement"])
        except MissError as error:
            return await self._show(request, error)
        return to(DEPARTURE_PATH)

    async def _show(
        self, request: Request, error: MissError | None = None, typed: Mapping[str, str] | None = None
    ) -> Response:
        own = await self.retirements.list_of(person_of(request).account.uid)
        living = next((one for one in own if not one.stage.is_over), None)
        named = [living.successor.practitioner_id] if living and living.successor else []
        shown = {
            "retirement": living,
            "people": await self.practitioners.get_many(named),
            "typed": typed or dict.fromkeys(_TYPED, ""),
        }
        return await self.front.show(request, "own_departure.html", shown, error)


def _parse_day(text: str) -> date:
    """A day as `<input type="date">` sends it.  Raises DateUnreadable."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DateUnreadable from None
