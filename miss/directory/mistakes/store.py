"""Queries on reports of mistakes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.mistakes.model import Mistake, MistakeKind, Outcome
from miss.directory.mistakes.tables import MistakeRow
from miss.storage import Transaction


async def insert(tx: Transaction, mistake: Mistake) -> None:
    """Keep a report."""
    tx.add(
        MistakeRow(
            id=mistake.id,
            practitioner_id=mistake.practitioner_id,
            uid=mistake.by,
            kind=mistake.kind.value,
            words=mistake.words,
            reported_at=mistake.reported_at,
        )
    )
    await tx.flush()


async def list_open(tx: Transaction, limit: int) -> Sequence[Mistake]:
    """Those that wait, oldest first."""
    rows = await tx.exec(
        select(MistakeRow).where(col(MistakeRow.closed_at).is_(None)).order_by(col(MistakeRow.id)).limit(limit)
    )
    return [_mistake(row) for row in rows]


async def count_open(tx: Transaction) -> int:
    """How many wait."""
    return (await tx.exec(select(func.count()).where(col(MistakeRow.closed_at).is_(None)))).one()


async def find(tx: Transaction, mistake_id: str) -> Mistake | None:
    """The report of that identifier."""
    row = (await tx.exec(select(MistakeRow).where(MistakeRow.id == mistake_id))).one_or_none()
    return _mistake(row) if row else None


async def close(tx: Transaction, mistake_id: str, outcome: Outcome, by: str, now: datetime) -> bool:
    """False if it was closed meanwhile."""
    done = await tx.exec(
        update(MistakeRow)
        .where(col(MistakeRow.id) == mistake_id, col(MistakeRow.closed_at).is_(None))
        .values(closed_at=now, closed_by=by[:100], outcome=outcome.value)
    )
    return done.rowcount == 1


def _mistake(row: MistakeRow) -> Mistake:
    return Mistake(
        id=row.id,
        practitioner_id=PractitionerId(row.practitioner_id),
        by=AccountId(row.uid),
        kind=MistakeKind(row.kind),
        words=row.words,
        reported_at=row.reported_at,
        closed_at=row.closed_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )
