"""Queries on statements of restores; there are a handful in a deployment's life."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select

from miss.chat.restorations.tables import RestorationRow
from miss.protocol.crypto.restorations import Restoration, parse_restoration
from miss.storage import Transaction


async def list_after(tx: Transaction, epoch: int) -> list[Restoration]:
    """The statements after that epoch, in order."""
    query = (
        select(RestorationRow.statement).where(col(RestorationRow.epoch) > epoch).order_by(col(RestorationRow.epoch))
    )
    return [parse_restoration(statement) for statement in await tx.exec(query)]


async def find_last(tx: Transaction) -> Restoration | None:
    """The last statement."""
    query = select(RestorationRow.statement).order_by(col(RestorationRow.epoch).desc()).limit(1)
    statement = (await tx.exec(query)).one_or_none()
    return None if statement is None else parse_restoration(statement)


async def add_all(tx: Transaction, statements: Iterable[Restoration], at: datetime) -> None:
    """Keep statements that were verified to follow those at hand."""
    for one in statements:
        tx.add(RestorationRow(epoch=one.epoch, statement=one.raw, declared_at=at))
    await tx.flush()
