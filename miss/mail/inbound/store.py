"""Queries on the mails that arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from miss.base.ids import MailId, PractitionerId
from miss.mail.inbound.tables import InboundMailRow
from miss.storage import Transaction


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that waits for its intake."""

    recipient: str
    practitioner_id: PractitionerId
    sealed: bytes


async def insert(
    tx: Transaction,
    mail_id: MailId,
    *,
    recipient: str,
    sender: str,
    practitioner_id: str,
    digest: bytes,
    sealed: bytes,
    size_bytes: int,
    now: datetime,
) -> None:
    """Keep a mail.  Raises IntegrityError if exactly this mail came to this address before."""
    tx.add(
        InboundMailRow(
            id=mail_id,
            recipient=recipient,
            sender=sender,
            practitioner_id=practitioner_id,
            digest=digest,
            sealed=sealed,
            size_bytes=size_bytes,
            received_at=now,
        )
    )
    await tx.flush()


async def find_kept(tx: Transaction, mail_id: str) -> KeptMail | None:
    """A mail its intake has not processed yet."""
    row = await tx.get(InboundMailRow, mail_id)
    if row is None or row.state != "kept":
        return None
    return KeptMail(row.recipient, PractitionerId(row.practitioner_id), row.sealed)


async def mark_processed(tx: Transaction, mail_id: str) -> None:
    """Its intake is done with it."""
    await tx.exec(update(InboundMailRow).where(col(InboundMailRow.id) == mail_id).values(state="processed"))


async def list_past(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Mails that came before that instant and can still be read, oldest first."""
    query = (
        select(InboundMailRow.id)
        .where(InboundMailRow.received_at < before, InboundMailRow.sealed != b"")
        .order_by(col(InboundMailRow.received_at))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def blank(tx: Transaction, mail_ids: Sequence[str]) -> None:
    """Keep the traces of these mails, and nothing of what they said."""
    await tx.exec(update(InboundMailRow).where(col(InboundMailRow.id).in_(mail_ids)).values(sealed=b""))
