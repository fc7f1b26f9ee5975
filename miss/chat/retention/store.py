"""Queries of retention, on the log and on conversations that its transaction holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import col

from miss.base.ids import ConversationId
from miss.chat.conversations.tables import BoxRow, CommitRow, ConversationRow
from miss.chat.delivery.tables import MessageRow
from miss.chat.retention.model import Kept, Living
from miss.storage import Transaction


async def hold_due(tx: Transaction, now: datetime, limit: int) -> Sequence[Kept]:
    """Conversations to be looked at, longest overdue first, held in the order in which everybody holds several."""
    connection = await tx.connection()
    conversation = ConversationRow
    query = (
        select(col(conversation.cid))
        .where(col(conversation.look_at) <= now)
        .order_by(col(conversation.look_at))
        .limit(limit)
    )
    due = (await connection.execute(query)).scalars().all()
    held = (
        select(
            col(conversation.cid), col(conversation.epoch), col(conversation.last_seq), col(conversation.expired_seq)
        )
        # Asked again: another process may have looked while this one waited.
        .where(col(conversation.cid).in_(due), col(conversation.look_at) <= now)
        .order_by(col(conversation.cid))
        .with_for_update()
    )
    return [Kept(ConversationId(cid), *numbers) for cid, *numbers in await connection.execute(held)]


async def list_expired(tx: Transaction, kept: Kept, before_ms: int, limit: int) -> list[int]:
    """Places of envelopes that are left and were stored before that instant, in order."""
    connection = await tx.connection()
    query = (
        select(col(MessageRow.seq))
        .where(*_living(kept), col(MessageRow.ts_ms) < before_ms)
        .order_by(col(MessageRow.seq))
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())


async def find_oldest(tx: Transaction, kept: Kept) -> Living | None:
    """The first envelope that is left."""
    connection = await tx.connection()
    query = (
        select(col(MessageRow.seq), col(MessageRow.ts_ms)).where(*_living(kept)).order_by(col(MessageRow.seq)).limit(1)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Living(*row)


def _living(kept: Kept) -> tuple[ColumnElement[bool], ...]:
    return (
        col(MessageRow.cid) == kept.cid,
        col(MessageRow.seq) > kept.expired_seq,
        func.length(col(MessageRow.env)) > 0,
    )


async def first_needed_epoch(tx: Transaction, kept: Kept, expired_seq: int, before: datetime) -> int:
    """The first epoch under which something is left, or which ended after `before`, or is the current one.

    An epoch ends with the next commit; nothing was sealed under it after that.
    """
    connection = await tx.connection()
    query = select(func.max(col(CommitRow.epoch))).where(
        col(CommitRow.cid) == kept.cid,
        col(CommitRow.epoch) <= kept.epoch,
        col(CommitRow.after_seq) <= expired_seq,
        col(CommitRow.created_at) < before,
    )
    return (await connection.execute(query)).scalar_one() or 1


async def forget_boxes(tx: Transaction, cid: ConversationId, epoch: int) -> None:
    """Delete everybody's boxes of the epochs before `epoch`."""
    await tx.exec(delete(BoxRow).where(col(BoxRow.cid) == cid, col(BoxRow.epoch) < epoch))


async def put_look(tx: Transaction, cid: ConversationId, expired_seq: int, look_at: datetime) -> None:
    """Remember how far a conversation has expired and when to look again."""
    await tx.exec(
        update(ConversationRow).where(col(ConversationRow.cid) == cid).values(expired_seq=expired_seq, look_at=look_at)
    )
