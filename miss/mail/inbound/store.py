"""Queries on the mails that arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from miss.base.ids import MailId, PractitionerId
from miss.mail.inbound.quarantine.model import SetAside
from miss.mail.inbound.tables import InboundMailRow
from miss.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Arrival:
    """A mail to keep; fields as in `InboundMailRow`."""

    id: MailId
    recipient: str
    sender: str
    practitioner_id: str
    proof: str
    client: str
    digest: bytes
    sealed: bytes
    size_bytes: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits for its intake."""

    id: MailId
    recipient: str
    sender: str
    practitioner_id: PractitionerId
    sealed: bytes
    tries: int
    """The one that begins included."""
    received_at: datetime


async def insert(tx: Transaction, arrival: Arrival) -> None:
    """Keep a mail.  Raises IntegrityError if exactly this mail came to this address before."""
    tx.add(
        InboundMailRow(
            id=arrival.id,
            recipient=arrival.recipient,
            sender=arrival.sender,
            practitioner_id=arrival.practitioner_id,
            proof=arrival.proof,
            client=arrival.client,
            digest=arrival.digest,
            sealed=arrival.sealed,
            size_bytes=arrival.size_bytes,
            received_at=arrival.received_at,
        )
    )
    await tx.flush()


async def is_kept(tx: Transaction, recipient: str, digest: bytes) -> bool:
    """Whether exactly this mail came to this address before."""
    query = select(InboundMailRow.id).where(InboundMailRow.recipient == recipient, InboundMailRow.digest == digest)
    return (await tx.exec(query)).first() is not None


async def begin_try(tx: Transaction, mail_id: str) -> Waiting | None:
    """A mail its intake has not processed yet, one more try counted."""
    row = await tx.get(InboundMailRow, mail_id, with_for_update=True)
    if row is None or row.state != "kept":
        return None
    row.tries += 1
    tx.add(row)
    await tx.flush()
    return Waiting(
        MailId(row.id),
        row.recipient,
        row.sender,
        PractitionerId(row.practitioner_id),
        row.sealed,
        row.tries,
        row.received_at,
    )


async def forgive_try(tx: Transaction, mail_id: str) -> None:
    """It was not the mail's fault."""
    await _set(tx, mail_id, tries=InboundMailRow.tries - 1)


async def note_failure(tx: Transaction, mail_id: str, reason: str) -> None:
    """Why a try failed."""
    await _set(tx, mail_id, reason=reason[:80])


async def mark_processed(tx: Transaction, mail_id: str) -> None:
    """Its intake is done with it."""
    await _set(tx, mail_id, state="processed")


async def set_aside(tx: Transaction, mail_id: str, reason: str, now: datetime) -> None:
    """No more tries until an operator says so."""
    await _set(tx, mail_id, state="set_aside", reason=reason[:80], set_aside_at=now)


async def mark_discarded(tx: Transaction, mail_id: str) -> None:
    """An operator decided that nothing follows."""
    await _set(tx, mail_id, state="discarded")


async def mark_kept_again(tx: Transaction, mail_id: str) -> None:
    """An operator has it tried anew."""
    await _set(tx, mail_id, state="kept", tries=0, set_aside_at=None)


async def _set(tx: Transaction, mail_id: str, **values: object) -> None:
    await tx.exec(update(InboundMailRow).where(col(InboundMailRow.id) == mail_id).values(**values))


async def find_set_aside(tx: Transaction, mail_id: str) -> SetAside | None:
    """A mail that is set aside or discarded."""
    row = await tx.get(InboundMailRow, mail_id)
    return _set_aside(row) if row is not None and row.set_aside_at is not None else None


async def get_sealed(tx: Transaction, mail_id: str) -> bytes:
    """Its content; empty once it is destroyed."""
    return (await tx.exec(select(InboundMailRow.sealed).where(InboundMailRow.id == mail_id))).one()


async def list_set_aside(tx: Transaction, limit: int) -> list[SetAside]:
    """Those set aside or discarded, what waits first, then the newest."""
    row = InboundMailRow
    query = (
        select(row)
        .where(col(row.set_aside_at).is_not(None))
        .order_by(col(row.state).desc(), col(row.set_aside_at).desc(), col(row.id))
        .limit(limit)
    )
    return [_set_aside(one) for one in await tx.exec(query)]


async def count_set_aside(tx: Transaction) -> int:
    """How many wait for an operator."""
    query = (
        select(func.count())
        .select_from(InboundMailRow)
        .where(col(InboundMailRow.set_aside_at).is_not(None), InboundMailRow.state == "set_aside")
    )
    return (await tx.exec(query)).one()


def _set_aside(row: InboundMailRow) -> SetAside:
    assert row.set_aside_at is not None  # noqa: S101 - asked for by the query
    return SetAside(
        id=MailId(row.id),
        recipient=row.recipient,
        sender=row.sender,
        practitioner_id=PractitionerId(row.practitioner_id),
        size_bytes=row.size_bytes,
        received_at=row.received_at,
        set_aside_at=row.set_aside_at,
        reason=row.reason,
        is_discarded=row.state == "discarded",
        is_destroyed=row.sealed == b"",
    )


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
