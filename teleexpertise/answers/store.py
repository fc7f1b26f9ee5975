"""Queries on the versions of answers."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from miss.base.ids import RequestId
from miss.storage import Transaction
from teleexpertise.answers.tables import AnswerVersionRow


async def find_draft(tx: Transaction, request_id: RequestId) -> bytes | None:
    """The correction that is being prepared, sealed."""
    query = select(AnswerVersionRow.answer).where(
        AnswerVersionRow.request_id == request_id, col(AnswerVersionRow.annulled_at).is_(None)
    )
    return (await tx.exec(query)).one_or_none()


async def put_draft(tx: Transaction, request_id: RequestId, version: int, sealed: bytes) -> None:
    """Keep a correction under way; it takes the place of the one before."""
    await remove_draft(tx, request_id)
    tx.add(AnswerVersionRow(request_id=request_id, version=version, answer=sealed))
    await tx.flush()


async def remove_draft(tx: Transaction, request_id: RequestId) -> bool:
    """Forget the correction under way; False if there is none."""
    removed = await tx.exec(
        delete(AnswerVersionRow).where(
            col(AnswerVersionRow.request_id) == request_id, col(AnswerVersionRow.annulled_at).is_(None)
        )
    )
    return removed.rowcount == 1


async def add_annulled(tx: Transaction, request_id: RequestId, version: int, sealed: bytes, now: datetime) -> None:
    """Keep the answer that a correction takes the place of, as it was sealed."""
    tx.add(AnswerVersionRow(request_id=request_id, version=version, annulled_at=now, answer=sealed))
    await tx.flush()


async def list_annulled(tx: Transaction, request_id: RequestId, *, limit: int = 50) -> list[bytes]:
    """The earlier answers, sealed, oldest first."""
    query = (
        select(AnswerVersionRow.answer)
        .where(AnswerVersionRow.request_id == request_id, col(AnswerVersionRow.annulled_at).is_not(None))
        .order_by(col(AnswerVersionRow.version))
        .limit(limit)
    )
    return list(await tx.exec(query))
