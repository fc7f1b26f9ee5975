"""Queries on appointments."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.appointments.errors import AppointmentUnknown
from teleexpertise.appointments.model import Appointment, AppointmentState
from teleexpertise.appointments.tables import AppointmentRow


@dataclass(frozen=True, slots=True, repr=False)
class StoredAppointment:
    """A proposal with its words, still sealed."""

    appointment: Appointment
    contact: bytes
    word: bytes
    """Empty until the requester said something."""


async def insert(tx: Transaction, appointment: Appointment, contact: bytes) -> None:
    """Write a new proposal, under the request's lock."""
    tx.add(
        AppointmentRow(
            id=appointment.id, request_id=appointment.request_id, proposed_by_id=appointment.proposed_by,
            state=appointment.state, slots=[slot.isoformat() for slot in appointment.slots],
            proposed_at=appointment.proposed_at, contact=contact,
        )
    )  # fmt: skip
    await tx.flush()


async def save(tx: Transaction, appointment: Appointment, *, word: bytes | None = None) -> None:
    """Write what a move changed."""
    row = await tx.get_one(AppointmentRow, appointment.id)
    row.state, row.chosen, row.settled_at = appointment.state, appointment.chosen, appointment.settled_at
    if word is not None:
        row.word = word
    tx.add(row)
    await tx.flush()


async def get(tx: Transaction, request_id: RequestId, appointment_id: str) -> Appointment:
    """Raises AppointmentUnknown, also for that of another request."""
    row = await tx.get(AppointmentRow, appointment_id, populate_existing=True)
    if row is None or row.request_id != request_id:
        raise AppointmentUnknown
    return _stored(row).appointment


async def find_live(tx: Transaction, request_id: RequestId) -> Appointment | None:
    """The proposal that waits for an answer."""
    query = select(AppointmentRow).where(
        AppointmentRow.request_id == request_id, AppointmentRow.state == AppointmentState.PROPOSED
    )
    row = (await tx.exec(query)).one_or_none()
    return _stored(row).appointment if row else None


async def list_of_request(tx: Transaction, request_id: RequestId, *, limit: int = 20) -> list[StoredAppointment]:
    """Every proposal of a request, oldest first."""
    query = (
        select(AppointmentRow).where(AppointmentRow.request_id == request_id).order_by(col(AppointmentRow.id))
    ).limit(limit)
    return [_stored(row) for row in await tx.exec(query)]


def _stored(row: AppointmentRow) -> StoredAppointment:
    appointment = Appointment(
        id=row.id,
        request_id=RequestId(row.request_id),
        proposed_by=PractitionerId(row.proposed_by_id),
        proposed_at=row.proposed_at,
        slots=tuple(datetime.fromisoformat(slot) for slot in row.slots),
        state=AppointmentState(row.state),
        chosen=row.chosen,
        settled_at=row.settled_at,
    )
    return StoredAppointment(appointment, row.contact, row.word)
