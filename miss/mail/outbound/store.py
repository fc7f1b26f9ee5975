"""Queries on the mails on their way out."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import and_, case, func, or_, update
from sqlmodel import col, select

from miss.base.ids import MailId
from miss.mail.outbound.model import OutboundMail, Undelivered
from miss.mail.outbound.tables import OutboundMailRow
from miss.storage import Transaction

_HAS_FAILED = col(OutboundMailRow.fate).in_(("failed", "rejected"))
"""A report says that the mailbox did not take it, or that the reader's software could not file it."""


async def find_by_message_id(tx: Transaction, message_id: str) -> MailId | None:
    """The mail that carries this Message-ID, if it was queued before."""
    query = select(OutboundMailRow.id).where(OutboundMailRow.message_id == message_id)
    found = (await tx.exec(query)).one_or_none()
    return MailId(found) if found else None


async def insert(
    tx: Transaction, mail_id: MailId, mail: OutboundMail, *, about: str, content: bytes, sealed: bytes, now: datetime
) -> None:
    """Queue a mail, due at once; `content`: its bytes, of which the digest is kept."""
    tx.add(
        OutboundMailRow(
            id=mail_id,
            message_id=mail.message_id,
            about=about,
            sender="" if mail.report is not None else str(mail.sender.address),
            recipient=str(mail.to.address),
            domain=mail.to.address.domain,
            author=mail.author,
            sealed=sealed,
            digest=sha256(content).digest(),
            size_bytes=len(content),
            queued_at=now,
            due_at=now,
        )
    )
    await tx.flush()


async def find_due(tx: Transaction, mail_id: str) -> datetime | None:
    """When a queued mail is to be tried; None: it is settled."""
    row = await tx.get(OutboundMailRow, mail_id)
    if row is None or row.state != "queued":
        return None
    return max(row.due_at or row.queued_at, row.leased_until or row.queued_at)


async def revive(tx: Transaction, mail_id: str, now: datetime) -> bool:
    """Have a mail tried now, be it refused, expired or given up; False if it left, or what it said is destroyed."""
    revived = await tx.exec(
        update(OutboundMailRow)
        .where(
            col(OutboundMailRow.id) == mail_id,
            col(OutboundMailRow.state).in_(("queued", "refused", "expired", "withdrawn")),
            col(OutboundMailRow.sealed) != b"",
        )
        .values(state="queued", due_at=now, attempts=0, settled_at=None)
    )
    return revived.rowcount == 1


async def withdraw(tx: Transaction, mail_id: str, now: datetime) -> bool:
    """Give a queued mail up; False if it is not queued, or leaves right now."""
    withdrawn = await tx.exec(
        update(OutboundMailRow)
        .where(
            col(OutboundMailRow.id) == mail_id,
            col(OutboundMailRow.state) == "queued",
            or_(col(OutboundMailRow.leased_until).is_(None), col(OutboundMailRow.leased_until) < now),
        )
        .values(state="withdrawn", settled_at=now)
    )
    return withdrawn.rowcount == 1


async def list_undelivered(
    tx: Transaction, *, refused_since: datetime, queued_since: datetime, queued_before: datetime, limit: int
) -> list[Undelivered]:
    """Mails refused since that instant, by the relay or by a report, and those that still wait; the oldest first."""
    query = (
        select(
            OutboundMailRow.recipient,
            OutboundMailRow.queued_at,
            OutboundMailRow.state,
            case((_HAS_FAILED, col(OutboundMailRow.fate_reply)), else_=col(OutboundMailRow.reply)),
        )
        .where(
            or_(
                and_(
                    col(OutboundMailRow.state).in_(("refused", "expired")),
                    col(OutboundMailRow.settled_at) >= refused_since,
                ),
                and_(_HAS_FAILED, col(OutboundMailRow.fate_at) >= refused_since),
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
        Undelivered(recipient, queued_at, state != "queued", reply)
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


async def oldest_queued(tx: Transaction) -> datetime | None:
    """When the mail that has waited longest was queued; None: none waits."""
    query = select(func.min(OutboundMailRow.queued_at)).where(OutboundMailRow.state == "queued")
    return (await tx.exec(query)).one()


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
