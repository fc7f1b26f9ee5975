"""Queries on quotas of establishments."""

from sqlalchemy import update
from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.quotas.model import QuotaChoice
from miss.directory.establishments.tables import EstablishmentRow
from miss.storage import Transaction


async def find(tx: Transaction, establishment_id: OrganizationId) -> QuotaChoice:
    """What was chosen; nothing for an establishment without a record."""
    row = EstablishmentRow
    query = select(row.requests_per_min, row.entries_per_day).where(row.id == establishment_id)
    found = (await tx.exec(query)).one_or_none()
    return QuotaChoice(*found) if found else QuotaChoice()


async def put(tx: Transaction, establishment_id: OrganizationId, choice: QuotaChoice) -> None:
    """In the place of what was chosen before."""
    await tx.exec(
        update(EstablishmentRow)
        .where(col(EstablishmentRow.id) == establishment_id)
        .values(requests_per_min=choice.requests_per_min, entries_per_day=choice.entries_per_day)
    )
