"""Queries on imported calendars and feeds.  What is sealed is handed out sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from sqlalchemy import Text, bindparam, cast, delete
from sqlmodel import col, func, select

from miss.base.ids import PractitionerId
from miss.storage import Transaction
from miss.storage.direct import HotStatement
from teleexpertise.availability.calendars.model import ImportedCalendar, Reading
from teleexpertise.availability.calendars.tables import CalendarFeedRow, ImportedCalendarRow
from teleexpertise.availability.model import Opening, merged

BUSY = HotStatement(
    "SELECT practitioner_id, busy::text FROM imported_calendar WHERE practitioner_id = ANY($1::varchar[])",
    select(ImportedCalendarRow.practitioner_id, cast(col(ImportedCalendarRow.busy), Text)).where(
        col(ImportedCalendarRow.practitioner_id).in_(bindparam("ids", expanding=True))
    ),
    ("ids",),
)
"""When each of these people is busy; asked together with what they declared.  Its rows: `read_busy`."""


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """A calendar with its sealed address (empty: a file) and its sealed copy (empty: none yet)."""

    calendar: ImportedCalendar
    address: bytes
    content: bytes


async def insert(tx: Transaction, kept: Kept) -> None:
    """Keep a new one."""
    calendar = kept.calendar
    row = ImportedCalendarRow(
        id=calendar.id,
        practitioner_id=calendar.practitioner_id,
        name=calendar.name,
        zone=calendar.zone,
        address=kept.address,
        content=kept.content,
        added_at=calendar.added_at,
        read_at=calendar.read_at,
        tried_at=calendar.tried_at,
    )
    _write(row, Reading(calendar.busy, calendar.events, calendar.skipped))
    tx.add(row)
    await tx.flush()


async def find(tx: Transaction, calendar_id: str) -> Kept | None:
    """None: it was removed."""
    row = await tx.get(ImportedCalendarRow, calendar_id)
    return Kept(_calendar(row), row.address, row.content) if row else None


async def list_of(tx: Transaction, practitioner_id: PractitionerId) -> list[ImportedCalendar]:
    """Somebody's calendars, oldest first."""
    row = ImportedCalendarRow
    query = select(row).where(row.practitioner_id == practitioner_id).order_by(col(row.id))
    return [_calendar(one) for one in await tx.exec(query)]


async def count_of(tx: Transaction, practitioner_id: PractitionerId) -> int:
    """How many somebody has."""
    query = select(func.count()).where(ImportedCalendarRow.practitioner_id == practitioner_id)
    return (await tx.exec(query)).one()


async def delete_calendar(tx: Transaction, practitioner_id: PractitionerId, calendar_id: str) -> bool:
    """False if it is not one of theirs."""
    row = ImportedCalendarRow
    removed = delete(row).where(col(row.id) == calendar_id, col(row.practitioner_id) == practitioner_id)
    return (await tx.exec(removed)).rowcount == 1


async def save_reading(
    tx: Transaction, calendar_id: str, reading: Reading, now: datetime, *, content: bytes | None
) -> bool:
    """It could be read: anew (`content`, sealed), or the kept copy for later weeks (None).

    Returns whether its owner is busy at other hours than before; False if it was removed.
    """
    row = await _lock(tx, calendar_id)
    if row is None:
        return False
    before = row.busy
    _write(row, reading)
    row.tried_at, row.failures, row.problem = now, 0, ""
    if content is not None:
        row.content, row.read_at = content, now
    tx.add(row)
    await tx.flush()
    return row.busy != before


async def save_failure(tx: Transaction, calendar_id: str, problem: str, now: datetime) -> ImportedCalendar | None:
    """It could not be read, and is kept as it was.  None: it was removed."""
    row = await _lock(tx, calendar_id)
    if row is None:
        return None
    row.tried_at, row.failures, row.problem = now, row.failures + 1, problem[:400]
    tx.add(row)
    await tx.flush()
    return _calendar(row)


def read_busy(rows: Sequence[Sequence[str]]) -> Mapping[PractitionerId, tuple[Opening, ...]]:
    """The rows of `BUSY`: all calendars of each together; who has none is left out."""
    found: dict[PractitionerId, list[Opening]] = {}
    for who, busy in rows:
        found.setdefault(PractitionerId(who), []).extend(_busy(busy))
    return {who: tuple(merged(openings)) for who, openings in found.items()}


async def put_feed(tx: Transaction, practitioner_id: PractitionerId, secret_digest: str, now: datetime) -> None:
    """Give out an address; the one before is forgotten."""
    row = await tx.get(CalendarFeedRow, practitioner_id, with_for_update=True)
    if row is None:
        row = CalendarFeedRow(practitioner_id=practitioner_id, secret_digest=secret_digest, created_at=now)
    row.secret_digest, row.created_at = secret_digest, now
    tx.add(row)
    await tx.flush()


async def delete_feed(tx: Transaction, practitioner_id: PractitionerId) -> None:
    """Nothing happens if there is none."""
    await tx.exec(delete(CalendarFeedRow).where(col(CalendarFeedRow.practitioner_id) == practitioner_id))


async def find_feed(tx: Transaction, practitioner_id: PractitionerId) -> datetime | None:
    """Since when somebody's address is given out; None: it is not."""
    query = select(CalendarFeedRow.created_at).where(CalendarFeedRow.practitioner_id == practitioner_id)
    return (await tx.exec(query)).one_or_none()


async def find_feed_owner(tx: Transaction, secret_digest: str) -> PractitionerId | None:
    """Whose address it is; None: nobody's any more."""
    query = select(CalendarFeedRow.practitioner_id).where(CalendarFeedRow.secret_digest == secret_digest)
    owner = (await tx.exec(query)).one_or_none()
    return PractitionerId(owner) if owner else None


async def _lock(tx: Transaction, calendar_id: str) -> ImportedCalendarRow | None:
    return await tx.get(ImportedCalendarRow, calendar_id, with_for_update=True, populate_existing=True)


def _write(row: ImportedCalendarRow, reading: Reading) -> None:
    row.busy = [[int(one.start.timestamp()), int(one.end.timestamp())] for one in reading.busy]
    row.events, row.skipped = reading.events, reading.skipped


@lru_cache(maxsize=512)
def _busy(text: str) -> tuple[Opening, ...]:
    """Appointments change when a calendar is read anew, and count for every request of the pool."""
    return _openings(msgspec.json.decode(text, type=list[list[int]]))


def _openings(pairs: Sequence[Sequence[int]]) -> tuple[Opening, ...]:
    return tuple(Opening(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in pairs)


def _calendar(row: ImportedCalendarRow) -> ImportedCalendar:
    return ImportedCalendar(
        id=row.id,
        practitioner_id=PractitionerId(row.practitioner_id),
        name=row.name,
        zone=row.zone,
        subscribed=bool(row.address),
        added_at=row.added_at,
        read_at=row.read_at,
        tried_at=row.tried_at,
        failures=row.failures,
        problem=row.problem,
        events=row.events,
        skipped=row.skipped,
        busy=_openings(row.busy),
    )
