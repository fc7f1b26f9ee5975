"""Queries on quotas of establishments, and on what their people keep and ask."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.quotas.model import QuotaChoice, Used
from miss.directory.establishments.quotas.tables import KeptFileRow
from miss.directory.establishments.tables import EstablishmentRow
from miss.storage import Transaction


async def find(tx: Transaction, establishment_id: OrganizationId, *, held: bool = False) -> QuotaChoice:
    """What was chosen; nothing for an establishment without a record.  `held`: nobody else counts until the end."""
    row = EstablishmentRow
    chosen = (col(row.requests_per_min), col(row.entries_per_day), col(row.stored_mb), col(row.advice_per_day))
    query = select(*chosen).where(row.id == establishment_id)
    found = (await tx.exec(query.with_for_update() if held else query)).one_or_none()
    return QuotaChoice(*found) if found else QuotaChoice()


async def put(tx: Transaction, establishment_id: OrganizationId, choice: QuotaChoice) -> None:
    """In the place of what was chosen before."""
    await tx.exec(
        update(EstablishmentRow)
        .where(col(EstablishmentRow.id) == establishment_id)
        .values(
            requests_per_min=choice.requests_per_min,
            entries_per_day=choice.entries_per_day,
            stored_mb=choice.stored_mb,
            advice_per_day=choice.advice_per_day,
        )
    )


async def find_used(tx: Transaction, establishment_id: OrganizationId, today: date) -> Used:
    """Of one establishment."""
    return Used(await sum_stored(tx, establishment_id), await find_advice(tx, establishment_id, today))


async def find_advice(tx: Transaction, establishment_id: OrganizationId, today: date) -> int:
    """How many requests for advice were sent today."""
    query = select(col(EstablishmentRow.advice_day), col(EstablishmentRow.advice_asked))
    asked = (await tx.exec(query.where(EstablishmentRow.id == establishment_id))).one_or_none()
    return asked[1] if asked and asked[0] == today else 0


async def sum_stored(tx: Transaction, establishment_id: OrganizationId, *, but: str = "") -> int:
    """Bytes kept for an establishment, without the file of that name."""
    others = (KeptFileRow.establishment_id == establishment_id, KeptFileRow.name != but)
    query = select(func.coalesce(func.sum(KeptFileRow.size_bytes), 0)).where(*others)
    return int((await tx.exec(query)).one())


async def keep(tx: Transaction, name: str, establishment_id: OrganizationId, about: str, size_bytes: int) -> None:
    """Count a file, or count it anew under its true size."""
    row = await tx.get(KeptFileRow, name)
    if row is None:
        row = KeptFileRow(name=name, establishment_id=establishment_id, about=about, size_bytes=size_bytes)
    row.size_bytes = size_bytes
    tx.add(row)
    await tx.flush()


async def release(tx: Transaction, names: Collection[str]) -> None:
    """The bytes of these are gone."""
    await tx.exec(delete(KeptFileRow).where(col(KeptFileRow.name).in_(names)))


async def release_about(tx: Transaction, about: str) -> None:
    """All that went with it is gone."""
    await tx.exec(delete(KeptFileRow).where(col(KeptFileRow.about) == about))


async def count_advice(tx: Transaction, establishment_id: OrganizationId, today: date, asked: int) -> None:
    """So many requests were sent today."""
    await tx.exec(
        update(EstablishmentRow)
        .where(col(EstablishmentRow.id) == establishment_id)
        .values(advice_day=today, advice_asked=asked)
    )
