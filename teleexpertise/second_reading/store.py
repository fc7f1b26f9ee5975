"""Queries on second readings."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.second_reading.errors import SecondReadingUnderWay, SecondReadingUnknown
from teleexpertise.second_reading.model import ReadingState, SecondReading
from teleexpertise.second_reading.tables import SecondReadingRow


@dataclass(frozen=True, slots=True, repr=False)
class StoredReading:
    """A reading with what was asked and said, still sealed."""

    reading: SecondReading
    question: bytes
    opinion: bytes
    """Empty until it is given."""


async def insert(tx: Transaction, reading: SecondReading, question: bytes, *, number: str) -> None:
    """Write a new one.  Raises SecondReadingUnderWay if the request has one; `number` is the request's, to say so."""
    row = SecondReadingRow(
        id=reading.id, request_id=reading.request_id, asked_by_id=reading.asked_by,
        first_reader_id=reading.first_reader, reader_id=reading.reader, state=reading.state, passed=[],
        asked_at=reading.asked_at, expires_at=reading.expires_at, question=question,
    )  # fmt: skip
    tx.add(row)
    try:
        await tx.flush()
    except IntegrityError:
        raise SecondReadingUnderWay(number=number) from None


async def save(tx: Transaction, reading: SecondReading, *, opinion: bytes | None = None) -> None:
    """Write what a move changed."""
    row = await tx.get_one(SecondReadingRow, reading.id)
    row.reader_id, row.state, row.passed = reading.reader, reading.state, list(reading.passed)
    row.expires_at, row.ended_at, row.discloses_name = reading.expires_at, reading.ended_at, reading.discloses_name
    if opinion is not None:
        row.opinion = opinion
    tx.add(row)
    await tx.flush()


async def get(tx: Transaction, reading_id: str) -> StoredReading:
    """Raises SecondReadingUnknown."""
    row = await tx.get(SecondReadingRow, reading_id, populate_existing=True)
    if row is None:
        raise SecondReadingUnknown
    return _stored(row)


async def find_live(tx: Transaction, request_id: RequestId) -> StoredReading | None:
    """The one under way."""
    query = select(SecondReadingRow).where(
        SecondReadingRow.request_id == request_id, SecondReadingRow.state == ReadingState.ASKED
    )
    row = (await tx.exec(query)).one_or_none()
    return _stored(row) if row else None


async def list_of_request(tx: Transaction, request_id: RequestId, *, limit: int = 20) -> list[StoredReading]:
    """Every reading of a request, oldest first."""
    query = (
        select(SecondReadingRow)
        .where(SecondReadingRow.request_id == request_id)
        .order_by(col(SecondReadingRow.id))
        .limit(limit)
    )
    return [_stored(row) for row in await tx.exec(query)]


async def list_asked(tx: Transaction, reader: PractitionerId, *, limit: int = 100) -> list[StoredReading]:
    """What somebody is asked to read, the one that ends first before the others."""
    query = (
        select(SecondReadingRow)
        .where(SecondReadingRow.reader_id == reader, SecondReadingRow.state == ReadingState.ASKED)
        .order_by(col(SecondReadingRow.expires_at), col(SecondReadingRow.id))
        .limit(limit)
    )
    return [_stored(row) for row in await tx.exec(query)]


async def count_asked(
    tx: Transaction, readers: Collection[PractitionerId], since: datetime
) -> dict[PractitionerId, tuple[int, datetime]]:
    """How many readings each was asked since then, and when last; nobody without one."""
    query = (
        select(SecondReadingRow.reader_id, func.count(), func.max(SecondReadingRow.asked_at))
        .where(col(SecondReadingRow.reader_id).in_(readers), col(SecondReadingRow.asked_at) >= since)
        .group_by(col(SecondReadingRow.reader_id))
    )
    return {PractitionerId(reader): (count, last) for reader, count, last in await tx.exec(query)}


def _stored(row: SecondReadingRow) -> StoredReading:
    reading = SecondReading(
        id=row.id,
        request_id=RequestId(row.request_id),
        asked_by=PractitionerId(row.asked_by_id),
        first_reader=PractitionerId(row.first_reader_id),
        reader=PractitionerId(row.reader_id),
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        state=ReadingState(row.state),
        ended_at=row.ended_at,
        passed=tuple(PractitionerId(one) for one in row.passed),
        discloses_name=row.discloses_name,
    )
    return StoredReading(reading, row.question, row.opinion)
