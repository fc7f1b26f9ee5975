"""Queries on the mails on their way out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, update
from sqlmodel import col, select

from miss.base.ids import MailId
from miss.mail.outbound.model import Undelivered
from miss.mail.outbound.tables import OutboundMailRow
from miss.storage import Transaction


async def find_by_message_id(tx: Transaction, message_id: str) -> MailId | None:
    """The mail that carries this Message-ID, if it was queued before."""
    query = select(OutboundMailRow.id).where(OutboundMailRow.message_id == message_id)
    found = (await tx.exec(query)).one_or_none()
    return MailId(found) if found else None


async def insert(
    tx: Transaction,
    mail_id: MailId,
    *,
    message_id: str,
    about: str,
    sender: str,
    recipient: str,
    sealed: bytes,
    now: datetime,
) -> None:
    """Queue a mail."""
    tx.add(
        OutboundMailRow(
            id=mail_id,
            message_id=message_id,
            about=about,
            sender=sender,
            recipient=recipient,
            sealed=sealed,
            queued_at=now,
        )
    )
    await tx.flush()


async def find_queued(tx: Transaction, mail_id: str) -> tuple[str, str, bytes] | None:
    """Sender, recipient and sealed content of a mail that still has to leave."""
    row = await tx.get(OutboundMailRow, mail_id)
    if row is None or row.state != "queued":
        return None
    return row.sender, row.recipient, row.sealed


async def settle(tx: Transaction, mail_id: str, state: str, reply: str, now: datetime) -> None:
    """Record how it ended: `accepted` or `refused`."""
    await tx.exec(
        update(OutboundMailRow)
        .where(col(OutboundMailRow.id) == mail_id)
        .values(state=state, reply=reply, settled_at=now)
    )


async def note_reply(tx: Transaction, mail_id: str, reply: str) -> None:
    """Record why it did not leave this time."""
    await tx.exec(update(OutboundMailRow).where(col(OutboundMailRow.id) == mail_id).values(reply=reply))


async def list_undelivered(
    tx: Transaction, *, refused_since: datetime, queued_since: datetime, queued_before: datetime, limit: int
) -> list[Undelivered]:
    """Mails refused since that instant, and those that still wait; the oldest first."""
    query = (
        select(OutboundMailRow.recipient, OutboundMailRow.queued_at, OutboundMailRow.state, OutboundMailRow.reply)
        .where(
            or_(
                and_(col(OutboundMailRow.state) == "refused", col(OutboundMailRow.settled_at) >= refused_since),
                and_(
                    col(OutboundMailRow.state) == "queued",
                    col(OutboundMailRow.queued_at) >= queued_since,
                    col(OutboundMailRow.queued_at) < queued_before,
                ),
            )
        )
        .order_by(col(OutboundMailRow.queued_at), col(OutboundMailRow.id))
        .limit(limit)
    )
    return [
        Undelivered(recipient, queued_at, state == "refused", reply)
        for recipient, queued_at, state, reply in await tx.exec(query)
    ]


async def find_last_accepted(tx: Transaction) -> datetime | None:
    """When the relay took a mail last."""
    query = select(func.max(OutboundMailRow.settled_at)).where(OutboundMailRow.state == "accepted")
    return (await tx.exec(query)).one()


async def count_by_state(tx: Transaction) -> dict[str, int]:
    """How many mails are in each state, for the metrics."""
    query = select(OutboundMailRow.state, func.count()).group_by(OutboundMailRow.state)
    return dict((await tx.exec(query)).all())


async def list_past(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Mails that were settled before that instant and can still be read, oldest first."""
    query = (
        select(OutboundMailRow.id)
        .where(
            col(OutboundMailRow.state) != "queued",
            col(OutboundMailRow.settled_at) < before,
            OutboundMailRow.sealed != b"",
        )
        .order_by(col(OutboundMailRow.settled_at))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def blank(tx: Transaction, mail_ids: Sequence[str]) -> None:
    """Keep the traces of these mails, and nothing of what they said."""
    await tx.exec(update(OutboundMailRow).where(col(OutboundMailRow.id).in_(mail_ids)).values(sealed=b""))
