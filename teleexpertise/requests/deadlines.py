"""When an answer is due: what was wished for, what a red flag forces, what the pool promises; the earliest of them.

« 24 h ouvrées » is the same time on the next day on which the pool works, as professionals mean it; the other wishes
are elapsed time.  A deadline that a clarification paused is moved by the working time it had left.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from teleexpertise.availability import Availability, add_working_time, working_time_between
from teleexpertise.availability.local_time import first_instant, require_zone
from teleexpertise.dispatch.model import Pool
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse

WISH = "c.delai"
"""The item of the common part that holds the wish."""
WISHES: Mapping[str, timedelta | None] = {
    "24h": timedelta(days=1),
    "72h": timedelta(hours=72),
    "7j": timedelta(days=7),
    "sans-urgence": None,
}
NEXT_WORKING_DAY = "24h"
LONGEST_CLOSURE_DAYS = 31


def due_at(pool: Pool, response: QuestionnaireResponse, *, red_flag_hours: int | None, sent_at: datetime) -> datetime:
    """The deadline (UTC) of a request sent at `sent_at`.  Raises NeverOpen for a pool without hours."""
    at_most = timedelta(hours=red_flag_hours) if red_flag_hours is not None else None
    promised = pool.due_at(sent_at, at_most=at_most)
    wish = response.first(WISH)
    code = wish.code if isinstance(wish, Coding) else ""
    if code == NEXT_WORKING_DAY:
        return min(promised, next_working_day(sent_at, pool.hours, pool.zone))
    wished = WISHES.get(code)
    return promised if wished is None else min(promised, sent_at + wished)


def next_working_day(sent_at: datetime, hours: Availability, zone_name: str) -> datetime:
    """The same local time on the next day on which `hours` hold an opening."""
    zone = require_zone(zone_name)
    local = sent_at.astimezone(zone)
    for days in range(1, LONGEST_CLOSURE_DAYS + 1):
        day = local.date() + timedelta(days=days)
        midnight, next_midnight = (first_instant(day + timedelta(days=n), time(0), zone) for n in (0, 1))
        if hours.next_opening(midnight, next_midnight) is not None:
            return first_instant(day, local.time(), zone)
    return sent_at + timedelta(days=LONGEST_CLOSURE_DAYS)


def resumed(deadline_at: datetime, *, held_since: datetime, now: datetime, hours: Availability) -> datetime:
    """The deadline after a pause: the working time that was left runs on from `now`."""
    return max(deadline_at, add_working_time(now, working_time_between(held_since, deadline_at, hours), hours))
