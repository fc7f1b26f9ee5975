"""« Mes disponibilités »: being away, the week, its limits, and what comes of it in the four weeks that follow."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.roles import Role
from miss.server.web.access import requires
from miss.server.web.forms import previous_path
from miss.server.web.sessions import require_signed_in
from miss.server.web.zones import zone_of
from teleexpertise.availability import WEEKDAYS
from teleexpertise.availability.errors import BadLimit
from teleexpertise.availability.local_time import require_zone
from teleexpertise.availability.outlook import OUTLOOK_DAYS, DayOutlook, look_ahead
from teleexpertise.planning.service import Plan
from teleexpertise.web.desk import HOME, Desk, to
from teleexpertise.web.submitted import Submitted, read_submitted
from teleexpertise.web.week_form import (
    FRENCH_ZONES,
    TERRITORIES,
    WeekFields,
    clock_time,
    other_zones,
    read_day,
    read_week,
    week_fields,
)

AVAILABILITY = "/disponibilites"
MAX_FORM_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class AvailabilityPages:
    """When the expert can be asked."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(AVAILABILITY, self.show, methods=["GET"]),
            Route(f"{AVAILABILITY}/semaine", self.save_week, methods=["POST"]),
            Route(f"{AVAILABILITY}/limites", self.save_limits, methods=["POST"]),
            Route(f"{AVAILABILITY}/absence", self.leave, methods=["POST"]),
            Route(f"{AVAILABILITY}/retour", self.come_back, methods=["POST"]),
            Route(f"{AVAILABILITY}/annuler", self.undo, methods=["POST"]),
        ]

    @requires(Role.EXPERT)
    async def show(self, request: Request) -> Response:
        """The week as it is."""
        return await self._page(request)

    @requires(Role.EXPERT)
    async def save_week(self, request: Request) -> Response:
        """The week as it was drawn."""
        fields = read_week(await read_submitted(request, MAX_FORM_BYTES))
        reader, availabilities = self.desk.reader(request), self.desk.service.availabilities
        try:
            await availabilities.replace_week(reader, fields.slots(), fields.holidays())
        except MissError as error:
            return await self._page(request, error, fields)
        return to(f"{AVAILABILITY}?fait=semaine")

    @requires(Role.EXPERT)
    async def save_limits(self, request: Request) -> Response:
        """How many requests at once, and in a week."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        try:
            await self.desk.service.availabilities.limit(
                self.desk.reader(request), cap=_limit(submitted, "cap"), weekly_quota=_limit(submitted, "weekly_quota")
            )
        except MissError as error:
            return await self._page(request, error)
        return to(f"{AVAILABILITY}?fait=limites")

    @requires(Role.EXPERT)
    async def leave(self, request: Request) -> Response:
        """Be away from now on: an absence of « Mon compte », which is the one truth about it."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        plan = await self.desk.service.planning.plan(self.desk.reader(request))
        today = self._today(plan)
        try:
            last_day = _until(submitted, today)
            account = require_signed_in(request).account
            await self.desk.service.absences.add(account, today, last_day, "", "", today=today)
        except MissError as error:
            return await self._page(request, error)
        return to(f"{AVAILABILITY}?fait=absence")

    @requires(Role.EXPERT)
    async def come_back(self, request: Request) -> Response:
        """Take an absence back."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        try:
            await self.desk.service.absences.remove(require_signed_in(request).account, submitted.first("absence"))
        except MissError as error:
            return await self._page(request, error)
        return to(f"{AVAILABILITY}?fait=retour")

    @requires(Role.EXPERT)
    async def undo(self, request: Request) -> Response:
        """Go back to the calendar before the last change, and to the page where it was made."""
        try:
            await self.desk.service.availabilities.undo(self.desk.reader(request))
        except MissError as error:
            return await self._page(request, error)
        came_from = previous_path(request, f"{HOME}{AVAILABILITY}").removeprefix(HOME)
        page = came_from if came_from.startswith(AVAILABILITY) else AVAILABILITY
        return to(f"{page}?fait=annule")

    async def _page(
        self, request: Request, error: MissError | None = None, typed: WeekFields | None = None
    ) -> Response:
        plan = await self.desk.service.planning.plan(self.desk.reader(request))
        today = self._today(plan)
        own = await self.desk.service.absences.list_(require_signed_in(request).account, today=today)
        # Who has drawn nothing yet is asked on their own clock, which may not be that of their pool.
        fields = typed or week_fields(plan.declared, zone_of(request).key)
        return await show_plan(
            self.desk, request, "availability.html", plan, error,
            fields=fields,
            away=next((one for one in own if one.covers(today)), None),
            tomorrow=today + timedelta(days=1),
            days=WEEKDAYS,
            territories=TERRITORIES,
            french_zones=FRENCH_ZONES,
            other_zones=other_zones(),
        )  # fmt: skip

    def _today(self, plan: Plan) -> date:
        return today_of(self.desk, plan)


def today_of(desk: Desk, plan: Plan) -> date:
    """The day it is where the expert is."""
    return desk.service.parts.clock.now().astimezone(ZoneInfo(plan.zone)).date()


def show_plan(
    desk: Desk, request: Request, template: str, plan: Plan, error: MissError | None = None, **context: Any
) -> Awaitable[Response]:
    """A page about an expert's calendar, with what comes of it in the weeks ahead."""
    language = desk.language(request)
    return desk.render(
        request,
        template,
        error.http_status if error else 200,
        plan=plan,
        error=error.sentence(language) if error else "",
        done=request.query_params.get("fait", ""),
        weeks=_weeks(plan, today_of(desk, plan)),
        today=today_of(desk, plan),
        hm=partial(clock_time, language=language),
        day_names=[name.in_(language) for name in WEEKDAYS],
        **context,
    )


def _weeks(plan: Plan, today: date) -> list[list[DayOutlook]]:
    """Four weeks from today on."""
    ahead = list(look_ahead(plan.counts, require_zone(plan.zone), today, OUTLOOK_DAYS))
    return [ahead[first : first + 7] for first in range(0, len(ahead), 7)]


def _until(submitted: Submitted, today: date) -> date:
    """The last day of an absence that begins now.  Raises DayUnreadable."""
    match submitted.first("until"):
        case "tonight":
            return today
        case "tomorrow":
            return today + timedelta(days=1)
        case _:
            return read_day(submitted.first("last_day"))


def _limit(submitted: Submitted, name: str) -> int | None:
    """Raises BadLimit."""
    typed = submitted.first(name)
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4):
        raise BadLimit
    return int(typed)
