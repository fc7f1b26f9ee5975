"""Queries on exceptional accesses."""

from datetime import datetime

from sqlmodel import col, select

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.requests.break_glass.model import LASTS, BreakGlass, GlassReason
from teleexpertise.requests.break_glass.tables import BreakGlassRow


async def insert(tx: Transaction, row_id: str, glass: BreakGlass, words: bytes) -> None:
    """Record one."""
    tx.add(
        BreakGlassRow(
            id=row_id,
            request_id=glass.request_id,
            practitioner_id=glass.by,
            reason=glass.reason,
            words=words,
            opened_at=glass.at,
        )
    )
    await tx.flush()


async def find_live(tx: Transaction, request_id: RequestId, by: PractitionerId, now: datetime) -> BreakGlass | None:
    """The access that somebody has to a request at `now`; None: none, or it is over."""
    query = (
        select(BreakGlassRow)
        .where(
            BreakGlassRow.request_id == request_id,
            BreakGlassRow.practitioner_id == by,
            BreakGlassRow.opened_at > now - LASTS,
        )
        .order_by(col(BreakGlassRow.opened_at).desc())
        .limit(1)
    )
    row = (await tx.exec(query)).one_or_none()
    return BreakGlass(request_id, by, GlassReason(row.reason), row.opened_at) if row else None
