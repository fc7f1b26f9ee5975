"""Queries on the queue, by whoever empties it."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import MailId
from miss.mail.outbound.lines.model import LEASE, QueuedMail, Waiting
from miss.mail.outbound.lines.tables import OutboundLineRow
from miss.mail.outbound.tables import OutboundMailRow
from miss.storage import Transaction


async def list_waiting(tx: Transaction, now: datetime, limit: int = 500) -> list[Waiting]:
    """The domains with mails to send now, the longest wait first."""
    oldest = func.min(OutboundMailRow.due_at)
    query = (
        select(OutboundMailRow.domain, func.count(), oldest)
        .where(OutboundMailRow.state == "queued", _is_due(now), _is_free(now))
        .group_by(OutboundMailRow.domain)
        .order_by(oldest)
        .limit(limit)
    )
    return [Waiting(domain, mails, due or now) for domain, mails, due in await tx.exec(query)]


async def open_line(tx: Transaction, domain: str, most: int, lease: str, now: datetime) -> int | None:
    """Take one of the `most` lines toward a domain; None: they are all in use."""
    query = select(OutboundLineRow).where(OutboundLineRow.domain == domain).with_for_update()
    rows = {row.slot: row for row in (await tx.exec(query)).all()}
    for slot in range(most):
        row = rows.get(slot)
        if row is not None and row.leased_until >= now:
            continue
        try:
            async with tx.begin_nested():
                if row is None:
                    tx.add(OutboundLineRow(domain=domain, slot=slot, lease=lease, leased_until=now + LEASE))
                else:
                    row.lease, row.leased_until = lease, now + LEASE
                    tx.add(row)
                await tx.flush()
        except IntegrityError:
            continue  # another process was faster
        return slot
    return None


async def close_line(tx: Transaction, domain: str, slot: int, lease: str) -> None:
    """Give a line back."""
    await tx.exec(
        delete(OutboundLineRow).where(
            col(OutboundLineRow.domain) == domain,
            col(OutboundLineRow.slot) == slot,
            col(OutboundLineRow.lease) == lease,
        )
    )


async def take_next(tx: Transaction, domain: str, slot: int, lease: str, now: datetime) -> QueuedMail | None:
    """The next mail of a domain for this line, which is kept for as long; None: there is none, or the line is lost."""
    kept = await tx.exec(
        update(OutboundLineRow)
        .where(
            col(OutboundLineRow.domain) == domain,
            col(OutboundLineRow.slot) == slot,
            col(OutboundLineRow.lease) == lease,
        )
        .values(leased_until=now + LEASE)
    )
    if kept.rowcount != 1:
        return None
    query = (
        select(OutboundMailRow)
        .where(
            col(OutboundMailRow.state) == "queued", col(OutboundMailRow.domain) == domain, _is_due(now), _is_free(now)
        )
        .order_by(col(OutboundMailRow.due_at), col(OutboundMailRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await tx.exec(query)).one_or_none()
    if row is None:
        return None
    row.lease, row.leased_until = lease, now + LEASE
    tx.add(row)
    await tx.flush()
    return QueuedMail(MailId(row.id), row.sender, row.recipient, row.sealed, row.attempts, row.queued_at)


async def settle(tx: Transaction, mail_id: str, state: str, reply: str, now: datetime) -> None:
    """Record how it ended."""
    await _update(tx, mail_id, state=state, reply=reply, settled_at=now)


async def put_off(tx: Transaction, mail_id: str, reply: str, due_at: datetime, attempts: int) -> None:
    """Record why it did not leave, and when it is tried again."""
    await _update(tx, mail_id, reply=reply, due_at=due_at, attempts=attempts)


async def rest(tx: Transaction, domain: str, until: datetime, now: datetime) -> None:
    """Leave what is due toward a domain alone until then."""
    await tx.exec(
        update(OutboundMailRow)
        .where(
            col(OutboundMailRow.state) == "queued",
            col(OutboundMailRow.domain) == domain,
            or_(col(OutboundMailRow.due_at).is_(None), col(OutboundMailRow.due_at) < until),
            _is_free(now),
        )
        .values(due_at=until)
    )


async def _update(tx: Transaction, mail_id: str, **values: object) -> None:
    """Only of a mail that is queued still: a report may have said meanwhile that it arrived."""
    await tx.exec(
        update(OutboundMailRow)
        .where(col(OutboundMailRow.id) == mail_id, col(OutboundMailRow.state) == "queued")
        .values(lease="", leased_until=None, **values)
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(col(OutboundMailRow.due_at).is_(None), col(OutboundMailRow.due_at) <= now)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(col(OutboundMailRow.leased_until).is_(None), col(OutboundMailRow.leased_until) < now)
