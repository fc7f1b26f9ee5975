"""When an answer may be expected: from who is open, and how long answers took of late (teleexpertise.md §6).  Pure.

The clock of an answer starts when somebody of the pool has a slot, and runs in the pool's hours.  With too few answers
to tell, the pool's promise is all there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from teleexpertise.availability import Availability, find_working_time_end
from teleexpertise.availability.local_time import require_zone
from teleexpertise.availability.working_time import HORIZON
from teleexpertise.dispatch import Pool

LOOK_BACK = timedelta(days=28)
FEWEST = 5
"""Answers below which a median says nothing."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """« Réponse attendue sous 1 jour ouvré, avant mardi 18 h »."""

    working_days: int
    """Days on which the pool works, after the day it is asked, up to that of half of the answers; 0: the same day."""
    before: datetime
    """Nine answers out of ten have come by then; UTC, on a whole hour."""
    is_measured: bool
    """From answers of the last four weeks; False: from what the pool promises."""


def expect(
    pool: Pool, experts: Sequence[Availability], worked: Sequence[timedelta], asked_at: datetime
) -> Expectation | None:
    """When an answer to what is asked at `asked_at` may come; None: nobody has a slot, or too little time is open.

    `experts`: what each active member declared.  `worked`: the pool's working time that each of its latest answers
    took, from sending to the answer.
    """
    openings = (one.following(pool.hours).next_opening(asked_at, asked_at + HORIZON) for one in experts)
    starts_at = min((opening for opening in openings if opening is not None), default=None)
    if starts_at is None:
        return None
    is_measured = len(worked) >= FEWEST
    if is_measured:
        half, most = percentile(worked, 0.5), percentile(worked, 0.9)
        half_at, most_at = (find_working_time_end(starts_at, took, pool.hours) for took in (half, most))
    else:
        # The promise runs from the sending, whoever is there: it is the deadline.
        half_at = most_at = find_working_time_end(asked_at, pool.answer_within, pool.hours)
    if half_at is None or most_at is None:
        return None
    zone = require_zone(pool.zone)
    return Expectation(_working_days(pool.hours, asked_at, half_at, zone), _whole_hour(most_at), is_measured)


def percentile(values: Sequence[timedelta], share: float) -> timedelta:
    """The smallest of `values` that `share` of them do not exceed (nearest rank)."""
    return sorted(values)[max(ceil(share * len(values)), 1) - 1]


def _working_days(hours: Availability, asked_at: datetime, until: datetime, zone: ZoneInfo) -> int:
    """Local days after that of `asked_at`, up to that of `until`, on which `hours` hold an opening."""
    first_day = asked_at.astimezone(zone).date()
    days = {opening.start.astimezone(zone).date() for opening in hours.openings(asked_at, until + datetime.resolution)}
    return sum(day > first_day for day in days)


def _whole_hour(instant: datetime) -> datetime:
    """Rounded up: a promise of minutes would be a false one."""
    floor = instant.replace(minute=0, second=0, microsecond=0)
    return floor if floor == instant else floor + timedelta(hours=1)
