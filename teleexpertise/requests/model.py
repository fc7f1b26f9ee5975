"""A request for advice: its states, and the moves between them.

The states follow FHIR ServiceRequest, and Task for each attempt at having it answered (teleexpertise.md §5).
Every move is a function from a request to the request after it and the fact that happened; a move that the state does
not allow raises, and nothing here knows a database, a mail or what was asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.dispatch.attempts.model import Attempt, DeclineReason
from teleexpertise.requests.errors import NotHolder, NotRequester, StateForbids


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    """Kept, but something is missing: the requester has been told."""
    READY = "ready"
    """Sent, and nobody holds it."""
    ASSIGNED = "assigned"
    """Offered to one expert until `offer_expires_at`."""
    IN_PROGRESS = "in_progress"
    """Accepted by the expert who holds it."""
    ON_HOLD = "on_hold"
    """The expert asked for a clarification: the deadline stands still."""
    ANSWERED = "answered"
    REVOKED = "revoked"
    """Taken back by the requester."""
    CLOSED = "closed"
    """The requester stayed silent on a clarification; a word of theirs within 30 days opens it again."""
    IN_ERROR = "in_error"
    """Sent by mistake, and called off in the first minutes."""
    INFORMED = "informed"
    """Answered, and the requester said that the patient knows: the loop is closed."""


TOLD = frozenset({State.ANSWERED, State.INFORMED})
"""The answer has left: requester and expert may read it."""
ENDED = frozenset({*TOLD, State.REVOKED, State.CLOSED, State.IN_ERROR})
"""Nobody owes anybody anything, and no clock runs."""


class FhirStatus(NamedTuple):
    """The same state for another system: ServiceRequest.status, business status, and Task.status of the attempt."""

    service_request: str
    business: str
    task: str


FHIR_STATUS: Mapping[State, FhirStatus] = {
    State.DRAFT: FhirStatus("draft", "", ""),
    State.READY: FhirStatus("active", "ready", ""),
    State.ASSIGNED: FhirStatus("active", "ready", "requested"),
    State.IN_PROGRESS: FhirStatus("active", "in_progress", "in-progress"),
    State.ON_HOLD: FhirStatus("on-hold", "on-hold", "on-hold"),
    State.ANSWERED: FhirStatus("completed", "completed", "completed"),
    State.REVOKED: FhirStatus("revoked", "", "cancelled"),
    State.CLOSED: FhirStatus("revoked", "closed", "cancelled"),
    State.IN_ERROR: FhirStatus("entered-in-error", "", "entered-in-error"),
    State.INFORMED: FhirStatus("completed", "closed", "completed"),
}


class FactKind(StrEnum):
    """What can happen to a request; the timeline shows these."""

    RECEIVED_INCOMPLETE = "received_incomplete"
    SUBMITTED = "submitted"
    ASSIGNED = "assigned"
    NOBODY_IN_TIME = "nobody_in_time"
    """No declared slot can meet the deadline: the coordinator was told."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CLARIFICATION_ASKED = "clarification_asked"
    CLARIFIED = "clarified"
    ANSWERED = "answered"
    REVOKED = "revoked"
    ADDED = "added"
    """The requester wrote again on the same thread; the request itself stays as it was sent."""
    DUPLICATE_DIFFERS = "duplicate_differs"
    """The same Message-ID or submission key came again with other content: kept beside, for somebody to compare."""
    REMINDED = "reminded"
    """Whoever has to move was told that time runs; the reason says how much of it is gone."""
    OVERDUE = "overdue"
    """The deadline has passed: coordinator and requester were told."""
    CLOSED = "closed"
    REOPENED = "reopened"
    REASSIGNED = "reassigned"
    IN_ERROR = "in_error"
    REORIENTED = "reoriented"
    CORRECTED = "corrected"
    SECOND_READING_ASKED = "second_reading_asked"
    GLASS_BROKEN = "glass_broken"
    SECOND_READING_GIVEN = "second_reading_given"
    APPOINTMENT_PROPOSED = "appointment_proposed"
    APPOINTMENT_ACCEPTED = "appointment_accepted"
    APPOINTMENT_DECLINED = "appointment_declined"
    PATIENT_INFORMED = "patient_informed"
    FOLLOW_UP_DUE = "follow_up_due"
    """The photographs that the expert asked for are to be taken: the requester was told."""
    FOLLOW_UP_STARTED = "follow_up_started"
    FELL_BACK = "fell_back"
    """Nobody of the pool could take it in time, and a fallback pool can."""
    MOVED = "moved"
    """The coordinator sent it to another pool; the reason says why."""
    GIVEN_BY_HAND = "given_by_hand"
    """The coordinator chose the expert; the reason says why."""
    DRAFT_RESTORED = "draft_restored"
    ASKED_AFTER = "asked_after"
    """The requester came back to the answer: who gave it has a deadline for that too."""
    REPLIED_AFTER = "replied_after"


KEPT_FROM_REQUESTER = frozenset({FactKind.NOBODY_IN_TIME, FactKind.REMINDED})
"""Facts that are between the platform and its experts."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened; holds no health data."""

    kind: FactKind
    at: datetime
    actor: PractitionerId | None = None
    """Who did it, or to whom it was offered; None: the platform."""
    reason: str = ""
    """A code (a `DeclineReason`, the `Choice` that was made), never free text."""
    through: PractitionerId | None = None
    """Whose hand it was: who acted for `actor`, a practitioner or an establishment; None: their own."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a draft gets when it is sent."""

    pool_id: PoolId
    at: datetime
    deadline_at: datetime
    remind_at: tuple[datetime, ...] = ()
    """When half, then four fifths of the working time are gone; a pause moves them as it moves the deadline."""

    def moved(self, move: Callable[[datetime], datetime]) -> "Sent":
        """With every instant that is ahead where a pause puts it."""
        return replace(
            self, deadline_at=move(self.deadline_at), remind_at=tuple(move(instant) for instant in self.remind_at)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertiseRequest:
    """One request, without what was asked: that is `content.RequestContent`, sealed."""

    id: RequestId
    number: str
    """What people say and write: `TE26000417`."""
    requester: PractitionerId
    state: State
    canonical: str
    """The form it was asked on, `url|version`; empty in a draft that names none."""
    created_at: datetime
    sent: Sent | None = None
    """None: still a draft."""
    holder: PractitionerId | None = None
    """The expert to whom it is offered or who accepted it, or who answered it."""
    attempt_id: str = ""
    """The live attempt (`dispatch.Attempt`), or the one that brought the answer."""
    offer_expires_at: datetime | None = None
    held_since: datetime | None = None
    """When the clock was stopped for a clarification; kept while the request is closed for want of it."""
    reminded_at: datetime | None = None
    """When somebody was last told that time runs."""
    ended_at: datetime | None = None
    follows: RequestId | None = None
    """The request that it is the follow-up of."""
    continuity: PractitionerId | None = None
    """Who answered that one, and is asked first."""

    def require_sent(self) -> Sent:
        """Raises StateForbids for a draft."""
        if self.sent is None:
            raise StateForbids(number=self.number, state=self.state)
        return self.sent


Move = tuple[ExpertiseRequest, Fact]


def compose_number(year: int, rank: int) -> str:
    """`TE26000417` is the 417th of 2026.  Ten characters: the first header line of HPRIM takes no more."""
    return f"TE{year % 100:02}{rank:06}"


def submit(request: ExpertiseRequest, canonical: str, sent: Sent) -> Move:
    """A complete draft becomes a request; from now on what it says is immutable."""
    require_state(request, State.DRAFT)
    ready = replace(request, state=State.READY, canonical=canonical, sent=sent)
    return ready, Fact(FactKind.SUBMITTED, sent.at, request.requester)


def assign(request: ExpertiseRequest, attempt: Attempt, now: datetime) -> Move:
    """Offer it to the expert whom dispatch chose."""
    require_state(request, State.READY)
    expert = attempt.practitioner_id
    offered = replace(
        request, state=State.ASSIGNED, holder=expert, attempt_id=attempt.id, offer_expires_at=attempt.expires_at
    )
    return offered, Fact(FactKind.ASSIGNED, now, expert)


def accept(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert takes it on."""
    require_state(request, State.ASSIGNED)
    require_holder(request, by)
    return replace(request, state=State.IN_PROGRESS, offer_expires_at=None), Fact(FactKind.ACCEPTED, now, by)


def decline(request: ExpertiseRequest, by: PractitionerId, reason: DeclineReason, now: datetime) -> Move:
    """The expert sends it back, before or after accepting it; it is nobody's again."""
    require_state(request, State.ASSIGNED, State.IN_PROGRESS)
    require_holder(request, by)
    return released(request), Fact(FactKind.DECLINED, now, by, reason)


def expire(request: ExpertiseRequest, now: datetime) -> Move:
    """The offer was not accepted in time; it is nobody's again."""
    require_state(request, State.ASSIGNED)
    return released(request), Fact(FactKind.EXPIRED, now, request.holder)


def ask(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert needs to know more; the deadline stands still."""
    require_state(request, State.IN_PROGRESS)
    require_holder(request, by)
    return replace(request, state=State.ON_HOLD, held_since=now), Fact(FactKind.CLARIFICATION_ASKED, now, by)


def clarify(request: ExpertiseRequest, by: PractitionerId, *, sent: Sent, now: datetime) -> Move:
    """The requester told more; `sent` holds the deadline after the pause, as the caller counts it."""
    require_state(request, State.ON_HOLD)
    require_requester(request, by)
    resumed = replace(request, state=State.IN_PROGRESS, held_since=None, sent=sent)
    return resumed, Fact(FactKind.CLARIFIED, now, by)


def answer(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert's advice ends it."""
    require_state(request, State.IN_PROGRESS, State.ON_HOLD)
    require_holder(request, by)
    return replace(request, state=State.ANSWERED, ended_at=now, held_since=None), Fact(FactKind.ANSWERED, now, by)


def revoke(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The requester takes it back."""
    require_requester(request, by)
    require_state(request, State.DRAFT, State.READY, State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    ended = replace(released(request), state=State.REVOKED, ended_at=now)
    return ended, Fact(FactKind.REVOKED, now, by)


def released(request: ExpertiseRequest) -> ExpertiseRequest:
    """As it is in nobody's hands."""
    return replace(request, state=State.READY, holder=None, attempt_id="", offer_expires_at=None, held_since=None)


def require_state(request: ExpertiseRequest, *states: State) -> None:
    """Raises StateForbids unless it is in one of `states`."""
    if request.state not in states:
        raise StateForbids(number=request.number, state=request.state)


def require_holder(request: ExpertiseRequest, by: PractitionerId) -> None:
    """Raises NotHolder."""
    if request.holder != by:
        raise NotHolder(number=request.number)


def require_requester(request: ExpertiseRequest, by: PractitionerId) -> None:
    """Raises NotRequester."""
    if request.requester != by:
        raise NotRequester(number=request.number)
