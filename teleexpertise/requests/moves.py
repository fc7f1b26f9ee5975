"""The moves of a request off the plain way: referred elsewhere, closed, opened again, called off, corrected.

Pure, as `model`, whose rules hold here too: a function from a request to the one after it and the fact that happened.
Source: teleexpertise.md §5.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from miss.base.ids import PractitionerId
from teleexpertise.dispatch.attempts.model import DeclineReason
from teleexpertise.requests.errors import CallOffTooLate, ReopenTooLate
from teleexpertise.requests.model import (
    TOLD,
    ExpertiseRequest,
    Fact,
    FactKind,
    Move,
    Sent,
    State,
    released,
    require_holder,
    require_requester,
    require_state,
)

CALL_OFF_WITHIN = timedelta(minutes=10)
"""How long after sending it a requester may say that it was a mistake."""
REOPEN_WITHIN = timedelta(days=30)
"""How long after it was closed a word of the requester opens it again."""


def remind(request: ExpertiseRequest, fact: Fact) -> Move:
    """Somebody was told that time runs."""
    require_state(request, State.READY, State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    return replace(request, reminded_at=fact.at), fact


def close(request: ExpertiseRequest, now: datetime) -> Move:
    """The requester never clarified.  Who held it keeps it to read, and gets it back if it is opened again."""
    require_state(request, State.ON_HOLD)
    return replace(request, state=State.CLOSED, ended_at=now), Fact(FactKind.CLOSED, now)


def reopen(request: ExpertiseRequest, by: PractitionerId, *, sent: Sent, now: datetime) -> Move:
    """A word of the requester; `sent` holds the deadline after the pause.  Raises ReopenTooLate."""
    require_requester(request, by)
    require_state(request, State.CLOSED)
    if not may_reopen(request, now):
        raise ReopenTooLate(number=request.number, days=REOPEN_WITHIN.days)
    return replace(released(request), sent=sent, ended_at=None), Fact(FactKind.REOPENED, now, by)


def may_reopen(request: ExpertiseRequest, now: datetime) -> bool:
    """Whether a word of the requester opens it again."""
    return request.state is State.CLOSED and request.ended_at is not None and now <= request.ended_at + REOPEN_WITHIN


def call_off(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """It was sent by mistake, and nobody has taken it on.  Raises CallOffTooLate."""
    require_requester(request, by)
    require_state(request, State.READY, State.ASSIGNED)
    if not may_call_off(request, now):
        raise CallOffTooLate(number=request.number, minutes=CALL_OFF_WITHIN // timedelta(minutes=1))
    return replace(released(request), state=State.IN_ERROR, ended_at=now), Fact(FactKind.IN_ERROR, now, by)


def may_call_off(request: ExpertiseRequest, now: datetime) -> bool:
    """Whether it was sent a moment ago and is nobody's work yet."""
    is_untouched = request.state in {State.READY, State.ASSIGNED}
    return is_untouched and request.sent is not None and now <= request.sent.at + CALL_OFF_WITHIN


def reassign(request: ExpertiseRequest, by: PractitionerId, *, sent: Sent, now: datetime) -> Move:
    """The coordinator takes it from who holds it; `sent` holds the deadline after the pause, if there was one."""
    require_state(request, State.READY, State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    return replace(released(request), sent=sent), Fact(FactKind.REASSIGNED, now, by)


def reorient(request: ExpertiseRequest, by: PractitionerId, reason: DeclineReason, now: datetime) -> Move:
    """The expert sends it to another pool; it is nobody's until that pool has it."""
    require_state(request, State.IN_PROGRESS)
    require_holder(request, by)
    return released(request), Fact(FactKind.REORIENTED, now, by, reason)


def correct(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert annuls the answer and replaces it; whoever told the patient has to tell them again."""
    require_state(request, *TOLD)
    require_holder(request, by)
    return replace(request, state=State.ANSWERED), Fact(FactKind.CORRECTED, now, by)
