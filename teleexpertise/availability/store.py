"""Queries on calendars."""

from collections.abc import Collection, Sequence
from dataclasses import replace as replaced
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text, bindparam, cast
from sqlmodel import col, select

from miss.base.ids import PractitionerId
from miss.storage import Transaction
from miss.storage.direct import HotReads, HotStatement
from teleexpertise.availability.calendars import store as calendar_store
from teleexpertise.availability.model import (
    Availability,
    availability_from_json,
    availability_from_text,
    availability_to_json,
)
from teleexpertise.availability.tables import ExpertCalendarRow

_OF_MANY = HotStatement(
    "SELECT practitioner_id, calendar::text FROM expert_calendar WHERE practitioner_id = ANY($1::varchar[])",
    select(ExpertCalendarRow.practitioner_id, cast(col(ExpertCalendarRow.calendar), Text)).where(
        col(ExpertCalendarRow.practitioner_id).in_(bindparam("ids", expanding=True))
    ),
    ("ids",),
)
_LOOK_UP = HotReads(_OF_MANY, calendar_store.BUSY)
_NOTHING_DECLARED = Availability()


async def load(tx: Transaction, practitioner_ids: Collection[PractitionerId]) -> dict[PractitionerId, Availability]:
    """What each declared, in one query; whoever declared nothing has an empty availability."""
    return _declared(await _OF_MANY.fetch(tx, list(practitioner_ids)), practitioner_ids)


async def load_with_busy(
    tx: Transaction, practitioner_ids: Collection[PractitionerId]
) -> dict[PractitionerId, Availability]:
    """As `load`, with the appointments of the calendars that each imports: one question under a pool's lock."""
    ids = list(practitioner_ids)
    rows, busy = await _LOOK_UP.fetch(tx, (ids,), (ids,))
    declared = _declared(rows, ids)
    for who, openings in calendar_store.read_busy(busy).items():
        declared[who] = replaced(declared[who], busy=openings)
    return declared


def _declared(rows: Sequence[Sequence[str]], ids: Collection[PractitionerId]) -> dict[PractitionerId, Availability]:
    declared = {who: _parsed(calendar) for who, calendar in rows}
    return {who: declared.get(who, _NOTHING_DECLARED) for who in ids}


@lru_cache(maxsize=2048)
def _parsed(calendar: str) -> Availability:
    """A week is drawn once, and read for every request of the pool."""
    return availability_from_text(calendar)


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
