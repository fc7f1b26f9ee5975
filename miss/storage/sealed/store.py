"""Queries on the key store."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.storage.database import Database, Transaction
from miss.storage.direct import PortableStatement
from miss.storage.sealed.tables import DataKeyRow, WrappingKeyRow

_ONLY = 1


class Wrapped(NamedTuple):
    """A data key as it is kept."""

    key_id: str
    wrapped: bytes
    master_id: str


_FIND = PortableStatement(
    select(DataKeyRow.id, DataKeyRow.wrapped, DataKeyRow.master_id).where(col(DataKeyRow.id) == bindparam("key_id")),
    ("key_id",),
)


async def find(db: Database, key_id: str) -> Wrapped | None:
    """A data key; None: destroyed, or never made."""
    async with db.hot_reads() as tx:
        rows = await _FIND.fetch(tx, key_id)
    return Wrapped(*rows[0]) if rows else None


async def insert(tx: Transaction, wrapped: Wrapped, now: datetime) -> bool:
    """Keep a new data key; False if another was made under that id meanwhile."""
    tx.add(DataKeyRow(id=wrapped.key_id, wrapped=wrapped.wrapped, master_id=wrapped.master_id, created_at=now))
    try:
        await tx.flush()
    except IntegrityError:
        await tx.rollback()
        return False
    return True


async def destroy(db: Database, key_id: str) -> None:
    """Delete a data key; nothing happens if there is none."""
    async with db.transaction() as tx:
        await tx.exec(delete(DataKeyRow).where(col(DataKeyRow.id) == key_id))


async def hold_wrapping(tx: Transaction, first_id: str, now: datetime) -> str:
    """Id of the master key that wraps, which stays that one until the transaction ends; `first_id` in a new store."""
    row = (await tx.exec(select(WrappingKeyRow).with_for_update(read=True))).one_or_none()
    if row is not None:
        return row.master_id
    tx.add(WrappingKeyRow(id=_ONLY, master_id=first_id, since=now))
    try:
        await tx.flush()
    except IntegrityError:
        # Another process named it at the same moment.
        await tx.rollback()
        return (await tx.exec(select(WrappingKeyRow).with_for_update(read=True))).one().master_id
    return first_id


async def get_wrapping(db: Database) -> str | None:
    """Id of the master key that wraps; None: nothing was wrapped since there is such a record."""
    async with db.snapshot() as tx:
        row = await tx.get(WrappingKeyRow, _ONLY)
        return row.master_id if row else None


async def get_wrapping_since(db: Database) -> datetime | None:
    """Since when it does."""
    async with db.snapshot() as tx:
        row = await tx.get(WrappingKeyRow, _ONLY)
        return row.since if row else None


async def set_wrapping(db: Database, master_id: str, now: datetime) -> None:
    """Another master key wraps from now on; whoever wraps at this moment is waited for."""
    async with db.transaction() as tx:
        row = (await tx.exec(select(WrappingKeyRow).with_for_update())).one_or_none()
        row = row or WrappingKeyRow(id=_ONLY, master_id=master_id, since=now)
        row.master_id, row.since = master_id, now
        tx.add(row)


async def list_wrapped_by_others(tx: Transaction, master_id: str, limit: int) -> list[Wrapped]:
    """Data keys that another master key wraps."""
    query = select(DataKeyRow).where(DataKeyRow.master_id != master_id).limit(limit)
    return [Wrapped(row.id, row.wrapped, row.master_id) for row in await tx.exec(query)]


async def rewrap(tx: Transaction, seen: Wrapped, wrapped: bytes, master_id: str) -> None:
    """Put the new wrapping in the place of the one that was seen; a key destroyed meanwhile stays destroyed."""
    same = (col(DataKeyRow.id) == seen.key_id, col(DataKeyRow.master_id) == seen.master_id)
    await tx.exec(update(DataKeyRow).where(*same).values(wrapped=wrapped, master_id=master_id))
