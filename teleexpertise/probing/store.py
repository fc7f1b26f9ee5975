"""Requests of probes that are over, and their rows in every table of the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Table, delete, or_
from sqlmodel import col, select

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.requests.model import State
from teleexpertise.requests.tables import RequestRow

_REQUEST: Final = "request_id"


async def list_over(
    tx: Transaction, requester: PractitionerId, before: datetime, limit: int
) -> Sequence[tuple[RequestId, bool]]:
    """Requests that ended before that instant, or were begun before it and have not ended; and whether they are under
    way still."""
    query = (
        select(RequestRow.id, RequestRow.state, RequestRow.ended_at)
        .where(
            RequestRow.requester_id == requester,
            or_(
                col(RequestRow.ended_at) < before,
                col(RequestRow.ended_at).is_(None) & (col(RequestRow.created_at) < before),
            ),
        )
        .order_by(col(RequestRow.id))
        .limit(limit)
    )
    found = (await tx.exec(query)).all()
    return [(RequestId(one), ended_at is None and state != State.DRAFT) for one, state, ended_at in found]


async def delete_whole(tx: Transaction, request_id: RequestId) -> None:
    """Nothing refers to it afterwards: whatever table says which request it is about."""
    connection = await tx.connection()
    for table in _tables():
        await connection.execute(delete(table).where(table.c[_REQUEST] == request_id))
    await tx.exec(delete(RequestRow).where(col(RequestRow.id) == request_id))


def _tables() -> list[Table]:
    """Those that others refer to come last."""
    return [table for table in reversed(RequestRow.metadata.sorted_tables) if _REQUEST in table.c]
