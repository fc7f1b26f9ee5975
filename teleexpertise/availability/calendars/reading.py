"""Read an iCalendar file for the hours that it takes: VEVENT as busy, VAVAILABILITY as busy outside of AVAILABLE.

A calendar from outside may be a bomb: an event each second, or a rule whose day never comes, which the library follows
until the year 9999 (UNTIL does not help: it is looked at when a day comes).  What can be told is refused by a word from
`Refusal`; what cannot is stopped by the limits of a process of its own (`sandbox`): this file is also that process, so
it imports nothing of ours.

Recurrence is expanded by recurring-ical-events, which gets overrides, exceptions and nights of the change of clocks
right; it ignores VAVAILABILITY, which is expanded here (ADR 38).  Sources: RFC 5545, RFC 7953 §3 and §4.
"""

import json
import re
import sys
import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component, Event

MAX_EVENTS = 5_000
MAX_BUSY = 5_000
"""Intervals of the result: a night is short, the weeks that are looked at are few."""
MAX_OCCURRENCES = 200_000
"""Of all rules together, counted from their first day to the last that is looked at."""
MAX_A_DAY = 24

MEMORY_BYTES = 1 << 29
CPU_S = 10

_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
_BLOCK = re.compile(rb"^BEGIN:(?:VEVENT|AVAILABLE)\s*$", re.IGNORECASE | re.MULTILINE)
_FREE = {"FREE", "WORKINGELSEWHERE"}

Span = tuple[datetime, datetime]
"""[start, end), UTC."""


class Refusal(StrEnum):
    """Why a calendar was not taken; what follows the colon in an answer is the zone or the rule."""

    UNREADABLE = "unreadable"
    TOO_MANY = "too_many"
    TOO_HEAVY = "too_heavy"
    RULE = "rule"
    ZONE = "zone"


class CalendarRefused(Exception):
    """`refusal` says why, `detail` names the zone or the rule; nothing else of the file is quoted."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.detail = detail


def read_calendar(data: bytes, zone: ZoneInfo, after: datetime, before: datetime) -> tuple[list[Span], int, int]:
    """When its owner is busy in [after, before), how many events there are, how many of them cannot be read.

    `zone`: where hours without a zone, and whole days, are meant.  Raises CalendarRefused.
    """
    if len(_BLOCK.findall(data)) > MAX_EVENTS:
        raise CalendarRefused(Refusal.TOO_MANY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calendars = [one for one in Calendar.from_ical(data, multiple=True) if one.name == "VCALENDAR"]
            read = [_read(calendar, zone, after, before) for calendar in calendars]
    except CalendarRefused:
        raise
    except MemoryError:
        raise CalendarRefused(Refusal.TOO_HEAVY) from None
    except Exception:  # what two parsers let through on files that are none is not one family of errors
        raise CalendarRefused(Refusal.UNREADABLE) from None
    if not read:
        raise CalendarRefused(Refusal.UNREADABLE)
    busy = _joined(span for spans, _, _ in read for span in spans)
    if len(busy) > MAX_BUSY:
        raise CalendarRefused(Refusal.TOO_HEAVY)
    return busy, sum(events for _, events, _ in read), sum(skipped for _, _, skipped in read)


def _read(calendar: Component, zone: ZoneInfo, after: datetime, before: datetime) -> tuple[list[Span], int, int]:
    events = calendar.walk("VEVENT")
    sound = [event for event in events if _is_sound(event)]
    windows = [window for window in calendar.walk("VAVAILABILITY") if not window.errors]
    opened = [one for window in windows for one in window.walk("AVAILABLE") if _is_sound(one)]
    for component in (*sound, *windows, *opened):
        _require_zones(component)
    _require_bounded([*sound, *opened], before)
    # One occurrence of a series may be free, or cancelled: each is asked.
    spans = [_span(one, zone) for one in _occurrences(calendar, sound, after, before) if _takes_time(one)]
    spans += _outside_available(calendar, windows, zone, after, before)
    return _cut(_joined(spans), after, before), len(events), len(events) - len(sound)


def _is_sound(component: Component) -> bool:
    """Its dates and its rule can be read."""
    return "DTSTART" in component and not component.errors


def _takes_time(event: Component) -> bool:
    """RFC 5545 §3.8.2.7 and §3.8.1.11, and what Outlook writes beside."""
    shown = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    return str(event.get("TRANSP", "")).upper() != "TRANSPARENT" and not cancelled and shown not in _FREE


def _require_zones(component: Component) -> None:
    """A zone that nobody knows leaves a time without one: to guess it would open somebody at the wrong hour."""
    for _, value in component.property_items(recursive=False):
        zone = str(getattr(value, "params", {}).get("TZID", ""))
        dates = [one.dt for one in getattr(value, "dts", [])] or [getattr(value, "dt", None)]
        if zone and any(isinstance(at, datetime) and at.tzinfo is None for at in dates):
            raise CalendarRefused(Refusal.ZONE, zone[:80])


def _rules(component: Component) -> list[Any]:
    rules: Any = component.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


def _require_bounded(components: Iterable[Component], before: datetime) -> None:
    """Refuse rules within the day, and more occurrences than anybody's agenda has."""
    occurrences = 0
    for component in components:
        first = _date(component, "DTSTART")
        days = max((before.date() - (first.date() if isinstance(first, datetime) else first)).days, 1)
        for rule in _rules(component):
            frequency = str(next(iter(rule.get("FREQ", [""])))).upper()
            times = 1
            for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
                times *= max(len(rule.get(part, [])), 1)
            if frequency not in _DAYS or times > MAX_A_DAY:
                raise CalendarRefused(Refusal.RULE, f"FREQ={frequency}"[:40])
            occurrences += days * times // _DAYS[frequency] + 1
    if occurrences > MAX_OCCURRENCES:
        raise CalendarRefused(Refusal.TOO_HEAVY)


def _occurrences(
    calendar: Component, events: Iterable[Component], after: datetime, before: datetime
) -> Iterable[Component]:
    """Every occurrence that touches [after, before), a day more on each side for hours without a zone."""
    alone = Calendar()
    for zone in calendar.walk("VTIMEZONE"):
        alone.add_component(zone)
    for event in events:
        alone.add_component(event)
    query = recurring_ical_events.of(alone, skip_bad_series=True)
    margin = timedelta(days=1)
    found: Iterable[Component] = query.between(after - margin, before + margin)
    return found


def _outside_available(
    calendar: Component, windows: list[Component], zone: ZoneInfo, after: datetime, before: datetime
) -> list[Span]:
    """Busy by VAVAILABILITY: inside its bounds but outside of AVAILABLE; the smallest PRIORITY goes first, 0 last."""
    undecided, busy = [(after, before)], []
    for window in sorted(windows, key=lambda one: int(str(one.get("PRIORITY", 0))) or 10):
        start = _instant(_date(window, "DTSTART"), zone) if "DTSTART" in window else after
        end = _instant(_date(window, "DTEND"), zone) if "DTEND" in window else before
        if "DURATION" in window:
            end = start + _date(window, "DURATION")
        available = [_as_event(one) for one in window.walk("AVAILABLE") if _is_sound(one)]
        free = _joined(_span(one, zone) for one in _occurrences(calendar, available, after, before))
        decided = [span for one in undecided for span in _cut([(start, end)], *one)]
        busy += _without(decided, free)
        undecided = _without(undecided, [(start, end)] if start < end else [])
    return busy


def _as_event(available: Component) -> Component:
    """AVAILABLE repeats as VEVENT does (RFC 7953 §3.1), and the library knows that one only."""
    event = Event()
    for name, value in available.items():
        event[name] = value
    return event


def _span(occurrence: Component, zone: ZoneInfo) -> Span:
    start, end = (_instant(_date(occurrence, name), zone) for name in ("DTSTART", "DTEND"))
    return start, end


def _date(component: Component, name: str) -> Any:
    """A date, an instant, or a duration (DURATION): what the parser made of that property."""
    value: Any = component[name]
    return value.dt


def _instant(at: date | datetime, zone: ZoneInfo) -> datetime:
    wall = at if isinstance(at, datetime) else datetime.combine(at, time())
    return (wall if wall.tzinfo else wall.replace(tzinfo=zone)).astimezone(UTC)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif start < end:
            joined.append((start, end))
    return joined


def _cut(spans: Iterable[Span], after: datetime, before: datetime) -> list[Span]:
    cut = ((max(start, after), min(end, before)) for start, end in spans)
    return [(start, end) for start, end in cut if start < end]


def _without(spans: Iterable[Span], taken: list[Span]) -> list[Span]:
    left: list[Span] = []
    for begin, end in spans:
        start = begin
        for taken_start, taken_end in taken:
            left += _cut([(start, end)], start, min(taken_start, end))
            start = max(start, taken_end)
        left += _cut([(start, end)], start, end)
    return left


def _limit_this_process() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(asked: dict[str, Any], data: bytes) -> bytes:
    after, before = (datetime.fromtimestamp(asked[name], UTC) for name in ("after", "before"))
    try:
        busy, events, skipped = read_calendar(data, ZoneInfo(asked["zone"]), after, before)
    except CalendarRefused as refused:
        return b"-" + f"{refused.refusal.value}:{refused.detail}".encode()
    pairs = [[int(start.timestamp()), int(end.timestamp())] for start, end in busy]
    return b"+" + json.dumps({"busy": pairs, "events": events, "skipped": skipped}).encode()


def main(source: BinaryIO, target: BinaryIO) -> None:
    """A line of JSON (`zone`, and `after` and `before` in seconds) and a calendar from `source`; to `target` `+` and
    what was read, as JSON, or `-` and the refusal."""
    _limit_this_process()
    target.write(_answer(json.loads(source.readline()), source.read()))
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
