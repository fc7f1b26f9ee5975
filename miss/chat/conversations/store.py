"""Queries on conversations.  Those of the hot path (`LOCK`, `ADVANCE`) are for a whole batch."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, bindparam, func, insert, or_, tuple_, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from miss.base.ids import AccountId, ConversationId
from miss.chat.conversations.errors import ConversationKnown
from miss.chat.conversations.model import ConversationState, HeadOf, Interval, Mark, MemberChange, StoredCommit
from miss.chat.conversations.tables import BoxRow, CommitRow, ConversationRow, MarkerRow, MemberRow
from miss.protocol.crypto.commits import Commit, parse_commit
from miss.storage import Transaction
from miss.storage.columns import UtcDateTime
from miss.storage.direct import HotBatch, HotStatement

_MARKER = MarkerRow.__table__  # type: ignore[attr-defined]
_CONVERSATION = ConversationRow.__table__  # type: ignore[attr-defined]
_STATE_NAMES = ("cid", "epoch", "commit_hash", "needs_rekey", "version", "last_seq", "log")
_STATE_COLUMNS = tuple(_CONVERSATION.c[name] for name in _STATE_NAMES)


def read_state(row: Row[bytes, int, bytes, bool, int, int, bytes]) -> ConversationState:
    """A row of `LOCK`."""
    cid, epoch, commit_hash, needs_rekey, version, last_seq, log = row
    return ConversationState(ConversationId(cid), epoch, commit_hash, needs_rekey, version, last_seq, log)


LOCK = HotStatement(
    f"SELECT {', '.join(_STATE_NAMES)} FROM chat_conversation"  # noqa: S608 - names from here
    " WHERE cid = ANY($1::bytea[]) ORDER BY cid FOR UPDATE",
    select_columns(*_STATE_COLUMNS)
    .where(col(ConversationRow.cid).in_(bindparam("cids", expanding=True)))
    .order_by(col(ConversationRow.cid))
    .with_for_update(),
    ("cids",),
)
"""Part of what a flush asks; its rows: `read_state`."""
ADVANCE = HotBatch(
    "UPDATE chat_conversation SET last_seq = news.last_seq, log = news.log, changed_at = news.at"
    " FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::timestamptz[]) AS news (cid, last_seq, log, at)"
    " WHERE chat_conversation.cid = news.cid",
    update(_CONVERSATION)
    .where(_CONVERSATION.c.cid == bindparam("of_cid"))
    .values(last_seq=bindparam("to_seq"), log=bindparam("to_log"), changed_at=bindparam("now")),
    ("of_cid", "to_seq", "to_log", "now"),
)
"""Moves the log of conversations that the transaction has locked; part of what a flush changes."""


async def lock(tx: Transaction, cids: Collection[ConversationId]) -> dict[ConversationId, ConversationState]:
    """The state of each conversation, locked until the transaction ends; unknown ones are absent.

    Rows are locked in sorted order, so that two processes never wait for each other (protocol §7).  On SQLite the
    writing transaction has already locked everything.
    """
    states = map(read_state, await LOCK.fetch(tx, sorted(cids)))
    return {state.cid: state for state in states}


async def find_state(tx: Transaction, cid: ConversationId) -> ConversationState | None:
    """The state of one conversation, not locked."""
    query = select_columns(*_STATE_COLUMNS).where(col(ConversationRow.cid) == cid)
    row = (await (await tx.connection()).execute(query)).one_or_none()
    return None if row is None else read_state(row)


async def add_conversation(tx: Transaction, state: ConversationState, at: datetime) -> None:
    """Open a conversation.  Raises ConversationKnown."""
    tx.add(
        ConversationRow(
            cid=state.cid,
            epoch=state.epoch,
            commit_hash=state.commit_hash,
            version=state.version,
            last_seq=state.last_seq,
            log=state.log,
            changed_at=at,
            look_at=at,
        )
    )
    try:
        await tx.flush()
    except IntegrityError:
        raise ConversationKnown(cid=state.cid.hex()) from None


async def swap_epoch(
    tx: Transaction, commit: Commit, *, new_version: bool, new_policy: bool, at: datetime
) -> tuple[int, int] | None:
    """Let `commit` open its epoch if the one before is current; `version` and `last_seq` then, None otherwise."""
    # A policy acts on the time before, too: retention looks at once.
    looks: dict[str, Any] = {"look_at": at} if new_policy else {}
    swapped = await tx.exec(
        update(_CONVERSATION)
        .where(_CONVERSATION.c.cid == commit.core.cid, _CONVERSATION.c.epoch == commit.core.epoch - 1)
        .values(
            epoch=commit.core.epoch,
            commit_hash=commit.hash,
            needs_rekey=False,
            version=_CONVERSATION.c.version + int(new_version),
            changed_at=at,
            **looks,
        )
        .returning(_CONVERSATION.c.version, _CONVERSATION.c.last_seq)
    )
    row = swapped.one_or_none()
    return None if row is None else (row[0], row[1])


async def mark_for_rekey(tx: Transaction, uid: AccountId) -> None:
    """This person's user key changed: each of their conversations needs a commit before the next envelope."""
    theirs = current_of(uid)
    # In the order of everybody who locks several: two people who change keys at once do not wait for each other.
    cids = list(await lock(tx, [ConversationId(cid) for cid in await tx.exec(theirs)]))
    await tx.exec(update(ConversationRow).where(col(ConversationRow.cid).in_(cids)).values(needs_rekey=True))


async def add_commit(tx: Transaction, commit: Commit, after_seq: int, at: datetime) -> None:
    """Keep a commit: stripped, and each member's boxes apart.  `after_seq`: where the log stood."""
    core = commit.core
    stripped = commit.stripped().to_bytes()
    tx.add(CommitRow(cid=core.cid, epoch=core.epoch, commit=stripped, after_seq=after_seq, created_at=at))
    for box in commit.boxes:
        history = commit.history_box(box.uid)
        tx.add(BoxRow(cid=core.cid, epoch=core.epoch, uid=box.uid, box=box.sealed, history=history))
    await tx.flush()


async def find_commit(tx: Transaction, cid: ConversationId, epoch: int) -> Commit | None:
    """One commit, with digests in place of boxes."""
    row = await tx.get(CommitRow, (cid, epoch))
    return None if row is None else parse_commit(row.commit)


async def list_commits(
    tx: Transaction, cid: ConversationId, uid: AccountId, from_epoch: int, to_epoch: int | None, limit: int
) -> list[StoredCommit]:
    """Commits from one epoch to another (None: the current one), oldest first, with the boxes of `uid`."""
    own = (col(BoxRow.cid) == CommitRow.cid) & (col(BoxRow.epoch) == CommitRow.epoch) & (col(BoxRow.uid) == uid)
    query = (
        select(col(CommitRow.epoch), col(CommitRow.commit), col(BoxRow.box), col(BoxRow.history))
        .outerjoin(BoxRow, own)
        .where(col(CommitRow.cid) == cid, col(CommitRow.epoch) >= from_epoch)
        .order_by(col(CommitRow.epoch))
        .limit(limit)
    )
    if to_epoch is not None:
        query = query.where(col(CommitRow.epoch) <= to_epoch)
    return [StoredCommit(*row) for row in await tx.exec(query)]


async def boxes_of(
    tx: Transaction, cid: ConversationId, epoch: int, uids: Collection[AccountId]
) -> Mapping[AccountId, tuple[bytes, bytes | None]]:
    """The box and the history box of each of these members."""
    query = select(col(BoxRow.uid), col(BoxRow.box), col(BoxRow.history)).where(
        col(BoxRow.cid) == cid, col(BoxRow.epoch) == epoch, col(BoxRow.uid).in_(sorted(uids))
    )
    return {AccountId(uid): (box, history) for uid, box, history in await tx.exec(query)}


async def change_members(
    tx: Transaction, cid: ConversationId, change: MemberChange, *, version: int, epoch: int, last_seq: int
) -> None:
    """Open and close memberships at `version`: from the next envelope on, which follows `last_seq`."""
    current = (col(MemberRow.cid) == cid) & col(MemberRow.to_version).is_(None)
    if change.leave:
        await tx.exec(
            update(MemberRow)
            .where(current, col(MemberRow.uid).in_(change.leave))
            .values(to_version=version, to_seq=last_seq, to_epoch=epoch)
        )
    for uid, role in change.roles:
        await tx.exec(update(MemberRow).where(current, col(MemberRow.uid) == uid).values(role=int(role)))
    for uid, role, open_history in change.enter:
        from_seq = 1 if open_history else last_seq + 1
        tx.add(MemberRow(cid=cid, uid=uid, from_version=version, role=int(role), from_seq=from_seq))
    await tx.flush()


async def members_at(tx: Transaction, cid: ConversationId, version: int) -> tuple[AccountId, ...]:
    """Who was a member at that version."""
    query = select(col(MemberRow.uid)).where(
        col(MemberRow.cid) == cid,
        col(MemberRow.from_version) <= version,
        or_(col(MemberRow.to_version).is_(None), col(MemberRow.to_version) > version),
    )
    return tuple(AccountId(uid) for uid in await tx.exec(query))


async def left_at(tx: Transaction, cid: ConversationId, epoch: int) -> tuple[AccountId, ...]:
    """Whom the commit of `epoch` left out."""
    query = select(col(MemberRow.uid)).where(col(MemberRow.cid) == cid, col(MemberRow.to_epoch) == epoch)
    return tuple(AccountId(uid) for uid in await tx.exec(query))


async def readers_of(tx: Transaction, cid: ConversationId, seq: int) -> frozenset[AccountId]:
    """Everybody whose membership, then or now, opens that place of the log."""
    query = select(col(MemberRow.uid)).where(
        col(MemberRow.cid) == cid,
        col(MemberRow.from_seq) <= seq,
        or_(col(MemberRow.to_seq).is_(None), col(MemberRow.to_seq) >= seq),
    )
    return frozenset(AccountId(uid) for uid in await tx.exec(query))


def current_of(uid: AccountId) -> SelectOfScalar[bytes]:
    """The conversations of which this person is a member now, to be part of a query."""
    return select(col(MemberRow.cid)).where(col(MemberRow.uid) == uid, col(MemberRow.to_version).is_(None))


_INTERVALS = HotStatement(
    "SELECT from_seq, to_seq, to_epoch FROM chat_member WHERE cid = $1 AND uid = $2 ORDER BY from_version",
    select(col(MemberRow.from_seq), col(MemberRow.to_seq), col(MemberRow.to_epoch))
    .where(col(MemberRow.cid) == bindparam("of_cid"), col(MemberRow.uid) == bindparam("of_uid"))
    .order_by(col(MemberRow.from_version)),
    ("of_cid", "of_uid"),
)


async def intervals_of(tx: Transaction, cid: ConversationId, uid: AccountId) -> list[Interval]:
    """Every membership this person had or has, oldest first."""
    return [Interval(*row) for row in await _INTERVALS.fetch(tx, cid, uid)]


async def contacts_of(tx: Transaction, uid: AccountId) -> frozenset[AccountId]:
    """Everybody who shares a conversation with this person now, the person included."""
    theirs = current_of(uid)
    query = (
        select(col(MemberRow.uid)).where(col(MemberRow.cid).in_(theirs), col(MemberRow.to_version).is_(None)).distinct()
    )
    return frozenset(AccountId(each) for each in await tx.exec(query)) | {uid}


def _heads_query() -> Executable:
    of_conversation = aliased(MemberRow)
    last_entry = (
        select_columns(func.max(of_conversation.from_version))
        .where(col(of_conversation.cid) == MemberRow.cid, col(of_conversation.uid) == MemberRow.uid)
        .scalar_subquery()
    )
    since = bindparam("since", type_=UtcDateTime)
    of_member = (col(MarkerRow.cid) == MemberRow.cid) & (col(MarkerRow.uid) == MemberRow.uid)
    return (
        select_columns(
            col(MemberRow.uid),
            col(ConversationRow.cid),
            func.coalesce(col(MemberRow.to_seq), col(ConversationRow.last_seq)),
            func.coalesce(col(MarkerRow.read_seq), 0),
            func.coalesce(col(MemberRow.to_epoch), col(ConversationRow.epoch)),
            col(ConversationRow.changed_at),
            col(MarkerRow.moved_at),
        )
        .join(MemberRow, col(MemberRow.cid) == ConversationRow.cid)
        .outerjoin(MarkerRow, of_member)
        .where(
            col(MemberRow.uid).in_(bindparam("uids", expanding=True)),
            col(MemberRow.from_version) == last_entry,
            or_(since.is_(None), col(ConversationRow.changed_at) >= since, col(MarkerRow.moved_at) >= since),
        )
        .order_by(col(ConversationRow.changed_at).desc(), col(ConversationRow.cid))
    )


_HEADS = HotStatement(
    "SELECT member.uid, cid, coalesce(to_seq, last_seq), coalesce(read_seq, 0), coalesce(to_epoch, epoch), changed_at,"
    " moved_at FROM chat_member AS member JOIN chat_conversation USING (cid)"
    " LEFT JOIN chat_marker AS marker USING (cid, uid)"
    " WHERE uid = ANY($1::bytea[]) AND from_version ="
    " (SELECT max(own.from_version) FROM chat_member AS own WHERE own.cid = member.cid AND own.uid = member.uid)"
    " AND ($2::timestamptz IS NULL OR changed_at >= $2 OR moved_at >= $2)"
    " ORDER BY changed_at DESC, cid",
    _heads_query(),
    ("uids", "since"),
)


async def list_heads(
    tx: Transaction, asked: Collection[tuple[AccountId, datetime | None]]
) -> dict[tuple[AccountId, datetime | None], list[HeadOf]]:
    """Each person's conversations, most recent first; only those with news since the instant, if one is given.

    One that the person has left stands where they left it: a new device of theirs reads it up to there.
    """
    heads: dict[tuple[AccountId, datetime | None], list[HeadOf]] = {one: [] for one in asked}
    instants = [since for _, since in heads]
    earliest = None if None in instants else min((since for since in instants if since), default=None)
    of_person: dict[AccountId, list[tuple[datetime | None, list[HeadOf]]]] = {}
    for (uid, since), theirs in heads.items():
        of_person.setdefault(uid, []).append((since, theirs))
    for uid, cid, last_seq, read_seq, epoch, changed_at, moved_at in await _HEADS.fetch(tx, list(of_person), earliest):
        head = HeadOf(ConversationId(cid), last_seq, read_seq, epoch)
        for since, theirs in of_person[AccountId(uid)]:
            if since is None or changed_at >= since or (moved_at is not None and moved_at >= since):
                theirs.append(head)
    return heads


async def read_marks(tx: Transaction, cid: ConversationId, uids: Collection[AccountId]) -> Mapping[AccountId, int]:
    """How far each has read; absent: nothing."""
    query = select(col(MarkerRow.uid), col(MarkerRow.read_seq)).where(
        col(MarkerRow.cid) == cid, col(MarkerRow.uid).in_(sorted(uids))
    )
    return {AccountId(uid): seq for uid, seq in await tx.exec(query)}


async def marks_of(
    tx: Transaction, keys: Collection[tuple[ConversationId, AccountId]]
) -> dict[tuple[ConversationId, AccountId], Mark]:
    """The marker of each member; absent: nothing received.  The caller has locked the conversations."""
    row = MarkerRow
    columns = col(row.cid), col(row.uid), col(row.recv_seq), col(row.read_seq), col(row.read_receipt)
    query = select_columns(*columns).where(tuple_(col(row.cid), col(row.uid)).in_(sorted(keys)))
    connection = await tx.connection()
    return {
        (ConversationId(cid), AccountId(uid)): Mark(recv_seq, read_seq, receipt)
        for cid, uid, recv_seq, read_seq, receipt in await connection.execute(query)
    }


async def put_marks(
    tx: Transaction, marks: Mapping[tuple[ConversationId, AccountId], Mark], *, known: Collection[object], at: datetime
) -> None:
    """Keep these markers in place of those before; `known`: the keys that have one."""
    rows = [
        {
            "of_cid": cid,
            "of_uid": uid,
            "recv_seq": mark.recv_seq,
            "read_seq": mark.read_seq,
            "read_receipt": mark.receipt,
            "moved_at": at,
        }
        for (cid, uid), mark in marks.items()
    ]
    values: dict[str, Any] = {name: bindparam(name) for name in ("recv_seq", "read_seq", "read_receipt", "moved_at")}
    key: dict[str, Any] = {"cid": bindparam("of_cid"), "uid": bindparam("of_uid")}
    of_member = (_MARKER.c.cid == key["cid"]) & (_MARKER.c.uid == key["uid"])
    connection = await tx.connection()
    if first := [row for row in rows if (row["of_cid"], row["of_uid"]) not in known]:
        await connection.execute(insert(_MARKER).values(**key, **values), first)
    if moved := [row for row in rows if (row["of_cid"], row["of_uid"]) in known]:
        await connection.execute(update(_MARKER).where(of_member).values(**values), moved)
