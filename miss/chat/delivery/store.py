"""Queries on the log: Core statements on the table, a whole batch at a time (ADR 5)."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, insert, select
from sqlmodel import col

from miss.base.ids import ConversationId, DeviceId, MessageId
from miss.chat.delivery.model import Key, Placed, Stored
from miss.chat.delivery.tables import MessageRow
from miss.protocol.limits import MAX_PAGE_BYTES
from miss.protocol.wire.frames import Item
from miss.storage import Transaction

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]


async def find_stored(tx: Transaction, mids: Collection[MessageId]) -> dict[Key, Stored]:
    """Every envelope in the log under one of these identifiers."""
    table = _MESSAGE.c
    query = select(table.cid, table.did, table.mid, table.seq, table.env_hash, table.log, table.ts_ms).where(
        table.mid.in_(sorted(mids))
    )
    connection = await tx.connection()
    return {
        (ConversationId(cid), DeviceId(did), MessageId(mid)): Stored(ConversationId(cid), seq, env_hash, log, ts_ms)
        for cid, did, mid, seq, env_hash, log, ts_ms in await connection.execute(query)
    }


async def find_placed(tx: Transaction, cid: ConversationId, seq: int) -> tuple[Stored, bytes] | None:
    """What stands at one place of the log, and its envelope (empty if it was deleted)."""
    table = _MESSAGE.c
    query = select(table.env_hash, table.log, table.ts_ms, table.env).where(table.cid == cid, table.seq == seq)
    row = (await (await tx.connection()).execute(query)).one_or_none()
    return None if row is None else (Stored(cid, seq, row.env_hash, row.log, row.ts_ms), row.env)


async def append(tx: Transaction, placed: Sequence[Placed]) -> None:
    """Add envelopes at their places.  Raises IntegrityError if another process took one of the identifiers."""
    rows = [
        {
            "cid": each.deposit.cid,
            "seq": each.stored.seq,
            "did": each.deposit.did,
            "mid": each.deposit.mid,
            "ts_ms": each.stored.ts_ms,
            "env_hash": each.stored.env_hash,
            "log": each.stored.log,
            "env": each.deposit.env,
        }
        for each in placed
    ]
    connection = await tx.connection()
    await connection.execute(insert(_MESSAGE), rows)


async def read_page(
    tx: Transaction, cid: ConversationId, first: int, last: int, limit: int
) -> tuple[tuple[Item, ...], bool]:
    """Envelopes from `first` to `last`, at most `limit` and 1 MiB (but always one); True if there are more.

    Sizes are read before bodies: what does not fit in the page never leaves the database.
    """
    within = (col(MessageRow.cid) == cid) & col(MessageRow.seq).between(first, last)
    connection = await tx.connection()
    sizes_query = (
        select(col(MessageRow.seq), func.length(col(MessageRow.env)))
        .where(within)
        .order_by(col(MessageRow.seq))
        .limit(limit + 1)
    )
    sizes = (await connection.execute(sizes_query)).all()
    total_bytes, count = 0, 0
    for _, size_bytes in sizes[:limit]:
        total_bytes += size_bytes
        if count and total_bytes > MAX_PAGE_BYTES:
            break
        count += 1
    if not count:
        return (), False
    bodies = (
        select(col(MessageRow.seq), col(MessageRow.env), col(MessageRow.ts_ms))
        .where(within, col(MessageRow.seq) <= sizes[count - 1][0])
        .order_by(col(MessageRow.seq))
    )
    return tuple(Item(*row) for row in await connection.execute(bodies)), len(sizes) > count
