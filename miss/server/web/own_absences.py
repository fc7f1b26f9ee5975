"""« Mon compte → Absences »: from when to when, what is said meanwhile, and whom to turn to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.directory.absence import Absences
from miss.directory.practitioners import Practitioners
from miss.server.errors import DateUnreadable
from miss.server.web.access import require_signed_in, with_entry
from miss.server.web.forms import field
from miss.server.web.front import Front, to
from miss.server.web.zones import PAGE_ZONE

ABSENCES_PATH: Final = "/compte/absences"
_TYPED = ("first_day", "last_day", "message", "colleague")


def today(now: datetime) -> date:
    """The day that pages show."""
    return now.astimezone(PAGE_ZONE).date()


@dataclass(frozen=True, slots=True)
class OwnAbsencePages:
    """When somebody is away."""

    front: Front
    clock: Clock
    absences: Absences
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(ABSENCES_PATH, self.show, methods=["GET"]),
            Route(ABSENCES_PATH, self.add, methods=["POST"]),
            Route(f"{ABSENCES_PATH}/{{absence}}/retrait", self.remove, methods=["POST"]),
        ]

    @with_entry
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @with_entry
    async def add(self, request: Request) -> Response:
        form, person = await request.form(), require_signed_in(request)
        typed = {name: field(form, name) for name in _TYPED}
        try:
            await self.absences.add(
                person.account,
                _parse_day(typed["first_day"]),
                _parse_day(typed["last_day"]),
                typed["message"],
                typed["colleague"],
                today=today(self.clock.now()),
            )
        except MissError as error:
            return await self._show(request, error, typed)
        return to(f"{ABSENCES_PATH}?fait=ajout")

    @with_entry
    async def remove(self, request: Request) -> Response:
        try:
            await self.absences.remove(require_signed_in(request).account, request.path_params["absence"])
        except MissError as error:
            return await self._show(request, error)
        return to(f"{ABSENCES_PATH}?fait=retrait")

    async def _show(
        self, request: Request, error: MissError | None = None, typed: dict[str, str] | None = None
    ) -> Response:
        person, day = require_signed_in(request), today(self.clock.now())
        own = await self.absences.list_(person.account, today=day)
        named = [absence.colleague for absence in own if absence.colleague]
        shown = {
            "absences": own,
            "people": await self.practitioners.get_many(named),
            "today": day,
            "typed": typed or dict.fromkeys(_TYPED, ""),
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "own_absences.html", shown, error)


def _parse_day(text: str) -> date:
    """A day as `<input type="date">` sends it.  Raises DateUnreadable."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise DateUnreadable from None
