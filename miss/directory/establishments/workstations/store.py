"""Queries on what establishments impose."""

from collections.abc import Collection

from sqlalchemy import update
from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.tables import EstablishmentRow
from miss.directory.establishments.workstations.model import Imposed
from miss.storage import Transaction


async def list_(tx: Transaction, establishment_ids: Collection[OrganizationId]) -> list[Imposed]:
    """By those of them that have a record."""
    row = EstablishmentRow
    query = select(row.lock_after_min_max).where(col(row.id).in_(establishment_ids))
    return [Imposed(found) for found in await tx.exec(query)]


async def put(tx: Transaction, establishment_id: OrganizationId, imposed: Imposed) -> None:
    """In the place of what it imposed before."""
    of_it = col(EstablishmentRow.id) == establishment_id
    await tx.exec(update(EstablishmentRow).where(of_it).values(lock_after_min_max=imposed.lock_after_min_max))
