"""Queries on attestations."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from miss.base.ids import AccountId
from miss.directory.accounts import Account
from miss.directory.attestations.model import Attestation
from miss.directory.attestations.tables import AttestationRow
from miss.storage import Transaction


async def insert(tx: Transaction, attestation: Attestation) -> bool:
    """False if the account has one for that verification already."""
    try:
        async with tx.begin_nested():
            tx.add(
                AttestationRow(
                    number=attestation.number,
                    uid=attestation.uid,
                    since=attestation.since,
                    issued_at=attestation.issued_at,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def find(tx: Transaction, number: str) -> Attestation | None:
    """The attestation of that number."""
    row = await tx.get(AttestationRow, number)
    return _attestation(row) if row else None


async def find_of(tx: Transaction, account: Account) -> Attestation | None:
    """The attestation of an account's present verification."""
    rows = await tx.exec(
        select(AttestationRow).where(
            AttestationRow.uid == account.uid, AttestationRow.since == account.verification_since
        )
    )
    return next(map(_attestation, rows.all()), None)


def _attestation(row: AttestationRow) -> Attestation:
    return Attestation(row.number, AccountId(row.uid), row.since, row.issued_at)
