"""Queries on what a party asked."""

from sqlmodel import col, select

from miss.base.ids import PractitionerId
from miss.storage import Transaction
from teleexpertise.requests.tables import RequestRow


async def list_numbers(tx: Transaction, requester: PractitionerId, after: str, limit: int) -> list[tuple[str, str]]:
    """Identifiers and numbers of requests, past that identifier, the oldest first."""
    query = (
        select(RequestRow.id, RequestRow.number)
        .where(RequestRow.requester_id == requester, col(RequestRow.id) > after)
        .order_by(col(RequestRow.id))
        .limit(limit)
    )
    return list(await tx.exec(query))
