"""Queries on what was said how often."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col

from miss.base.ids import PractitionerId
from miss.mail.inbound.bulk.tables import InboundBodyRow
from miss.storage import Transaction


async def count(tx: Transaction, sender: PractitionerId, digest: bytes, since: datetime) -> int:
    """How often `sender` has said this since that instant."""
    row = await tx.get(InboundBodyRow, (sender, digest))
    return row.times if row is not None and row.first_at >= since else 0


async def add(tx: Transaction, sender: PractitionerId, digest: bytes, now: datetime, since: datetime) -> None:
    """`sender` says it once more; what they said before `since` is forgotten."""
    await tx.exec(
        delete(InboundBodyRow).where(
            col(InboundBodyRow.practitioner_id) == sender, col(InboundBodyRow.first_at) < since
        )
    )
    row = await tx.get(InboundBodyRow, (sender, digest))
    if row is None:
        row = InboundBodyRow(practitioner_id=sender, digest=digest, times=0, first_at=now)
    row.times += 1
    tx.add(row)
    await tx.flush()
