"""Queries on what is past its time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, update
from sqlmodel import col, select

from miss.base.ids import RequestId
from miss.storage import Transaction
from teleexpertise.requests.model import State
from teleexpertise.requests.tables import RequestNoteRow, RequestRow, SubmissionRow
from teleexpertise.retention.tables import DestructionRow


@dataclass(frozen=True, slots=True, repr=False)
class Past:
    """A request past its time, with what it says, still sealed."""

    request_id: RequestId
    content: bytes
    answer: bytes
    notes: tuple[bytes, ...]
    rejected: tuple[bytes, ...]


async def list_past(tx: Transaction, before: datetime, limit: int) -> list[Past]:
    """Requests that ended before that instant, and drafts begun before it, not destroyed yet; oldest first."""
    gone = exists().where(col(DestructionRow.request_id) == col(RequestRow.id))
    query = (
        select(RequestRow)
        .where(
            or_(
                col(RequestRow.ended_at) < before,
                and_(col(RequestRow.state) == State.DRAFT, col(RequestRow.created_at) < before),
            ),
            ~gone,
        )
        .order_by(col(RequestRow.id))
        .limit(limit)
    )
    return [await _past(tx, row) for row in (await tx.exec(query)).all()]


async def blank(tx: Transaction, request_id: RequestId, now: datetime) -> None:
    """Keep that there was a request, and nothing of what it said."""
    await tx.exec(update(RequestRow).where(col(RequestRow.id) == request_id).values(content=b"", answer=b""))
    await tx.exec(update(RequestNoteRow).where(col(RequestNoteRow.request_id) == request_id).values(note=b""))
    await tx.exec(update(SubmissionRow).where(col(SubmissionRow.request_id) == request_id).values(rejected=b""))
    tx.add(DestructionRow(request_id=request_id, destroyed_at=now))


async def _past(tx: Transaction, row: RequestRow) -> Past:
    notes = await tx.exec(select(RequestNoteRow.note).where(RequestNoteRow.request_id == row.id))
    rejected = await tx.exec(select(SubmissionRow.rejected).where(SubmissionRow.request_id == row.id))
    return Past(
        RequestId(row.id), row.content, row.answer, tuple(notes.all()), tuple(one for one in rejected.all() if one)
    )
