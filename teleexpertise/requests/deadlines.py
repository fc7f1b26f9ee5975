"""When an answer is due: what was wished for, what a red flag forces, what the pool promises; the earliest of them.

« 24 h ouvrées » is the same time on the next day on which the pool works, as professionals mean it; the other wishes
are elapsed time.  A deadline that a clarification paused is moved by the working time it had left, as are the instants
at which somebody is reminded of it (teleexpertise.md §5).
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from teleexpertise.availability import Availability, add_working_time, working_time_between
from teleexpertise.availability.local_time import first_instant, require_zone
from teleexpertise.dispatch.model import Pool
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse
from teleexpertise.requests.model import ENDED, ExpertiseRequest, Sent, State

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
REMINDED_AT = ((1, 2), (4, 5))
"""The shares of its time at which whoever holds a request is reminded."""
SILENCE_DAYS = (3, 10)
"""Working days of silence after which the requester is reminded, and the request closed."""


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


def resumed(instant: datetime, *, held_since: datetime, now: datetime, hours: Availability) -> datetime:
    """An instant after a pause: the working time that was left runs on from `now`.  What had passed stays passed."""
    if instant <= held_since:
        return instant
    return max(instant, add_working_time(now, working_time_between(held_since, instant, hours), hours))


def resume(request: ExpertiseRequest, hours: Availability, now: datetime) -> Sent:
    """What was sent, with the instants that a pause moved, if there was one.  Raises StateForbids, NeverOpen."""
    sent, held_since = request.require_sent(), request.held_since
    if held_since is None:
        return sent
    return sent.moved(lambda instant: resumed(instant, held_since=held_since, now=now, hours=hours))


def reminders_at(sent_at: datetime, deadline_at: datetime, hours: Availability) -> tuple[datetime, ...]:
    """When half, then four fifths of the working time to a deadline are gone; of elapsed time where none is worked."""
    total = working_time_between(sent_at, deadline_at, hours)
    if not total:
        return tuple(sent_at + (deadline_at - sent_at) * part / whole for part, whole in REMINDED_AT)
    return tuple(add_working_time(sent_at, total * part / whole, hours) for part, whole in REMINDED_AT)


def silent_at(held_since: datetime, pool: Pool) -> tuple[datetime, ...]:
    """When a requester who says nothing is reminded, and when the request is closed."""
    days = [held_since]
    for _ in range(max(SILENCE_DAYS)):
        days.append(next_working_day(days[-1], pool.hours, pool.zone))
    return tuple(days[number] for number in SILENCE_DAYS)


def next_reminder(request: ExpertiseRequest, pool: Pool) -> datetime | None:
    """When somebody has to be told that time runs; past the deadline, each working day.  None: no clock runs."""
    sent = request.sent
    if sent is None or request.state in ENDED:
        return None
    if request.state is State.ON_HOLD and request.held_since is not None:
        since, instants = request.held_since, silent_at(request.held_since, pool)
    else:
        since, instants = sent.at, (*sent.remind_at, sent.deadline_at)
    told = max(request.reminded_at or since, since)
    ahead = [instant for instant in instants if instant > told]
    return min(ahead) if ahead else next_working_day(told, pool.hours, pool.zone)
