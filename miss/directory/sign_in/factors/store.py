"""Queries on second factors."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from miss.base.ids import AccountId
from miss.directory.sign_in.factors.tables import RecoveryCodeRow, TotpRow
from miss.storage import Transaction


class SealedTotp(NamedTuple):
    """What is kept of an application."""

    sealed: bytes
    last_counter: int
    added_at: datetime


class KeptCode(NamedTuple):
    """What is kept of a recovery code."""

    salt: bytes
    digest: bytes


async def find_totp(tx: Transaction, uid: AccountId) -> SealedTotp | None:
    """The account's application."""
    row = (await tx.exec(select(TotpRow).where(TotpRow.uid == uid))).one_or_none()
    return SealedTotp(row.sealed, row.last_counter, row.added_at) if row else None


async def insert_totp(tx: Transaction, uid: AccountId, sealed: bytes, counter: int, now: datetime) -> None:
    """Keep an application whose first code was right.  The account is locked by the caller."""
    tx.add(TotpRow(uid=uid, sealed=sealed, last_counter=counter, added_at=now))
    await tx.flush()


async def use_counter(tx: Transaction, uid: AccountId, counter: int) -> bool:
    """Take the code of that half minute; False if that one or a later one was taken."""
    used = await tx.exec(
        update(TotpRow).where(col(TotpRow.uid) == uid, col(TotpRow.last_counter) < counter).values(last_counter=counter)
    )
    return used.rowcount == 1


async def delete_totp(tx: Transaction, uid: AccountId) -> bool:
    """False if there was none."""
    return (await tx.exec(delete(TotpRow).where(col(TotpRow.uid) == uid))).rowcount == 1


async def replace_codes(tx: Transaction, uid: AccountId, codes: Collection[KeptCode]) -> None:
    """A new sheet; the one before is worth nothing any more.  Empty: no sheet."""
    await tx.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.uid) == uid))
    tx.add_all(RecoveryCodeRow(uid=uid, digest=code.digest, salt=code.salt) for code in codes)
    await tx.flush()


async def list_codes(tx: Transaction, uid: AccountId) -> list[KeptCode]:
    """The codes that were not used."""
    rows = await tx.exec(
        select(RecoveryCodeRow).where(RecoveryCodeRow.uid == uid, col(RecoveryCodeRow.used_at).is_(None))
    )
    return [KeptCode(row.salt, row.digest) for row in rows]


async def count_codes(tx: Transaction, uid: AccountId) -> int:
    """How many are left."""
    query = select(func.count()).where(RecoveryCodeRow.uid == uid, col(RecoveryCodeRow.used_at).is_(None))
    return (await tx.exec(query)).one()


async def use_code(tx: Transaction, uid: AccountId, digest: bytes, now: datetime) -> bool:
    """Use one up; False if it was."""
    used = await tx.exec(
        update(RecoveryCodeRow)
        .where(
            col(RecoveryCodeRow.uid) == uid,
            col(RecoveryCodeRow.digest) == digest,
            col(RecoveryCodeRow.used_at).is_(None),
        )
        .values(used_at=now)
    )
    return used.rowcount == 1
