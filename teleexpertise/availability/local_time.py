"""From a wall clock to an instant, on nights when clocks change too.

One rule covers them all: a local time is the first instant at which that day's wall clock shows it or has passed it.
A time that a spring night skips becomes the instant of the change; one that an autumn night shows twice, its first
showing.  The rule keeps order, so a slot never ends before it starts.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from teleexpertise.availability.errors import UnknownZone


@cache
def require_zone(name: str) -> ZoneInfo:
    """The zone of that IANA name.  Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError: no such zone; the others: names that are folders or climb out of the database.
        raise UnknownZone(zone=name[:80]) from None


def first_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the wall clock of `zone` shows `at` on `day`, or has passed it."""
    wall = datetime.combine(day, at)
    # PEP 495: in a fold, fold=0 is the first showing; in a gap, it counts with the offset before the change,
    # which lands after the change.
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(late, zone) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # The change of clocks lies between the two, on a whole second.
    seconds = range(int(early.timestamp()), int(late.timestamp()))
    after_change = bisect_left(seconds, wall, key=lambda second: _wall(datetime.fromtimestamp(second, UTC), zone))
    return datetime.fromtimestamp(seconds.start + after_change, UTC)


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
