"""Queries of the feed."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.directory.exports.feed.model import Published
from miss.directory.exports.feed.tables import FeedHeadRow, PublishedEntryRow
from miss.storage import Transaction

_HEAD = 1


async def lock_head(tx: Transaction) -> int:
    """The last place given, held until the transaction ends: a later place is never seen before an earlier one."""
    query = select(FeedHeadRow.sequence).where(FeedHeadRow.id == _HEAD).with_for_update()
    found = (await tx.exec(query)).one_or_none()
    if found is not None:
        return found
    try:
        async with tx.begin_nested():
            tx.add(FeedHeadRow(id=_HEAD, sequence=0))
            await tx.flush()
    except IntegrityError:
        pass  # another process made the row first: it is read below
    return (await tx.exec(query)).one()


async def set_head(tx: Transaction, sequence: int) -> None:
    """Write the place that `lock_head` holds."""
    await tx.exec(update(FeedHeadRow).where(col(FeedHeadRow.id) == _HEAD).values(sequence=sequence))


async def get_head(tx: Transaction) -> int:
    """The last place given; 0: none was."""
    return (await tx.exec(select(FeedHeadRow.sequence).where(FeedHeadRow.id == _HEAD))).one_or_none() or 0


async def list_range(tx: Transaction, after: str, through: str | None) -> dict[str, Published]:
    """What was published of entries whose identifier sorts behind `after` and up to `through` (None: to the end)."""
    query = select(PublishedEntryRow).where(col(PublishedEntryRow.entry_id) > after)
    if through is not None:
        query = query.where(col(PublishedEntryRow.entry_id) <= through)
    return {row.entry_id: _published(row) for row in await tx.exec(query)}


async def get_many(tx: Transaction, ids: Collection[str]) -> dict[str, Published]:
    """What was published of `ids` (some hundreds at most); the others are absent."""
    rows = await tx.exec(select(PublishedEntryRow).where(col(PublishedEntryRow.entry_id).in_(ids)))
    return {row.entry_id: _published(row) for row in rows}


async def list_since(tx: Transaction, since: int, limit: int) -> Sequence[Published]:
    """Entries whose last change came after `since`, in order."""
    rows = await tx.exec(
        select(PublishedEntryRow)
        .where(col(PublishedEntryRow.sequence) > since)
        .order_by(col(PublishedEntryRow.sequence))
        .limit(limit)
    )
    return [_published(row) for row in rows]


async def replace_many(tx: Transaction, published: Sequence[Published]) -> None:
    """Keep what is published of these entries (some hundreds at most), instead of what was."""
    if not published:
        return
    ids = [one.id for one in published]
    await tx.exec(delete(PublishedEntryRow).where(col(PublishedEntryRow.entry_id).in_(ids)))
    rows = [
        {
            "entry_id": one.id,
            "digest": one.digest,
            "sequence": one.sequence,
            "appeared": one.appeared,
            "changed_at": one.changed_at,
            "is_gone": one.is_gone,
        }
        for one in published
    ]
    await (await tx.connection()).execute(insert(PublishedEntryRow), rows)


def _published(row: PublishedEntryRow) -> Published:
    return Published(row.entry_id, row.digest, row.sequence, row.appeared, row.changed_at, row.is_gone)
