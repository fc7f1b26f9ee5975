"""Queries on certificates."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import PractitionerId
from miss.directory.certificates.model import Certificate, read_facts
from miss.directory.certificates.tables import CertificateAddressRow, CertificateRow
from miss.storage import Transaction


async def insert(tx: Transaction, certificate: Certificate) -> bool:
    """False if that person has it, or had it."""
    row = CertificateRow(
        id=certificate.id,
        practitioner_id=certificate.practitioner_id,
        fingerprint=certificate.facts.fingerprint,
        der=certificate.facts.der,
        added_at=certificate.added_at,
        added_by=certificate.added_by,
    )
    try:
        async with tx.begin_nested():
            tx.add(row)
            await tx.flush()
    except IntegrityError:
        return False
    for address in certificate.facts.addresses:
        tx.add(CertificateAddressRow(certificate_id=certificate.id, address=address))
    await tx.flush()
    return True


async def withdraw(tx: Transaction, of: PractitionerId, certificate_id: str, now: datetime) -> bool:
    """False if that person has none like that, or it was withdrawn already."""
    row = CertificateRow
    query = update(row).where(
        col(row.id) == certificate_id, col(row.practitioner_id) == of, col(row.withdrawn_at).is_(None)
    )
    return (await tx.exec(query.values(withdrawn_at=now))).rowcount == 1


async def list_of(tx: Transaction, of: PractitionerId, limit: int) -> list[Certificate]:
    """Somebody's, withdrawn ones too, the one added last first."""
    row = CertificateRow
    query = select(row).where(row.practitioner_id == of).order_by(col(row.id).desc()).limit(limit)
    return _certificates(await tx.exec(query))


async def list_living(tx: Transaction, of: Collection[PractitionerId]) -> list[Certificate]:
    """Those of these people (some hundreds at most) that nobody withdrew."""
    row = CertificateRow
    query = select(row).where(col(row.practitioner_id).in_(of), col(row.withdrawn_at).is_(None))
    return _certificates(await tx.exec(query))


async def list_for(tx: Transaction, address: str) -> list[Certificate]:
    """Those that name `address` and that nobody withdrew."""
    row = CertificateRow
    query = (
        select(row)
        .join(CertificateAddressRow, col(CertificateAddressRow.certificate_id) == col(row.id))
        .where(CertificateAddressRow.address == address, col(row.withdrawn_at).is_(None))
    )
    return _certificates(await tx.exec(query))


def _certificates(rows: Iterable[CertificateRow]) -> list[Certificate]:
    return [
        Certificate(
            id=row.id,
            practitioner_id=PractitionerId(row.practitioner_id),
            facts=read_facts(row.der),
            added_at=row.added_at,
            added_by=row.added_by,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]
