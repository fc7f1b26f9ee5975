"""« Congés et jours particuliers »: days on which no advice is given, and days unlike the week."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.roles import Role
from miss.server.web.access import requires
from miss.server.web.sessions import require_signed_in
from teleexpertise.availability import Leave
from teleexpertise.web.availability_pages import AVAILABILITY, MAX_FORM_BYTES, show_plan, today_of
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.submitted import Submitted, read_submitted
from teleexpertise.web.week_form import EXCEPTION_ROWS, read_day, read_exception

DAYS_PAGE = f"{AVAILABILITY}/jours"
_PAST_SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AvailabilityDays:
    """Days that are unlike the others."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(DAYS_PAGE, self.show, methods=["GET"]),
            Route(f"{DAYS_PAGE}/conges", self.add_leave, methods=["POST"]),
            Route(f"{DAYS_PAGE}/conges/retrait", self.remove_leave, methods=["POST"]),
            Route(f"{DAYS_PAGE}/exceptions", self.put_exception, methods=["POST"]),
            Route(f"{DAYS_PAGE}/exceptions/retrait", self.remove_exception, methods=["POST"]),
        ]

    @requires(Role.EXPERT)
    async def show(self, request: Request) -> Response:
        """What was said of single days."""
        return await self._page(request)

    @requires(Role.EXPERT)
    async def add_leave(self, request: Request) -> Response:
        """Days without advice."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        try:
            await self.desk.service.availabilities.add_leave(self.desk.reader(request), _leave(submitted))
        except MissError as error:
            return await self._page(request, error, submitted)
        return to(f"{DAYS_PAGE}?fait=conge")

    @requires(Role.EXPERT)
    async def remove_leave(self, request: Request) -> Response:
        """Take leave back."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        try:
            await self.desk.service.availabilities.remove_leave(self.desk.reader(request), _leave(submitted))
        except MissError as error:
            return await self._page(request, error)
        return to(f"{DAYS_PAGE}?fait=retrait")

    @requires(Role.EXPERT)
    async def put_exception(self, request: Request) -> Response:
        """One day, unlike the others."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        reader, service = self.desk.reader(request), self.desk.service
        plan = await service.planning.plan(reader)
        try:
            await service.availabilities.put_exception(reader, read_exception(submitted, plan.zone))
        except MissError as error:
            return await self._page(request, error, submitted)
        return to(f"{DAYS_PAGE}?fait=exception")

    @requires(Role.EXPERT)
    async def remove_exception(self, request: Request) -> Response:
        """A day like the others again."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        try:
            day = read_day(submitted.first("day"))
            await self.desk.service.availabilities.remove_exception(self.desk.reader(request), day)
        except MissError as error:
            return await self._page(request, error)
        return to(f"{DAYS_PAGE}?fait=retrait")

    async def _page(self, request: Request, error: MissError | None = None, typed: Submitted | None = None) -> Response:
        plan = await self.desk.service.planning.plan(self.desk.reader(request))
        today, account = today_of(self.desk, plan), require_signed_in(request).account
        since = today - _PAST_SHOWN
        leaves = sorted(plan.declared.leaves, key=lambda leave: leave.first_day)
        exceptions = sorted(plan.declared.exceptions, key=lambda exception: exception.day)
        return await show_plan(
            self.desk, request, "availability_days.html", plan, error,
            leaves=[leave for leave in leaves if leave.last_day >= since],
            exceptions=[exception for exception in exceptions if exception.day >= since],
            absences=await self.desk.service.absences.list_(account, today=today),
            typed=typed or Submitted({}, ()),
            exception_rows=range(EXCEPTION_ROWS),
        )  # fmt: skip


def _leave(submitted: Submitted) -> Leave:
    """Raises DayUnreadable, BadLeave."""
    return Leave(read_day(submitted.first("first_day")), read_day(submitted.first("last_day")))
