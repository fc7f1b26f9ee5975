"""Queries on calendars."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select

from miss.base.ids import PractitionerId
from miss.storage import Transaction
from teleexpertise.availability.model import Availability, availability_from_json, availability_to_json
from teleexpertise.availability.tables import ExpertCalendarRow


async def load(tx: Transaction, practitioner_ids: Collection[PractitionerId]) -> dict[PractitionerId, Availability]:
    """What each declared, in one query; whoever declared nothing has an empty availability."""
    query = select(ExpertCalendarRow).where(col(ExpertCalendarRow.practitioner_id).in_(practitioner_ids))
    rows = await tx.exec(query.execution_options(populate_existing=True))
    declared = {row.practitioner_id: availability_from_json(row.calendar) for row in rows}
    return {practitioner_id: declared.get(practitioner_id, Availability()) for practitioner_id in practitioner_ids}


async def lock(tx: Transaction, practitioner_id: PractitionerId) -> Availability | None:
    """What one expert declared, held until the transaction ends; None: nothing yet, and nothing to hold."""
    row = await tx.get(ExpertCalendarRow, practitioner_id, with_for_update=True)
    return availability_from_json(row.calendar) if row else None


async def insert(tx: Transaction, practitioner_id: PractitionerId, availability: Availability, now: datetime) -> None:
    """Write a first calendar.  Raises sqlalchemy's IntegrityError if another transaction wrote one meanwhile."""
    calendar, previous = availability_to_json(availability), availability_to_json(Availability())
    tx.add(ExpertCalendarRow(practitioner_id=practitioner_id, calendar=calendar, previous=previous, changed_at=now))
    await tx.flush()


async def replace(tx: Transaction, practitioner_id: PractitionerId, availability: Availability, now: datetime) -> None:
    """Write a calendar over the one that `lock` returned, which is kept as the one before."""
    row = await tx.get_one(ExpertCalendarRow, practitioner_id)
    row.previous, row.calendar, row.changed_at = row.calendar, availability_to_json(availability), now
    tx.add(row)
    await tx.flush()


async def find_previous(tx: Transaction, practitioner_id: PractitionerId) -> Availability | None:
    """What one expert had declared before the last change; None: nothing was ever changed."""
    row = await tx.get(ExpertCalendarRow, practitioner_id)
    return availability_from_json(row.previous) if row and row.previous is not None else None
