"""An appointment proposed for the patient of a request: its states and rules.  Pure.

Never without the requester's word: `c.conversion` of the form as it was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from miss.base.ids import PractitionerId, RequestId
from teleexpertise.appointments.errors import AppointmentSettled, ProposalIncomplete, SlotGone
from teleexpertise.questionnaire.model import QuestionnaireResponse

CONVERSION_ITEM = "c.conversion"
MOST_SLOTS = 3
CONTACT_CHARS = 300
WORD_CHARS = 500


class AppointmentState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"
    """The expert proposed something else before an answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One proposal, without its words."""

    id: str
    request_id: RequestId
    proposed_by: PractitionerId
    proposed_at: datetime
    slots: tuple[datetime, ...] = ()
    """In order; none: whom to call is in the words."""
    state: AppointmentState = AppointmentState.PROPOSED
    chosen: datetime | None = None
    settled_at: datetime | None = None

    def open_slots(self, now: datetime) -> tuple[datetime, ...]:
        """Those that have not passed."""
        return tuple(slot for slot in self.slots if slot > now)


def is_allowed(response: QuestionnaireResponse | None) -> bool:
    """Whether the requester allowed the conversion when they sent the request."""
    return response is not None and response.first(CONVERSION_ITEM) is True


def require_proposal(slots: Sequence[datetime], contact: str, now: datetime) -> tuple[datetime, ...]:
    """The slots in order, each once.  Raises ProposalIncomplete."""
    ordered = tuple(sorted(set(slots)))
    is_empty = not ordered and not contact.strip()
    if is_empty or len(ordered) > MOST_SLOTS or len(contact) > CONTACT_CHARS or any(slot <= now for slot in ordered):
        raise ProposalIncomplete(most=MOST_SLOTS)
    return ordered


def accept(appointment: Appointment, slot: datetime | None, now: datetime) -> Appointment:
    """The requester takes it; `slot` where slots were proposed.  Raises AppointmentSettled, SlotGone."""
    _require_proposed(appointment)
    if appointment.slots and slot not in appointment.open_slots(now):
        raise SlotGone
    chosen = slot if appointment.slots else None
    return replace(appointment, state=AppointmentState.ACCEPTED, chosen=chosen, settled_at=now)


def decline(appointment: Appointment, now: datetime) -> Appointment:
    """The requester does not want it.  Raises AppointmentSettled."""
    _require_proposed(appointment)
    return replace(appointment, state=AppointmentState.DECLINED, settled_at=now)


def supersede(appointment: Appointment, now: datetime) -> Appointment:
    """Another proposal takes its place.  Raises AppointmentSettled."""
    _require_proposed(appointment)
    return replace(appointment, state=AppointmentState.REPLACED, settled_at=now)


def _require_proposed(appointment: Appointment) -> None:
    if appointment.state is not AppointmentState.PROPOSED:
        raise AppointmentSettled
