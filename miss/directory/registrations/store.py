"""Queries on sign-ups, their links, files and story."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, or_, update
from sqlalchemy.orm import defer
from sqlmodel import col, select

from miss.base.ids import AccountId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.audit.model import Fact, Subject
from miss.directory.audit.store import append
from miss.directory.practitioners.model import AcceptedFormat
from miss.directory.registrations.application import Application
from miss.directory.registrations.errors import RegistrationNotFound
from miss.directory.registrations.matching import name_key, place_key
from miss.directory.registrations.model import Act, Event, Evidence, Reason, Registration, Status, is_row_id
from miss.directory.registrations.tables import (
    RegistrationEventRow,
    RegistrationEvidenceRow,
    RegistrationLinkRow,
    RegistrationRow,
)
from miss.storage import Transaction

SUBJECT = "registration"
KEY_LENGTH = 200


async def save(tx: Transaction, registration: Registration) -> None:
    """Write a sign-up, new or changed."""
    said = registration.application
    row = await tx.get(RegistrationRow, registration.id)
    if row is None:
        row = RegistrationRow(
            id=registration.id,
            application=_pack(said),
            rpps=said.rpps,
            adeli=said.adeli,
            name_key=name_key(said.family, said.given)[:KEY_LENGTH],
            place_key=place_key(said.town, said.postcode),
            email=said.email,
            status=registration.status.value,
            received_at=registration.received_at,
            since=registration.since,
            invitation_id=registration.invitation_id,
        )
    row.status, row.since = registration.status.value, registration.since
    row.taken_by, row.first_by, row.decided_by = registration.taken_by, registration.first_by, registration.decided_by
    row.reasons, row.words = ",".join(sorted(registration.reasons)), registration.words
    row.uid, row.merged_into = registration.uid, registration.merged_into
    tx.add(row)
    await tx.flush()


async def get(tx: Transaction, registration_id: str) -> Registration:
    """Raises RegistrationNotFound."""
    row = await tx.get(RegistrationRow, registration_id) if is_row_id(registration_id) else None
    if row is None:
        raise RegistrationNotFound
    return _registration(row)


async def get_locked(tx: Transaction, registration_id: str) -> Registration:
    """As `get`, held until the transaction ends: of two technicians, one moves it first."""
    if not is_row_id(registration_id):
        raise RegistrationNotFound
    rows = await tx.exec(select(RegistrationRow).where(RegistrationRow.id == registration_id).with_for_update())
    row = rows.one_or_none()
    if row is None:
        raise RegistrationNotFound
    return _registration(row)


async def list_by_status(
    tx: Transaction, statuses: Collection[Status], limit: int, after: str = ""
) -> Sequence[Registration]:
    """Those in one of `statuses`, the oldest first, after that identifier."""
    query = select(RegistrationRow).where(col(RegistrationRow.status).in_([one.value for one in statuses]))
    if after:
        query = query.where(col(RegistrationRow.id) > after)
    return [_registration(row) for row in await tx.exec(query.order_by(col(RegistrationRow.id)).limit(limit))]


async def count_by_status(tx: Transaction) -> dict[Status, int]:
    """How many there are in each status; those with none are absent."""
    rows = await tx.exec(select(RegistrationRow.status, func.count()).group_by(col(RegistrationRow.status)))
    return {Status(status): count for status, count in rows}


async def list_similar(tx: Transaction, registration: Registration, limit: int) -> Sequence[Registration]:
    """Others with the same number, the same name and place, or the same address of contact; the newest first."""
    said = registration.application
    same = [
        (col(RegistrationRow.name_key) == name_key(said.family, said.given)[:KEY_LENGTH])
        & (col(RegistrationRow.place_key) == place_key(said.town, said.postcode)),
        col(RegistrationRow.email) == said.email,
    ]
    if said.rpps:
        same.append(col(RegistrationRow.rpps) == said.rpps)
    if said.adeli:
        same.append(col(RegistrationRow.adeli) == said.adeli)
    query = (
        select(RegistrationRow)
        .where(or_(*same), col(RegistrationRow.id) != registration.id)
        .order_by(col(RegistrationRow.id).desc())
        .limit(limit)
    )
    return [_registration(row) for row in await tx.exec(query)]


async def list_by_email(tx: Transaction, email: str, limit: int = 20) -> Sequence[Registration]:
    """Those whose address of contact is `email` (normalised), whatever their status; the newest first."""
    query = select(RegistrationRow).where(RegistrationRow.email == email)
    return [_registration(row) for row in await tx.exec(query.order_by(col(RegistrationRow.id).desc()).limit(limit))]


async def list_status(tx: Transaction, ids: Collection[str]) -> dict[str, Status]:
    """Where those of `ids` stand; those that were forgotten are absent."""
    rows = await tx.exec(select(RegistrationRow.id, RegistrationRow.status).where(col(RegistrationRow.id).in_(ids)))
    return {registration_id: Status(status) for registration_id, status in rows}


# Links


async def insert_link(tx: Transaction, registration_id: str, token_hash: bytes, ends_at: datetime) -> None:
    """A link that leads to a sign-up until `ends_at`."""
    tx.add(RegistrationLinkRow(token_hash=token_hash, registration_id=registration_id, ends_at=ends_at))
    await tx.flush()


async def find_by_link(tx: Transaction, token_hash: bytes, now: datetime) -> str | None:
    """The identifier of the sign-up that a living link leads to."""
    link = await tx.get(RegistrationLinkRow, token_hash)
    return link.registration_id if link is not None and now < link.ends_at else None


# Files


async def insert_evidence(tx: Transaction, registration_id: str, evidence: Evidence, sealed: bytes) -> None:
    """Keep a file."""
    tx.add(
        RegistrationEvidenceRow(
            id=evidence.id,
            registration_id=registration_id,
            at=evidence.at,
            name=evidence.name,
            mime=evidence.mime,
            size_bytes=evidence.size_bytes,
            sealed=sealed,
        )
    )
    await tx.flush()


async def list_evidence(tx: Transaction, registration_id: str) -> Sequence[Evidence]:
    """The files of a sign-up without their bytes, oldest first."""
    rows = await tx.exec(
        select(RegistrationEvidenceRow)
        .options(defer(RegistrationEvidenceRow.sealed))  # type: ignore[arg-type]
        .where(RegistrationEvidenceRow.registration_id == registration_id)
        .order_by(col(RegistrationEvidenceRow.id))
    )
    return [_evidence(row) for row in rows]


async def find_sealed(tx: Transaction, registration_id: str, evidence_id: str) -> tuple[Evidence, bytes] | None:
    """A file of that sign-up with its sealed bytes."""
    row = await tx.get(RegistrationEvidenceRow, evidence_id) if is_row_id(evidence_id) else None
    if row is None or row.registration_id != registration_id:
        return None
    return _evidence(row), row.sealed


async def reseal_evidence(tx: Transaction, evidence_id: str, registration_id: str, sealed: bytes) -> None:
    """Give a file to another sign-up, sealed under that one's key."""
    await tx.exec(
        update(RegistrationEvidenceRow)
        .where(col(RegistrationEvidenceRow.id) == evidence_id)
        .values(registration_id=registration_id, sealed=sealed)
    )


# The story


async def insert_event(tx: Transaction, registration_id: str, event: Event, random_bytes: RandomBytes) -> None:
    """Write one act, here and into the access log; the sign-up is new or locked."""
    append(tx, Fact(event.at, event.by, f"registration.{event.act}", Subject(SUBJECT, registration_id), event.detail))
    mine = RegistrationEventRow.registration_id == registration_id
    before = (await tx.exec(select(func.count()).select_from(RegistrationEventRow).where(mine))).one()
    tx.add(
        RegistrationEventRow(
            id=new_row_id(event.at, random_bytes),
            registration_id=registration_id,
            number=before + 1,
            at=event.at,
            act=event.act.value,
            actor=event.by[:100],
            detail=event.detail,
        )
    )
    await tx.flush()


async def list_events(tx: Transaction, registration_id: str) -> Sequence[Event]:
    """The story of a sign-up, oldest first."""
    rows = await tx.exec(
        select(RegistrationEventRow)
        .where(RegistrationEventRow.registration_id == registration_id)
        .order_by(col(RegistrationEventRow.number))
    )
    return [Event(row.at, Act(row.act), row.actor, row.detail) for row in rows]


# The end


async def delete_evidence(tx: Transaction, registration_id: str) -> None:
    """Files and links go; what was said stays."""
    await tx.exec(
        delete(RegistrationEvidenceRow).where(col(RegistrationEvidenceRow.registration_id) == registration_id)
    )
    await tx.exec(delete(RegistrationLinkRow).where(col(RegistrationLinkRow.registration_id) == registration_id))


async def delete_registration(tx: Transaction, registration_id: str) -> None:
    """All of it goes, its files and links before."""
    await delete_evidence(tx, registration_id)
    await tx.exec(delete(RegistrationEventRow).where(col(RegistrationEventRow.registration_id) == registration_id))
    await tx.exec(delete(RegistrationRow).where(col(RegistrationRow.id) == registration_id))


def _pack(application: Application) -> dict[str, object]:
    return asdict(application) | {
        "formats": sorted(one.value for one in application.formats),
        "language": application.language.value,
    }


def _evidence(row: RegistrationEvidenceRow) -> Evidence:
    return Evidence(row.id, row.at, row.name, row.mime, row.size_bytes)


def _registration(row: RegistrationRow) -> Registration:
    said = row.application
    return Registration(
        id=row.id,
        application=Application(
            **said
            | {
                "formats": frozenset(AcceptedFormat(one) for one in said["formats"]),
                "language": Language(said["language"]),
            }
        ),
        status=Status(row.status),
        received_at=row.received_at,
        since=row.since,
        taken_by=row.taken_by,
        first_by=row.first_by,
        decided_by=row.decided_by,
        reasons=frozenset(Reason(one) for one in row.reasons.split(",") if one),
        words=row.words,
        uid=AccountId(row.uid) if row.uid else None,
        merged_into=row.merged_into,
        invitation_id=row.invitation_id,
    )
