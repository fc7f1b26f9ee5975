"""Queries on declared conflicts."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func
from sqlmodel import col, select

from miss.base.ids import PractitionerId
from miss.storage import Transaction
from miss.storage.direct import PortableStatement
from teleexpertise.dispatch.conflicts.model import MAX_CONFLICTS, Conflict, ConflictReason
from teleexpertise.dispatch.conflicts.tables import DispatchConflictRow

AGAINST = PortableStatement(
    select(DispatchConflictRow.expert_id).where(col(DispatchConflictRow.requester_id) == bindparam("requester")),
    ("requester",),
)
"""Who takes no requests from somebody; part of what dispatch asks about a request.  Its rows: `read`."""


async def put(tx: Transaction, conflict: Conflict) -> None:
    """Write it; declared again, it has the new reason."""
    row = await tx.get(DispatchConflictRow, (conflict.expert, conflict.requester), with_for_update=True)
    if row is None:
        row = DispatchConflictRow(
            expert_id=conflict.expert, requester_id=conflict.requester, reason="", since=conflict.since
        )
    row.reason = conflict.reason
    tx.add(row)
    await tx.flush()


async def remove(tx: Transaction, expert: PractitionerId, requester: PractitionerId) -> None:
    """Take it back; nothing happens if there is none."""
    row = DispatchConflictRow
    await tx.exec(delete(row).where(col(row.expert_id) == expert, col(row.requester_id) == requester))


async def count(tx: Transaction, expert: PractitionerId) -> int:
    """How many somebody declared."""
    query = select(func.count()).select_from(DispatchConflictRow).where(DispatchConflictRow.expert_id == expert)
    return (await tx.exec(query)).one()


async def list_of(tx: Transaction, expert: PractitionerId) -> list[Conflict]:
    """What an expert declared, the newest first."""
    query = (
        select(DispatchConflictRow)
        .where(DispatchConflictRow.expert_id == expert)
        .order_by(col(DispatchConflictRow.since).desc(), col(DispatchConflictRow.requester_id))
        .limit(MAX_CONFLICTS)
    )
    return [
        Conflict(PractitionerId(row.expert_id), PractitionerId(row.requester_id), ConflictReason(row.reason), row.since)
        for row in await tx.exec(query)
    ]


async def list_against(tx: Transaction, requester: PractitionerId) -> frozenset[PractitionerId]:
    """Who takes no requests from that person."""
    return read(await AGAINST.fetch(tx, requester))


def read(rows: Sequence[Sequence[str]]) -> frozenset[PractitionerId]:
    """The rows of `AGAINST`."""
    return frozenset(PractitionerId(expert) for (expert,) in rows)
