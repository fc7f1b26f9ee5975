"""Queries on acceptances."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from miss.base.ids import AccountId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.agreements.model import NAME_LENGTH, Acceptance, Agreement, Document, Signature
from miss.directory.agreements.tables import AgreementAcceptanceRow
from miss.storage import Transaction

ADDRESS_LENGTH = 45


async def insert(
    tx: Transaction,
    agreement: Agreement,
    signature: Signature,
    now: datetime,
    *,
    uid: AccountId | None,
    registration_id: str,
    random_bytes: RandomBytes,
) -> None:
    """Keep that `agreement` was accepted."""
    tx.add(
        AgreementAcceptanceRow(
            id=new_row_id(now, random_bytes),
            uid=uid,
            registration_id=registration_id,
            document=agreement.document.value,
            version=agreement.version,
            digest=agreement.digest,
            at=now,
            name=signature.name[:NAME_LENGTH],
            address=signature.address[:ADDRESS_LENGTH],
            language=signature.language.value,
        )
    )
    await tx.flush()


async def list_accepted(tx: Transaction, uid: AccountId) -> frozenset[tuple[str, bytes]]:
    """The (document, digest) that an account has accepted."""
    rows = await tx.exec(
        select(AgreementAcceptanceRow.document, AgreementAcceptanceRow.digest).where(AgreementAcceptanceRow.uid == uid)
    )
    return frozenset((document, digest) for document, digest in rows)


async def list_acceptances(
    tx: Transaction, *, uid: AccountId | None = None, registration_id: str = ""
) -> Sequence[Acceptance]:
    """Those of an account, or of a sign-up, oldest first."""
    whose = (
        AgreementAcceptanceRow.uid == uid
        if uid is not None
        else AgreementAcceptanceRow.registration_id == registration_id
    )
    rows = await tx.exec(select(AgreementAcceptanceRow).where(whose).order_by(col(AgreementAcceptanceRow.id)))
    return [_acceptance(row) for row in rows]


async def list_latest(tx: Transaction, document: Document, cursor: str, limit: int) -> Sequence[tuple[str, Acceptance]]:
    """The last acceptance of a document by each account, newest first, from `cursor` on; each with its own cursor."""
    last = (
        select(func.max(AgreementAcceptanceRow.id))
        .where(AgreementAcceptanceRow.document == document.value, col(AgreementAcceptanceRow.uid).is_not(None))
        .group_by(col(AgreementAcceptanceRow.uid))
    )
    query = select(AgreementAcceptanceRow).where(col(AgreementAcceptanceRow.id).in_(last))
    if cursor:
        query = query.where(col(AgreementAcceptanceRow.id) < cursor)
    rows = await tx.exec(query.order_by(col(AgreementAcceptanceRow.id).desc()).limit(limit))
    return [(row.id, _acceptance(row)) for row in rows]


async def attach(tx: Transaction, registration_id: str, uid: AccountId) -> None:
    """What a sign-up accepted is its account's from now on."""
    await tx.exec(
        update(AgreementAcceptanceRow)
        .where(col(AgreementAcceptanceRow.registration_id) == registration_id)
        .values(uid=uid)
    )


async def delete_of_registration(tx: Transaction, registration_id: str) -> None:
    """Forget what a sign-up accepted that never became an account."""
    await tx.exec(
        delete(AgreementAcceptanceRow).where(
            col(AgreementAcceptanceRow.registration_id) == registration_id, col(AgreementAcceptanceRow.uid).is_(None)
        )
    )


def _acceptance(row: AgreementAcceptanceRow) -> Acceptance:
    return Acceptance(
        document=Document(row.document),
        version=row.version,
        digest=row.digest,
        at=row.at,
        signature=Signature(row.name, row.address, Language(row.language)),
        uid=AccountId(row.uid) if row.uid else None,
    )
