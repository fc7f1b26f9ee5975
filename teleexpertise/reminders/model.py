"""What a reminder that is due says, and to whom.  Pure: a request, its pool and an instant in, a stage out."""

from datetime import datetime
from enum import StrEnum

from teleexpertise.dispatch import Pool
from teleexpertise.requests.deadlines import next_reminder, silent_at
from teleexpertise.requests.model import ExpertiseRequest, State


class Stage(StrEnum):
    """How far time has run.  The values are the reasons of the facts."""

    HALF = "half"
    """The holder is reminded."""
    MOST = "most"
    """The holder again; the coordinator if there is none."""
    OVERDUE = "overdue"
    """Coordinator and requester are told."""
    STILL_OVERDUE = "still_overdue"
    """The coordinator again, each working day."""
    SILENT = "silent"
    """The requester has not answered a question."""
    TOO_SILENT = "too_silent"
    """Nor will they: the request is closed."""


def stage_of(request: ExpertiseRequest, pool: Pool, now: datetime) -> Stage | None:
    """What is due now; None: nothing yet, or nothing any more.

    After a time in which nothing ran, the latest stage alone is said.
    """
    due_at = next_reminder(request, pool)
    if due_at is None or now < due_at:
        return None
    sent = request.require_sent()
    if request.state is State.ON_HOLD and request.held_since is not None:
        _, closes_at = silent_at(request.held_since, pool)
        return Stage.TOO_SILENT if now >= closes_at else Stage.SILENT
    if now < sent.deadline_at:
        is_half = not sent.remind_at or now < sent.remind_at[-1]
        return Stage.HALF if is_half else Stage.MOST
    was_told = request.reminded_at is not None and request.reminded_at >= sent.deadline_at
    return Stage.STILL_OVERDUE if was_told else Stage.OVERDUE
