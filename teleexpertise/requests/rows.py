"""What of a request stands in the columns of its row, in which order; what it says is sealed, and not here.  Pure."""

from collections.abc import Sequence
from typing import Any, Final

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.requests.model import ExpertiseRequest, Sent, State

KEPT: Final = ("id", "number", "requester_id", "created_at")
"""Written once; their values: `kept`."""
MOVED: Final = (
    "state", "canonical", "pool_id", "holder_id", "attempt_id", "submitted_at", "deadline_at", "half_at", "most_at",
    "reminded_at", "offer_expires_at", "held_since", "ended_at", "follows_id", "continuity_id",
)  # fmt: skip
"""Written by every move; their values: `moved`."""


def kept(request: ExpertiseRequest) -> tuple[Any, ...]:
    """The values of `KEPT`."""
    return request.id, request.number, request.requester, request.created_at


def moved(request: ExpertiseRequest) -> tuple[Any, ...]:
    """The values of `MOVED`."""
    sent = request.sent
    half_at, most_at = (sent.remind_at if sent else ()) or (None, None)
    return (
        request.state, request.canonical, sent.pool_id if sent else "", request.holder or "", request.attempt_id,
        sent.at if sent else None, sent.deadline_at if sent else None, half_at, most_at,
        request.reminded_at, request.offer_expires_at, request.held_since, request.ended_at,
        request.follows or "", request.continuity or "",
    )  # fmt: skip


def read(row: Sequence[Any]) -> ExpertiseRequest:
    """The request of a row's `KEPT` and `MOVED`."""
    (
        id_, number, requester_id, created_at,
        state, canonical, pool_id, holder_id, attempt_id, submitted_at, deadline_at, half_at, most_at,
        reminded_at, offer_expires_at, held_since, ended_at, follows_id, continuity_id,
    ) = row  # fmt: skip
    remind_at = (half_at, most_at) if half_at and most_at else ()
    return ExpertiseRequest(
        id=RequestId(id_),
        number=number,
        requester=PractitionerId(requester_id),
        state=State(state),
        canonical=canonical,
        created_at=created_at,
        sent=Sent(PoolId(pool_id), submitted_at, deadline_at, remind_at) if submitted_at and deadline_at else None,
        holder=PractitionerId(holder_id) if holder_id else None,
        attempt_id=attempt_id,
        offer_expires_at=offer_expires_at,
        held_since=held_since,
        ended_at=ended_at,
        reminded_at=reminded_at,
        follows=RequestId(follows_id) if follows_id else None,
        continuity=PractitionerId(continuity_id) if continuity_id else None,
    )
