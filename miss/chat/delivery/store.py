"""Queries on the log: Core statements on the table, a whole batch at a time (ADR 5)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlmodel
from sqlalchemy import bindparam, exists, func, insert, or_, select, tuple_, update
from sqlmodel import col

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.chat.conversations.tables import MemberRow
from miss.chat.delivery.model import Cursor, Deposit, Grave, Key, Placed, Standing, Stored
from miss.chat.delivery.tables import MessageRow, TombstoneRow
from miss.protocol.limits import MAX_PAGE_BYTES
from miss.protocol.wire.frames import MAX_STATEMENT_BYTES, Gone, Item
from miss.storage import Transaction
from miss.storage.direct import HotBatch, HotStatement

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]


_STORED = HotStatement(
    "SELECT cid, did, mid, seq, env_hash, log, ts_ms FROM chat_message WHERE mid = ANY($1::bytea[])",
    select(*(_MESSAGE.c[name] for name in ("cid", "did", "mid", "seq", "env_hash", "log", "ts_ms"))).where(
        _MESSAGE.c.mid.in_(bindparam("mids", expanding=True))
    ),
)
_COLUMNS = ("cid", "seq", "did", "mid", "ts_ms", "env_hash", "log", "env")
_APPEND = HotBatch(
    f"INSERT INTO chat_message ({', '.join(_COLUMNS)}) SELECT * FROM unnest("  # noqa: S608 - names from here
    "$1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[])",
    insert(_MESSAGE),
    _COLUMNS,
)


async def find_stored(tx: Transaction, mids: Collection[MessageId]) -> dict[Key, Stored]:
    """Every envelope in the log under one of these identifiers."""
    rows = await _STORED.fetch(tx, {"mids": list(mids)})
    return {
        (ConversationId(cid), DeviceId(did), MessageId(mid)): Stored(ConversationId(cid), seq, env_hash, log, ts_ms)
        for cid, did, mid, seq, env_hash, log, ts_ms in rows
    }


async def find_placed(tx: Transaction, cid: ConversationId, seq: int) -> tuple[Stored, bytes] | None:
    """What stands at one place of the log, and its envelope (empty if it was deleted)."""
    table = _MESSAGE.c
    query = select(table.env_hash, table.log, table.ts_ms, table.env).where(table.cid == cid, table.seq == seq)
    row = (await (await tx.connection()).execute(query)).one_or_none()
    return None if row is None else (Stored(cid, seq, row.env_hash, row.log, row.ts_ms), row.env)


async def append(tx: Transaction, placed: Sequence[Placed]) -> None:
    """Add envelopes at their places.  Raises IntegrityError if another process took one of the identifiers."""
    await _APPEND.run(tx, [_row(each.deposit, each.stored) for each in placed])


def _row(deposit: Deposit, stored: Stored) -> tuple[Any, ...]:
    return (
        deposit.cid,
        stored.seq,
        deposit.did,
        deposit.mid,
        stored.ts_ms,
        stored.env_hash,
        stored.log,
        deposit.env,
    )


async def read_page(
    tx: Transaction, cid: ConversationId, first: int, last: int, limit: int
) -> tuple[tuple[Item, ...], bool]:
    """What stands from `first` to `last`, at most `limit` and 1 MiB (but always one); True if there is more.

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
        total_bytes += size_bytes or MAX_STATEMENT_BYTES
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
    rows = (await connection.execute(bodies)).all()
    gone = await _list_gone(tx, cid, [seq for seq, env, _ in rows if not env])
    return tuple(Item(seq, env, ts_ms, gone.get(seq)) for seq, env, ts_ms in rows), len(sizes) > count


async def _list_gone(tx: Transaction, cid: ConversationId, seqs: Collection[int]) -> Mapping[int, Gone]:
    """What is left of these envelopes."""
    if not seqs:
        return {}
    message, grave = MessageRow, TombstoneRow
    query = (
        select(col(message.seq), col(message.env_hash), col(grave.tombstone))
        .outerjoin(grave, (col(grave.cid) == message.cid) & (col(grave.seq) == message.seq))
        .where(col(message.cid) == cid, col(message.seq).in_(seqs))
    )
    connection = await tx.connection()
    return {seq: Gone(env_hash, tombstone) for seq, env_hash, tombstone in await connection.execute(query)}


# Deletion


async def find_standing(tx: Transaction, cid: ConversationId, seq: int) -> Standing | None:
    """What stands at one place, gone or not."""
    table = _MESSAGE.c
    query = select(table.did, table.env_hash, table.ts_ms).where(table.cid == cid, table.seq == seq)
    row = (await (await tx.connection()).execute(query)).one_or_none()
    return None if row is None else Standing(DeviceId(row.did), row.env_hash, row.ts_ms)


async def blank(tx: Transaction, cid: ConversationId, seqs: Collection[int]) -> None:
    """Forget these envelopes; their hashes stay.  The caller holds the conversation."""
    await tx.exec(update(MessageRow).where(col(MessageRow.cid) == cid, col(MessageRow.seq).in_(seqs)).values(env=b""))


async def add_grave(tx: Transaction, grave: Grave) -> None:
    """Keep a deletion."""
    tx.add(
        TombstoneRow(cid=grave.cid, seq=grave.seq, uid=grave.uid, tombstone=grave.tombstone, stored_ms=grave.stored_ms)
    )
    await tx.flush()


async def find_grave(tx: Transaction, cid: ConversationId, seq: int) -> Grave | None:
    """The deletion of one envelope."""
    row = await tx.get(TombstoneRow, (cid, seq))
    return None if row is None else _grave(row)


async def list_graves(tx: Transaction, uid: AccountId, since_ms: int, after: Cursor | None, limit: int) -> list[Grave]:
    """Deletions stored at `since_ms` or later in places that `uid` may read, oldest first."""
    theirs = select(col(MemberRow.cid)).where(col(MemberRow.uid) == uid)
    may_read = exists().where(
        col(MemberRow.cid) == TombstoneRow.cid,
        col(MemberRow.uid) == uid,
        col(MemberRow.from_seq) <= TombstoneRow.seq,
        or_(col(MemberRow.to_seq).is_(None), col(MemberRow.to_seq) >= TombstoneRow.seq),
    )
    place = tuple_(col(TombstoneRow.stored_ms), col(TombstoneRow.cid), col(TombstoneRow.seq))
    query = (
        sqlmodel.select(TombstoneRow)
        .where(col(TombstoneRow.cid).in_(theirs), col(TombstoneRow.stored_ms) >= since_ms, may_read)
        .order_by(col(TombstoneRow.stored_ms), col(TombstoneRow.cid), col(TombstoneRow.seq))
        .limit(limit)
    )
    if after is not None:
        query = query.where(place > after)
    return [_grave(row) for row in await tx.exec(query)]


def _grave(row: TombstoneRow) -> Grave:
    return Grave(ConversationId(row.cid), row.seq, AccountId(row.uid), row.tombstone, row.stored_ms)
