"""Slots, leave, exceptions, holidays, and the openings they make (teleexpertise.md §6).

Pure: local times and zones in, UTC openings out.  Every rule is about one local day of the slot's own zone:
an exception goes before leave, leave before public holidays, those before the weekly slots.  What remains is cut by
the appointments of imported calendars, whatever the day.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter

from miss.base.text import Text
from teleexpertise.availability.errors import BadLeave, BadLimit, BadSlot
from teleexpertise.availability.holidays import Territory, public_holidays
from teleexpertise.availability.local_time import first_instant, require_zone

DAY = timedelta(days=1)
MIDNIGHT = time(0)
WEEKDAYS = (
    Text(fr="lundi", en="Monday"),
    Text(fr="mardi", en="Tuesday"),
    Text(fr="mercredi", en="Wednesday"),
    Text(fr="jeudi", en="Thursday"),
    Text(fr="vendredi", en="Friday"),
    Text(fr="samedi", en="Saturday"),
    Text(fr="dimanche", en="Sunday"),
)
"""In the order of `date.weekday()`."""


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """An interval [start, end) of instants, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """Hours of one local day.  `end` at 00:00 is the midnight that ends the day.

    A slot stays inside its day, so that leave and holidays cut it where the calendar does: a night is two slots that
    meet at midnight, and their openings are one.  Raises BadSlot, UnknownZone.
    """

    start: time
    end: time
    zone: str
    """IANA name, « Indian/Reunion »."""

    def __post_init__(self) -> None:
        local = self.start.tzinfo is None and self.end.tzinfo is None
        if not (local and (self.start < self.end or self.end == MIDNIGHT)):
            raise BadSlot(start=self.start.isoformat("minutes"), end=self.end.isoformat("minutes"))
        require_zone(self.zone)

    def on(self, day: date) -> Opening | None:
        """The instants of this slot on that local day; None if the night's change of clocks skips it whole."""
        zone = require_zone(self.zone)
        start = first_instant(day, self.start, zone)
        end = first_instant(day + DAY if self.end == MIDNIGHT else day, self.end, zone)
        return Opening(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class WeeklySlot:
    """Hours that come back every week."""

    weekday: int
    """As `date.weekday()`: 0 is Monday."""
    start: time
    end: time
    zone: str

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("a weekday is 0 (Monday) to 6 (Sunday)")
        _ = self.slot

    @property
    def slot(self) -> Slot:
        """Its hours."""
        return Slot(self.start, self.end, self.zone)


@dataclass(frozen=True, slots=True)
class Leave:
    """Whole local days away, both ends included.  No reason is kept.  Raises BadLeave."""

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise BadLeave(first_day=self.first_day, last_day=self.last_day)

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class DayException:
    """One day that is unlike the others: these hours and no others; none: closed."""

    day: date
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Availability:
    """What one expert declared, or the hours of a pool."""

    weekly: tuple[WeeklySlot, ...] = ()
    leaves: tuple[Leave, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    """At most one a day counts: the last."""
    territory: Territory | None = Territory.METROPOLE
    """Whose public holidays are kept; None: works through them."""
    cap: int | None = None
    """Requests that the expert wants to hold at once in a pool, at most; None: what the pool's terms say."""
    weekly_quota: int | None = None
    """Turns that the expert wants to take in a week of a pool, at most; None: what the pool's terms say."""
    busy: tuple[Opening, ...] = ()
    """Appointments of imported calendars, in order and apart from one another: not declared here, but read for it."""

    def __post_init__(self) -> None:
        for limit in (self.cap, self.weekly_quota):
            if limit is not None and limit < 1:
                raise BadLimit

    def openings(self, after: datetime, before: datetime) -> Iterator[Opening]:
        """The openings inside [after, before) in order, apart from one another, cut at both ends.

        Lazy: asking for the first one of a year costs a few days.
        """
        yield from without(self._declared(after.astimezone(UTC), before.astimezone(UTC)), self.busy)

    def _declared(self, start: datetime, end: datetime) -> Iterator[Opening]:
        """As `openings`, before imported calendars are looked at."""
        exceptions = {exception.day: exception for exception in self.exceptions}
        # No zone is a day away from UTC: the local days that touch [start, end) lie within these.
        day, last_day = start.date() - DAY, end.date() + DAY
        pending: list[Opening] = []
        while day <= last_day and not (pending and pending[0].start >= end):
            pending = merged([*pending, *self._on(day, exceptions)])
            # What a later day may still add begins after this day's midnight, less the offset of the zone.
            settled = datetime.combine(day, MIDNIGHT, UTC)
            while pending and pending[0].end < settled:
                yield from _cut(pending.pop(0), start, end)
            day += DAY
        for opening in pending:
            yield from _cut(opening, start, end)

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies in an opening."""
        return self.next_opening(at, at + datetime.resolution) is not None

    def next_opening(self, after: datetime, before: datetime) -> datetime | None:
        """The first open instant (UTC) in [after, before): `after` itself if open then; None if there is none."""
        return next((opening.start for opening in self.openings(after, before)), None)

    def following(self, hours: "Availability") -> "Availability":
        """Whoever drew no week keeps `hours` (a pool's), less their own leave, with their own exceptions."""
        if self.weekly:
            return self
        own = {exception.day for exception in self.exceptions}
        # An extra Saturday of the pool does not call back whoever is on leave that day.
        kept = tuple(e for e in hours.exceptions if e.day not in own and not self._on_leave(e.day))
        return replace(
            self,
            weekly=hours.weekly,
            leaves=hours.leaves + self.leaves,
            exceptions=kept + self.exceptions,
            territory=hours.territory,
        )

    def _on(self, day: date, exceptions: dict[date, DayException]) -> Iterator[Opening]:
        if day in exceptions:
            slots: Sequence[Slot] = exceptions[day].slots
        elif self._on_leave(day) or (self.territory and day in public_holidays(self.territory, day.year)):
            slots = ()
        else:
            slots = [weekly.slot for weekly in self.weekly if weekly.weekday == day.weekday()]
        return (opening for slot in slots if (opening := slot.on(day)))

    def _on_leave(self, day: date) -> bool:
        return any(day in leave for leave in self.leaves)


_JSON = TypeAdapter(Availability)


def availability_to_json(availability: Availability) -> dict[str, Any]:
    """For a JSON column: local times and zone names, as they were declared; `busy` was not, and stays out."""
    dumped: dict[str, Any] = _JSON.dump_python(availability, mode="json", exclude={"busy"})
    return dumped


def availability_from_json(value: Any) -> Availability:
    """The inverse of `availability_to_json`.  Raises pydantic.ValidationError for anything else."""
    return _JSON.validate_python(value)


def availability_from_text(value: str) -> Availability:
    """`availability_from_json` of a column's own text."""
    return _JSON.validate_json(value)


def without(openings: Iterable[Opening], busy: Sequence[Opening]) -> Iterator[Opening]:
    """What is left of `openings` outside `busy`; both in order and apart from one another."""
    for opening in openings:
        start = opening.start
        # Appointments are few beside what is asked of them; those that are over are skipped at once.
        for taken in busy[bisect_right(busy, start, key=_end) :]:
            if taken.start >= opening.end:
                break
            if start < taken.start:
                yield Opening(start, taken.start)
            start = taken.end
        if start < opening.end:
            yield Opening(start, opening.end)


def _end(opening: Opening) -> datetime:
    return opening.end


def merged(openings: Iterable[Opening]) -> list[Opening]:
    """In order; those that overlap or touch become one."""
    joined: list[Opening] = []
    for opening in sorted(openings):
        if joined and opening.start <= joined[-1].end:
            joined[-1] = Opening(joined[-1].start, max(joined[-1].end, opening.end))
        else:
            joined.append(opening)
    return joined


def _cut(opening: Opening, after: datetime, before: datetime) -> Iterator[Opening]:
    start, end = max(opening.start, after), min(opening.end, before)
    if start < end:
        yield Opening(start, end)
