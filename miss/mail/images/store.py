"""Queries on sendings of images."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import col, select

from miss.base.ids import PractitionerId
from miss.mail.images.model import Sending, State, Way
from miss.mail.images.tables import MailImagesOpeningRow, MailImagesRow
from miss.storage import Transaction


async def insert(tx: Transaction, sending: Sending) -> None:
    """A draft, whose words and images are yet to be kept."""
    tx.add(
        MailImagesRow(
            id=sending.id,
            sender_id=sending.sender_id,
            recipient_id=sending.recipient_id,
            reader_id=sending.reader_id,
            images=sending.images,
            size_bytes=sending.size_bytes,
            state=sending.state.value,
            way=sending.way.value,
            is_held=True,
            created_at=sending.created_at,
            expires_at=sending.expires_at,
        )
    )
    await tx.flush()


async def complete(tx: Transaction, sending_id: str, sealed: bytes) -> None:
    """The images are kept; these are the words."""
    await tx.exec(update(MailImagesRow).where(col(MailImagesRow.id) == sending_id).values(sealed=sealed))


async def find(tx: Transaction, sending_id: str) -> Sending | None:
    """A sending, whole or over."""
    row = await tx.get(MailImagesRow, sending_id)
    return _sending(row) if row else None


async def find_words(tx: Transaction, sending_id: str) -> bytes:
    """As sealed; empty: not whole, or destroyed."""
    query = select(MailImagesRow.sealed).where(MailImagesRow.id == sending_id)
    return (await tx.exec(query)).one_or_none() or b""


async def count_made(tx: Transaction, sender_id: PractitionerId, since: datetime) -> int:
    """How many somebody prepared since that instant, sent or not."""
    query = (
        select(func.count())
        .select_from(MailImagesRow)
        .where(MailImagesRow.sender_id == sender_id, col(MailImagesRow.created_at) > since)
    )
    return (await tx.exec(query)).one()


async def mark_sent(tx: Transaction, sent: Sending) -> bool:
    """False: it is no draft any more."""
    return await _change(
        tx,
        sent.id,
        [State.DRAFT],
        state=State.SENT.value,
        way=sent.way.value,
        reader_id=sent.reader_id,
        sent_at=sent.sent_at,
        expires_at=sent.expires_at,
    )


async def mark_withdrawn(tx: Transaction, sending_id: str, now: datetime) -> bool:
    """False: it was over already."""
    return await _change(tx, sending_id, [State.DRAFT, State.SENT], state=State.WITHDRAWN.value, over_at=now)


async def insert_opening(tx: Transaction, opening_id: str, sending_id: str, now: datetime) -> None:
    """Its reader has looked."""
    tx.add(MailImagesOpeningRow(id=opening_id, sending_id=sending_id, at=now))
    await tx.flush()


async def list_sent(tx: Transaction, sender_id: PractitionerId, limit: int) -> list[Sending]:
    """Somebody's, newest first; what was never whole is left out, what was thrown away unsent as well."""
    rows = await tx.exec(
        select(MailImagesRow)
        .where(
            MailImagesRow.sender_id == sender_id,
            or_(
                col(MailImagesRow.sent_at).is_not(None),
                and_(col(MailImagesRow.state) == State.DRAFT.value, col(MailImagesRow.sealed) != b""),
            ),
        )
        .order_by(col(MailImagesRow.created_at).desc())
        .limit(limit)
    )
    return [_sending(row) for row in rows]


async def list_received(tx: Transaction, reader_id: PractitionerId, limit: int) -> list[Sending]:
    """What was sent to somebody behind a link, newest first."""
    rows = await tx.exec(
        select(MailImagesRow)
        .where(
            MailImagesRow.reader_id == reader_id,
            col(MailImagesRow.sent_at).is_not(None),
            MailImagesRow.way == Way.LINK.value,
        )
        .order_by(col(MailImagesRow.sent_at).desc())
        .limit(limit)
    )
    return [_sending(row) for row in rows]


async def list_openings(tx: Transaction, sending_ids: Collection[str]) -> Mapping[str, Sequence[datetime]]:
    """When each was opened, the first time first."""
    rows = await tx.exec(
        select(MailImagesOpeningRow.sending_id, MailImagesOpeningRow.at)
        .where(col(MailImagesOpeningRow.sending_id).in_(sending_ids))
        .order_by(col(MailImagesOpeningRow.at))
    )
    openings: defaultdict[str, list[datetime]] = defaultdict(list)
    for sending_id, at in rows:
        openings[sending_id].append(at)
    return openings


async def list_to_destroy(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """Those whose content has had its time: expired, withdrawn, or attached to a mail."""
    query = (
        select(MailImagesRow.id)
        .where(
            col(MailImagesRow.is_held).is_(True),
            or_(
                col(MailImagesRow.expires_at) <= now,
                col(MailImagesRow.state) == State.WITHDRAWN.value,
                and_(col(MailImagesRow.sent_at).is_not(None), col(MailImagesRow.way) == Way.ATTACHED.value),
            ),
        )
        .order_by(col(MailImagesRow.expires_at))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def blank(tx: Transaction, sending_id: str, now: datetime) -> None:
    """Its content is destroyed; what is left is who, to whom, when."""
    await _change(tx, sending_id, [State.DRAFT, State.SENT], only=Way.LINK, state=State.EXPIRED.value, over_at=now)
    await tx.exec(
        update(MailImagesRow)
        .where(col(MailImagesRow.id) == sending_id)
        .values(sealed=b"", is_held=False, over_at=func.coalesce(MailImagesRow.over_at, now))
    )


async def delete_past(tx: Transaction, before: datetime) -> int:
    """Forget those that were over before that instant; how many."""
    past = select(MailImagesRow.id).where(col(MailImagesRow.over_at) < before, col(MailImagesRow.is_held).is_(False))
    await tx.exec(delete(MailImagesOpeningRow).where(col(MailImagesOpeningRow.sending_id).in_(past)))
    gone = await tx.exec(
        delete(MailImagesRow).where(col(MailImagesRow.over_at) < before, col(MailImagesRow.is_held).is_(False))
    )
    return gone.rowcount


async def _change(
    tx: Transaction, sending_id: str, among: Collection[State], *, only: Way | None = None, **values: Any
) -> bool:
    condition = [col(MailImagesRow.id) == sending_id, col(MailImagesRow.state).in_([one.value for one in among])]
    if only is not None:
        condition.append(col(MailImagesRow.way) == only.value)
    changed = await tx.exec(update(MailImagesRow).where(*condition).values(**values))
    return changed.rowcount == 1


def _sending(row: MailImagesRow) -> Sending:
    return Sending(
        id=row.id,
        sender_id=PractitionerId(row.sender_id),
        recipient_id=PractitionerId(row.recipient_id),
        reader_id=PractitionerId(row.reader_id),
        images=row.images,
        size_bytes=row.size_bytes,
        state=State(row.state),
        way=Way(row.way),
        created_at=row.created_at,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        over_at=row.over_at,
    )
