"""What the days ahead look like once every rule has had its say: for the expert who looks at their own calendar.  Pure.

What is shown comes from `Availability.openings`, as dispatch reads it; the reason only names why a day is unlike the
week that was drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from teleexpertise.availability.holidays import public_holidays
from teleexpertise.availability.local_time import first_instant
from teleexpertise.availability.model import DAY, Availability

OUTLOOK_DAYS = 28


class DayKind(StrEnum):
    """Which rule decided a day."""

    EXCEPTION = "exception"
    LEAVE = "leave"
    HOLIDAY = "holiday"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class DayOutlook:
    """One local day."""

    day: date
    kind: DayKind
    hours: tuple[tuple[time, time], ...]
    """Open from, until (00:00: the midnight that ends the day), on the wall clock of the zone that was asked for."""
    is_cut: bool = False
    """Appointments of an imported calendar take some of it."""


def look_ahead(availability: Availability, zone: ZoneInfo, first_day: date, days: int) -> Iterator[DayOutlook]:
    """`days` days from `first_day` on, in `zone`."""
    for number in range(days):
        day = first_day + timedelta(days=number)
        start, end = first_instant(day, time(0), zone), first_instant(day + DAY, time(0), zone)
        hours = tuple(
            (_wall(opening.start, zone), _wall(opening.end, zone)) for opening in availability.openings(start, end)
        )
        is_cut = any(busy.start < end and start < busy.end for busy in availability.busy)
        yield DayOutlook(day, _kind(availability, day), hours, is_cut)


def _kind(availability: Availability, day: date) -> DayKind:
    if any(exception.day == day for exception in availability.exceptions):
        return DayKind.EXCEPTION
    if any(day in leave for leave in availability.leaves):
        return DayKind.LEAVE
    if availability.territory and day in public_holidays(availability.territory, day.year):
        return DayKind.HOLIDAY
    return DayKind.WEEK


def _wall(instant: datetime, zone: ZoneInfo) -> time:
    return instant.astimezone(zone).time().replace(second=0, microsecond=0)
