"""Queries on the log: Core statements on the table, a whole batch at a time (ADR 5)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlmodel
from sqlalchemy import Integer, bindparam, exists, func, insert, or_, select, tuple_, update
from sqlmodel import col

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.model import ConversationState
from miss.chat.conversations.tables import MemberRow
from miss.chat.delivery.model import Cursor, Deposit, Grave, Key, Placed, Standing, Stored
from miss.chat.delivery.tables import MessageRow, TombstoneRow
from miss.chat.devices import store as device_store
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import AnyNotice, encode_notices
from miss.protocol.limits import MAX_PAGE_BYTES
from miss.protocol.wire.frames import MAX_STATEMENT_BYTES, Gone, Item
from miss.storage import Transaction
from miss.storage.direct import HotBatch, HotReads, HotStatement, HotWrites

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]


_STORED_COLUMNS = ("cid", "did", "mid", "seq", "env_hash", "log", "ts_ms")
_STORED = HotStatement(
    # LATERAL … OFFSET 0: one look into the index for each, whatever the planner thinks of the size of the table.
    f"SELECT found.* FROM unnest($1::bytea[]) AS asked (mid), LATERAL ("  # noqa: S608 - names from here
    f"SELECT {', '.join(_STORED_COLUMNS)} FROM chat_message WHERE chat_message.mid = asked.mid OFFSET 0) AS found",
    select(*(_MESSAGE.c[name] for name in _STORED_COLUMNS)).where(
        _MESSAGE.c.mid.in_(bindparam("mids", expanding=True))
    ),
    ("mids",),
)
"""Every envelope in the log under one of these identifiers."""
_COLUMNS = ("cid", "seq", "did", "mid", "ts_ms", "env_hash", "log", "env")
_APPEND = HotBatch(
    f"INSERT INTO chat_message ({', '.join(_COLUMNS)}) SELECT * FROM unnest("  # noqa: S608 - names from here
    "$1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[])",
    insert(_MESSAGE),
    _COLUMNS,
)
_FLUSH_READS = HotReads(conversation_store.LOCK, _STORED, device_store.ACTIVE)
_FLUSH_WRITES = HotWrites(_APPEND, conversation_store.ADVANCE, notice_store.APPEND)


class Found(NamedTuple):
    """What the database says of a batch."""

    states: dict[ConversationId, ConversationState]
    """Of its conversations, locked until the transaction ends, in sorted order; unknown ones are absent."""
    stored: dict[Key, Stored]
    active: dict[DeviceId, AccountId]
    """The sending devices that are not revoked, and their owners."""


async def look_up(tx: Transaction, deposits: Sequence[Deposit]) -> Found:
    """Lock the conversations of these deposits and read what decides about them.

    On PostgreSQL all of it is one state of the database, read before the lock was had, but for the locked rows
    themselves, which are read again.  Somebody else's deposit under the same identifiers may be missed by that:
    `append` then raises IntegrityError.
    """
    states, stored, active = await _FLUSH_READS.fetch(
        tx,
        [sorted({deposit.cid for deposit in deposits})],
        [list({deposit.mid for deposit in deposits})],
        [list({deposit.did for deposit in deposits})],
    )
    return Found(
        states={ConversationId(row[0]): conversation_store.read_state(row) for row in states},
        stored={
            (ConversationId(cid), DeviceId(did), MessageId(mid)): Stored(ConversationId(cid), seq, env_hash, log, ts_ms)
            for cid, did, mid, seq, env_hash, log, ts_ms in stored
        },
        active={DeviceId(did): AccountId(uid) for did, uid in active},
    )


async def append(
    tx: Transaction, placed: Sequence[Placed], *, origin: bytes, notices: tuple[AnyNotice, ...], at: datetime
) -> int:
    """Add envelopes at their places, which end where their conversations' logs do; the number of `notices`.

    `placed` is sorted by conversation and place.  Raises IntegrityError if another process took one of the identifiers.
    """
    ends = {each.stored.cid: each.stored for each in placed}
    written = await _FLUSH_WRITES.fetch(
        tx,
        [_row(each.deposit, each.stored) for each in placed],
        [(end.cid, end.seq, end.log, at) for end in ends.values()],
        (origin, at, encode_notices(notices)),
    )
    return int(written[0][0])


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


async def find_placed(tx: Transaction, cid: ConversationId, seq: int) -> tuple[Stored, bytes] | None:
    """What stands at one place of the log, and its envelope (empty if it was deleted)."""
    table = _MESSAGE.c
    query = select(table.env_hash, table.log, table.ts_ms, table.env).where(table.cid == cid, table.seq == seq)
    row = (await (await tx.connection()).execute(query)).one_or_none()
    return None if row is None else (Stored(cid, seq, row.env_hash, row.log, row.ts_ms), row.env)


_WITHIN = "FROM chat_message WHERE cid = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq"
_within = (_MESSAGE.c.cid == bindparam("of_cid")) & _MESSAGE.c.seq.between(bindparam("first"), bindparam("last"))
_SIZES = HotStatement(
    f"SELECT seq, length(env) {_WITHIN} LIMIT $4",
    select(_MESSAGE.c.seq, func.length(_MESSAGE.c.env))
    .where(_within)
    .order_by(_MESSAGE.c.seq)
    .limit(bindparam("most", type_=Integer)),
    ("of_cid", "first", "last", "most"),
)
_BODIES = HotStatement(
    f"SELECT seq, env, ts_ms {_WITHIN}",
    select(_MESSAGE.c.seq, _MESSAGE.c.env, _MESSAGE.c.ts_ms).where(_within).order_by(_MESSAGE.c.seq),
    ("of_cid", "first", "last"),
)


async def read_page(
    tx: Transaction, cid: ConversationId, first: int, last: int, limit: int
) -> tuple[tuple[Item, ...], bool]:
    """What stands from `first` to `last`, at most `limit` and 1 MiB (but always one); True if there is more.

    Sizes are read before bodies: what does not fit in the page never leaves the database.
    """
    sizes = await _SIZES.fetch(tx, cid, first, last, limit + 1)
    total_bytes, count = 0, 0
    for _, size_bytes in sizes[:limit]:
        total_bytes += size_bytes or MAX_STATEMENT_BYTES
        if count and total_bytes > MAX_PAGE_BYTES:
            break
        count += 1
    if not count:
        return (), False
    rows = await _BODIES.fetch(tx, cid, first, sizes[count - 1][0])
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
