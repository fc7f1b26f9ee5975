"""A request for advice: its states, and the moves between them.

The states follow FHIR ServiceRequest, and Task for each attempt at having it answered (teleexpertise.md §5).
Every move is a function from a request to the request after it and the fact that happened; a move that the state does
not allow raises, and nothing here knows a database, a mail or what was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.base.text import Text
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
}

STATE_LABELS: Mapping[State, Text] = {
    State.DRAFT: Text(fr="À compléter", en="To complete"),
    State.READY: Text(fr="En attente d’un expert", en="Waiting for an expert"),
    State.ASSIGNED: Text(fr="Proposée à un expert", en="Offered to an expert"),
    State.IN_PROGRESS: Text(fr="Prise en charge", en="In progress"),
    State.ON_HOLD: Text(fr="Précisions demandées", en="Clarification asked for"),
    State.ANSWERED: Text(fr="Répondue", en="Answered"),
    State.REVOKED: Text(fr="Annulée", en="Withdrawn"),
}


DECLINE_LABELS: Mapping[DeclineReason, Text] = {
    DeclineReason.SCOPE: Text(fr="Hors de mon champ", en="Outside my field"),
    DeclineReason.INSUFFICIENT: Text(fr="Données insuffisantes", en="Not enough data"),
    DeclineReason.IN_PERSON: Text(fr="Présentiel nécessaire", en="Has to be seen in person"),
    DeclineReason.EMERGENCY: Text(fr="Urgence : appeler le 15", en="Emergency: call 15"),
    DeclineReason.CONFLICT: Text(fr="Lien ou conflit d’intérêts", en="Conflict of interest"),
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


FACT_LABELS: Mapping[FactKind, Text] = {
    FactKind.RECEIVED_INCOMPLETE: Text(fr="Enregistrée, à compléter", en="Kept, to be completed"),
    FactKind.SUBMITTED: Text(fr="Demande enregistrée", en="Request registered"),
    FactKind.ASSIGNED: Text(fr="Proposée à un expert", en="Offered to an expert"),
    FactKind.NOBODY_IN_TIME: Text(
        fr="Aucun créneau avant l’échéance : coordinateur prévenu", en="No slot before the deadline: coordinator told"
    ),
    FactKind.ACCEPTED: Text(fr="Prise en charge", en="Accepted"),
    FactKind.DECLINED: Text(fr="Déclinée par l’expert", en="Declined by the expert"),
    FactKind.EXPIRED: Text(fr="Délai de prise en charge dépassé", en="Not accepted in time"),
    FactKind.CLARIFICATION_ASKED: Text(fr="Précisions demandées", en="Clarification asked for"),
    FactKind.CLARIFIED: Text(fr="Précisions apportées", en="Clarification given"),
    FactKind.ANSWERED: Text(fr="Avis rendu", en="Answered"),
    FactKind.REVOKED: Text(fr="Annulée par le demandeur", en="Withdrawn by the requester"),
    FactKind.ADDED: Text(fr="Complément du demandeur", en="Addition by the requester"),
    FactKind.DUPLICATE_DIFFERS: Text(
        fr="Reçue une seconde fois avec un autre contenu", en="Received again with other content"
    ),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened; holds no health data."""

    kind: FactKind
    at: datetime
    actor: PractitionerId | None = None
    """Who did it, or to whom it was offered; None: the platform."""
    reason: str = ""
    """A code (a `DeclineReason`, the `Choice` that was made), never free text."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a draft gets when it is sent."""

    pool_id: PoolId
    at: datetime
    deadline_at: datetime


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
    """When the clock was stopped for a clarification."""
    ended_at: datetime | None = None

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
    _require(request, State.DRAFT)
    ready = replace(request, state=State.READY, canonical=canonical, sent=sent)
    return ready, Fact(FactKind.SUBMITTED, sent.at, request.requester)


def assign(request: ExpertiseRequest, attempt: Attempt, now: datetime) -> Move:
    """Offer it to the expert whom dispatch chose."""
    _require(request, State.READY)
    expert = attempt.practitioner_id
    offered = replace(
        request, state=State.ASSIGNED, holder=expert, attempt_id=attempt.id, offer_expires_at=attempt.expires_at
    )
    return offered, Fact(FactKind.ASSIGNED, now, expert)


def accept(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert takes it on."""
    _require(request, State.ASSIGNED)
    _require_holder(request, by)
    return replace(request, state=State.IN_PROGRESS, offer_expires_at=None), Fact(FactKind.ACCEPTED, now, by)


def decline(request: ExpertiseRequest, by: PractitionerId, reason: DeclineReason, now: datetime) -> Move:
    """The expert sends it back, before or after accepting it; it is nobody's again."""
    _require(request, State.ASSIGNED, State.IN_PROGRESS)
    _require_holder(request, by)
    return _released(request), Fact(FactKind.DECLINED, now, by, reason)


def expire(request: ExpertiseRequest, now: datetime) -> Move:
    """The offer was not accepted in time; it is nobody's again."""
    _require(request, State.ASSIGNED)
    return _released(request), Fact(FactKind.EXPIRED, now, request.holder)


def ask(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert needs to know more; the deadline stands still."""
    _require(request, State.IN_PROGRESS)
    _require_holder(request, by)
    return replace(request, state=State.ON_HOLD, held_since=now), Fact(FactKind.CLARIFICATION_ASKED, now, by)


def clarify(request: ExpertiseRequest, by: PractitionerId, *, deadline_at: datetime, now: datetime) -> Move:
    """The requester told more; `deadline_at` is later by the time on hold, as the caller counts it."""
    _require(request, State.ON_HOLD)
    _require_requester(request, by)
    sent = replace(request.require_sent(), deadline_at=deadline_at)
    resumed = replace(request, state=State.IN_PROGRESS, held_since=None, sent=sent)
    return resumed, Fact(FactKind.CLARIFIED, now, by)


def answer(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The expert's advice ends it."""
    _require(request, State.IN_PROGRESS, State.ON_HOLD)
    _require_holder(request, by)
    return replace(request, state=State.ANSWERED, ended_at=now, held_since=None), Fact(FactKind.ANSWERED, now, by)


def revoke(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> Move:
    """The requester takes it back."""
    _require_requester(request, by)
    _require(request, State.DRAFT, State.READY, State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    ended = replace(_released(request), state=State.REVOKED, ended_at=now)
    return ended, Fact(FactKind.REVOKED, now, by)


def _released(request: ExpertiseRequest) -> ExpertiseRequest:
    return replace(request, state=State.READY, holder=None, attempt_id="", offer_expires_at=None, held_since=None)


def _require(request: ExpertiseRequest, *states: State) -> None:
    if request.state not in states:
        raise StateForbids(number=request.number, state=request.state)


def _require_holder(request: ExpertiseRequest, by: PractitionerId) -> None:
    if request.holder != by:
        raise NotHolder(number=request.number)


def _require_requester(request: ExpertiseRequest, by: PractitionerId) -> None:
    if request.requester != by:
        raise NotRequester(number=request.number)
