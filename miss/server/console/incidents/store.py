"""Queries on incidents and subscribers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId
from miss.base.text import Language
from miss.server.console.incidents.model import Incident, Kind, Told, Update
from miss.server.console.incidents.tables import IncidentRow, IncidentSubscriberRow, IncidentUpdateRow
from miss.storage import Transaction


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address that asked to be told."""

    id: str
    address: str
    establishment: str
    language: Language
    asked_at: datetime
    confirmed_at: datetime | None
    leave_token: str


# Incidents


async def insert(tx: Transaction, incident: Incident, by: AccountId) -> None:
    """Write an announcement and its first word."""
    tx.add(
        IncidentRow(
            id=incident.id,
            kind=incident.kind.value,
            title_fr=incident.title.fr,
            title_en=incident.title.en,
            starts_at=incident.starts_at,
            ends_at=incident.ends_at,
            closed_at=incident.closed_at,
            over_at=incident.over_at,
        )
    )
    await tx.flush()
    for word in incident.updates:
        await insert_update(tx, incident.id, word, by)


async def insert_update(tx: Transaction, incident_id: str, word: Update, by: AccountId) -> None:
    """Write one word."""
    tx.add(IncidentUpdateRow(id=word.id, incident_id=incident_id, at=word.at, by=by, fr=word.said.fr, en=word.said.en))
    await tx.flush()


async def save_end(tx: Transaction, incident: Incident) -> None:
    """Write when it was closed."""
    await tx.exec(
        update(IncidentRow)
        .where(col(IncidentRow.id) == incident.id)
        .values(closed_at=incident.closed_at, over_at=incident.over_at)
    )


async def find_locked(tx: Transaction, incident_id: str) -> Incident | None:
    """Held until the transaction ends."""
    rows = (await tx.exec(select(IncidentRow).where(IncidentRow.id == incident_id).with_for_update())).all()
    return next(iter(await _read(tx, rows)), None)


async def find(tx: Transaction, incident_id: str) -> Incident | None:
    """Whatever its phase."""
    rows = (await tx.exec(select(IncidentRow).where(IncidentRow.id == incident_id))).all()
    return next(iter(await _read(tx, rows)), None)


async def find_by_update(tx: Transaction, update_id: str) -> Incident | None:
    """That of which this was said."""
    query = select(IncidentUpdateRow.incident_id).where(IncidentUpdateRow.id == update_id)
    found = (await tx.exec(query)).one_or_none()
    return await find(tx, found) if found else None


async def list_not_over(tx: Transaction, now: datetime, limit: int) -> list[Incident]:
    """Open and planned, the one that begins first, first."""
    query = (
        select(IncidentRow)
        .where(or_(col(IncidentRow.over_at).is_(None), col(IncidentRow.over_at) > now))
        .order_by(col(IncidentRow.starts_at), col(IncidentRow.id))
        .limit(limit)
    )
    return await _read(tx, (await tx.exec(query)).all())


async def list_past(tx: Transaction, now: datetime, limit: int) -> list[Incident]:
    """Those that are over, the last one first."""
    query = (
        select(IncidentRow)
        .where(col(IncidentRow.over_at) <= now)
        .order_by(col(IncidentRow.over_at).desc(), col(IncidentRow.id).desc())
        .limit(limit)
    )
    return await _read(tx, (await tx.exec(query)).all())


async def _read(tx: Transaction, rows: Sequence[IncidentRow]) -> list[Incident]:
    if not rows:
        return []
    words: dict[str, list[Update]] = {row.id: [] for row in rows}
    found = await tx.exec(
        select(IncidentUpdateRow)
        .where(col(IncidentUpdateRow.incident_id).in_(words))
        .order_by(col(IncidentUpdateRow.id))
    )
    for word in found:
        words[word.incident_id].append(Update(word.id, word.at, Told(word.fr, word.en)))
    return [
        Incident(
            id=row.id,
            kind=Kind(row.kind),
            title=Told(row.title_fr, row.title_en),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            closed_at=row.closed_at,
            updates=tuple(words[row.id]),
        )
        for row in rows
    ]


# Subscribers


async def find_by_address(tx: Transaction, address: str) -> Subscriber | None:
    """Held until the transaction ends."""
    query = select(IncidentSubscriberRow).where(IncidentSubscriberRow.address == address).with_for_update()
    return next(map(_subscriber, (await tx.exec(query)).all()), None)


async def find_by_confirmation(tx: Transaction, confirm_hash: bytes) -> Subscriber | None:
    """Who was sent that link."""
    query = select(IncidentSubscriberRow).where(IncidentSubscriberRow.confirm_hash == confirm_hash).with_for_update()
    return next(map(_subscriber, (await tx.exec(query)).all()), None)


async def insert_subscriber(tx: Transaction, subscriber: Subscriber, confirm_hash: bytes) -> bool:
    """Write an address that asked; False if it asked twice at once."""
    try:
        async with tx.begin_nested():
            tx.add(
                IncidentSubscriberRow(
                    id=subscriber.id,
                    address=subscriber.address,
                    establishment=subscriber.establishment,
                    language=subscriber.language.value,
                    asked_at=subscriber.asked_at,
                    confirm_hash=confirm_hash,
                    leave_token=subscriber.leave_token,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def confirm(tx: Transaction, subscriber_id: str, now: datetime) -> None:
    """The address said that it wants to be told."""
    await tx.exec(
        update(IncidentSubscriberRow).where(col(IncidentSubscriberRow.id) == subscriber_id).values(confirmed_at=now)
    )


async def delete_subscriber(tx: Transaction, leave_token: str) -> bool:
    """False if there was none."""
    query = delete(IncidentSubscriberRow).where(col(IncidentSubscriberRow.leave_token) == leave_token)
    return (await tx.exec(query)).rowcount == 1


async def delete_unconfirmed(tx: Transaction, before: datetime) -> None:
    """Forget addresses that asked before that instant and never confirmed."""
    await tx.exec(
        delete(IncidentSubscriberRow).where(
            col(IncidentSubscriberRow.confirmed_at).is_(None), col(IncidentSubscriberRow.asked_at) < before
        )
    )


async def list_confirmed(tx: Transaction, after: str, limit: int) -> Sequence[Subscriber]:
    """Confirmed addresses after that row, in the order of rows."""
    query = (
        select(IncidentSubscriberRow)
        .where(col(IncidentSubscriberRow.id) > after, col(IncidentSubscriberRow.confirmed_at).is_not(None))
        .order_by(col(IncidentSubscriberRow.id))
        .limit(limit)
    )
    return [_subscriber(row) for row in await tx.exec(query)]


async def count_confirmed(tx: Transaction) -> int:
    """How many addresses are told."""
    query = (
        select(func.count())
        .select_from(IncidentSubscriberRow)
        .where(col(IncidentSubscriberRow.confirmed_at).is_not(None))
    )
    return (await tx.exec(query)).one()


def _subscriber(row: IncidentSubscriberRow) -> Subscriber:
    return Subscriber(
        row.id,
        row.address,
        row.establishment,
        Language(row.language),
        row.asked_at,
        row.confirmed_at,
        row.leave_token,
    )
