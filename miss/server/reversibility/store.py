"""Queries on demands to leave."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, func, select

from miss.base.ids import OrganizationId
from miss.server.reversibility.tables import LeavingRow
from miss.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """An establishment wants its data."""

    id: str
    establishment_id: OrganizationId
    recipient: str
    asked_by: str
    asked_at: datetime
    made_at: datetime | None = None
    """When the archive was made; None: it is waited for."""
    sha256: str = ""
    size_bytes: int = 0


async def insert(tx: Transaction, demand: Demand) -> None:
    tx.add(
        LeavingRow(
            id=demand.id,
            establishment_id=demand.establishment_id,
            recipient=demand.recipient,
            asked_by=demand.asked_by,
            asked_at=demand.asked_at,
        )
    )
    await tx.flush()


async def find_last(tx: Transaction, establishment_id: OrganizationId) -> Demand | None:
    """The latest of an establishment."""
    query = (
        select(LeavingRow)
        .where(LeavingRow.establishment_id == establishment_id)
        .order_by(col(LeavingRow.asked_at).desc(), col(LeavingRow.id).desc())
        .limit(1)
    )
    row = (await tx.exec(query)).first()
    return _demand(row) if row else None


async def list_waiting(tx: Transaction, limit: int) -> list[Demand]:
    """Those that no archive was made for, the oldest first."""
    query = select(LeavingRow).where(col(LeavingRow.made_at).is_(None)).order_by(col(LeavingRow.asked_at)).limit(limit)
    return [_demand(row) for row in await tx.exec(query)]


async def count_waiting(tx: Transaction) -> int:
    """How many are waited for."""
    query = select(func.count()).select_from(LeavingRow).where(col(LeavingRow.made_at).is_(None))
    return (await tx.exec(query)).one()


async def mark_made(
    tx: Transaction, establishment_id: OrganizationId, now: datetime, by: str, sha256: str, size_bytes: int
) -> None:
    """The archive was made: every demand that waited has its answer."""
    await tx.exec(
        update(LeavingRow)
        .where(col(LeavingRow.establishment_id) == establishment_id, col(LeavingRow.made_at).is_(None))
        .values(made_at=now, made_by=by, sha256=sha256, size_bytes=size_bytes)
    )


def _demand(row: LeavingRow) -> Demand:
    return Demand(
        id=row.id,
        establishment_id=OrganizationId(row.establishment_id),
        recipient=row.recipient,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        made_at=row.made_at,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
    )
