"""One expert asked for one request: an attempt and its states (teleexpertise.md §5; FHIR Task).

Pure.  At most one attempt of a request is live; the table holds that too.  Ending an attempt never picks the next
expert: that is another decision.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.dispatch.errors import AttemptEnded, NotHolder
from teleexpertise.dispatch.model import Choice


class AttemptState(StrEnum):
    """Where an attempt stands."""

    OFFERED = "offered"
    """Task requested: the expert may accept until `expires_at`."""
    ACCEPTED = "accepted"
    """Task in-progress, or on-hold while the requester clarifies."""
    DECLINED = "declined"
    """Task rejected."""
    EXPIRED = "expired"
    """Task cancelled: not accepted in time."""
    WITHDRAWN = "withdrawn"
    """Task cancelled: the request was revoked, or taken back by the coordinator."""
    ANSWERED = "answered"
    """Task completed."""
    LAPSED = "lapsed"
    """Task cancelled: the requester never clarified.  The same expert may be asked again."""


LIVE = frozenset({AttemptState.OFFERED, AttemptState.ACCEPTED})


class DeclineReason(StrEnum):
    """The expert's reason (`r.motif` of the answer form)."""

    SCOPE = "scope"
    INSUFFICIENT = "insufficient"
    IN_PERSON = "in_person"
    EMERGENCY = "emergency"
    CONFLICT = "conflict"


REFUNDED = frozenset({DeclineReason.SCOPE, DeclineReason.CONFLICT})
"""Refusals that are nobody's choice: the turn is given back."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One expert asked for one request."""

    id: str
    request_id: RequestId
    pool_id: PoolId
    practitioner_id: PractitionerId
    choice: Choice
    charge: int
    """Credit this turn cost; 0 once refunded."""
    offered_at: datetime
    expires_at: datetime
    state: AttemptState = AttemptState.OFFERED
    reason: DeclineReason | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def live(self) -> bool:
        return self.state in LIVE

    def accept(self, by: PractitionerId, now: datetime) -> "Attempt":
        """The expert takes the request on; twice is once.  Raises NotHolder, AttemptEnded."""
        self._require_held(by)
        if self.state is AttemptState.ACCEPTED:
            return self
        return replace(self, state=AttemptState.ACCEPTED, accepted_at=now)

    def decline(self, by: PractitionerId, reason: DeclineReason, now: datetime) -> "Attempt":
        """The expert gives it back, before or after accepting.  Raises NotHolder, AttemptEnded."""
        self._require_held(by)
        charge = 0 if reason in REFUNDED else self.charge
        return replace(self, state=AttemptState.DECLINED, reason=reason, charge=charge, ended_at=now)

    def expire(self, now: datetime) -> "Attempt | None":
        """The offer's time is over; None if it was accepted or ended meanwhile, or still has time."""
        if self.state is not AttemptState.OFFERED or now < self.expires_at:
            return None
        return replace(self, state=AttemptState.EXPIRED, ended_at=now)

    def close(self, state: AttemptState, now: datetime) -> "Attempt":
        """ANSWERED, WITHDRAWN or LAPSED; the same twice is once.  Raises AttemptEnded if it ended otherwise."""
        if state not in {AttemptState.ANSWERED, AttemptState.WITHDRAWN, AttemptState.LAPSED}:
            raise ValueError(f"an attempt does not close as {state}")
        if self.state is state:
            return self
        if not self.live:
            raise AttemptEnded(attempt=self.id, state=self.state)
        return replace(self, state=state, ended_at=now)

    def _require_held(self, by: PractitionerId) -> None:
        if by != self.practitioner_id:
            raise NotHolder(attempt=self.id)
        if not self.live:
            raise AttemptEnded(attempt=self.id, state=self.state)
