"""Queries on the list of recent publications."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert
from sqlmodel import col, select

from miss.chat.notices.model import AnyNotice, Bulletin, decode_notices, encode_notices
from miss.chat.notices.tables import NoticeRow
from miss.storage import Transaction
from miss.storage.direct import HotStatement

MAX_BULLETINS = 5_000
"""How many publications one catch-up reads."""


APPEND = HotStatement(
    "INSERT INTO chat_notice (origin, at, notices) VALUES ($1, $2, $3) RETURNING number",
    insert(NoticeRow)
    .values(origin=bindparam("origin"), at=bindparam("at"), notices=bindparam("notices"))
    .returning(col(NoticeRow.number)),
    ("origin", "at", "notices"),
)
"""Its one row: the number."""


async def append(tx: Transaction, origin: bytes, notices: tuple[AnyNotice, ...], at: datetime) -> int:
    """Write down what this transaction changes; its number."""
    added = await APPEND.fetch(tx, origin, at, encode_notices(notices))
    return int(added[0][0])


async def last_number(tx: Transaction) -> int:
    """The number of the latest publication; 0 if there is none."""
    return (await tx.exec(select(func.max(NoticeRow.number)))).one() or 0


async def list_after(tx: Transaction, number: int, *, not_from: bytes) -> Sequence[Bulletin]:
    """Publications of other processes after `number`, oldest first, at most MAX_BULLETINS."""
    query = (
        select(NoticeRow)
        .where(col(NoticeRow.number) > number, NoticeRow.origin != not_from)
        .order_by(col(NoticeRow.number))
        .limit(MAX_BULLETINS)
    )
    return [Bulletin(row.origin, row.number or 0, decode_notices(row.notices)) for row in await tx.exec(query)]


async def list_between(
    tx: Transaction, since: datetime, before: datetime, *, not_from: bytes, after: int
) -> list[tuple[int, datetime, tuple[AnyNotice, ...]]]:
    """What other processes published from `since` to `before`, after the number `after`: number, instant and notices,
    oldest first, at most MAX_BULLETINS."""
    query = (
        select(NoticeRow)
        .where(col(NoticeRow.at) >= since, col(NoticeRow.at) < before)
        .where(col(NoticeRow.number) > after, NoticeRow.origin != not_from)
        .order_by(col(NoticeRow.number))
        .limit(MAX_BULLETINS)
    )
    return [(row.number or 0, row.at, decode_notices(row.notices)) for row in await tx.exec(query)]


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget publications older than `before`."""
    await tx.exec(delete(NoticeRow).where(col(NoticeRow.at) < before))
