"""Queries on subscriptions."""

from datetime import datetime

from sqlmodel import col, select

from miss.base.ids import AccountId
from miss.mail.proofs.tables import MailProofSubscriptionRow
from miss.storage import Transaction


async def find_since(tx: Transaction, uid: AccountId) -> datetime | None:
    """Since when somebody is sent their archives; None: they are not."""
    row = await tx.get(MailProofSubscriptionRow, uid)
    return row.since if row else None


async def insert(tx: Transaction, uid: AccountId, now: datetime) -> None:
    """Subscribe who is not."""
    if await tx.get(MailProofSubscriptionRow, uid) is None:
        tx.add(MailProofSubscriptionRow(uid=uid, since=now))
        await tx.flush()


async def delete(tx: Transaction, uid: AccountId) -> None:
    """End a subscription; nothing happens if there is none."""
    row = await tx.get(MailProofSubscriptionRow, uid)
    if row is not None:
        await tx.delete(row)
        await tx.flush()


async def list_all(tx: Transaction) -> list[AccountId]:
    """Everybody who is subscribed, in the order of their identifiers."""
    query = select(MailProofSubscriptionRow.uid).order_by(col(MailProofSubscriptionRow.uid))
    return [AccountId(uid) for uid in await tx.exec(query)]
