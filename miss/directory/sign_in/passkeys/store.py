"""Queries on passkeys."""

from datetime import datetime

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId
from miss.directory.sign_in.passkeys.model import Passkey
from miss.directory.sign_in.passkeys.tables import PasskeyRow
from miss.storage import Transaction


async def insert_passkey(tx: Transaction, passkey: Passkey) -> bool:
    """False if it is known already."""
    try:
        async with tx.begin_nested():
            tx.add(
                PasskeyRow(
                    credential_id=passkey.credential_id,
                    uid=passkey.uid,
                    public_key=passkey.public_key,
                    sign_count=passkey.sign_count,
                    name=passkey.name,
                    added_at=passkey.added_at,
                    is_backed_up=passkey.is_backed_up,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def find_passkey(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """The passkey."""
    row = (await tx.exec(select(PasskeyRow).where(PasskeyRow.credential_id == credential_id))).one_or_none()
    return _passkey(row) if row else None


async def list_passkeys(tx: Transaction, uid: AccountId) -> list[Passkey]:
    """The account's, the first added first; bounded by `MAX_PASSKEYS` at their making."""
    rows = await tx.exec(select(PasskeyRow).where(PasskeyRow.uid == uid).order_by(col(PasskeyRow.added_at)))
    return [_passkey(row) for row in rows]


async def count_passkeys(tx: Transaction, uid: AccountId) -> int:
    """How many the account has."""
    return (await tx.exec(select(func.count()).where(PasskeyRow.uid == uid))).one()


async def use_passkey(tx: Transaction, passkey: Passkey, sign_count: int, now: datetime) -> bool:
    """Note its use; False if it is gone, or was used meanwhile (a copy of a token that counts)."""
    used = await tx.exec(
        update(PasskeyRow)
        .where(col(PasskeyRow.credential_id) == passkey.credential_id, col(PasskeyRow.sign_count) == passkey.sign_count)
        .values(sign_count=sign_count, last_used_at=now)
    )
    return used.rowcount == 1


async def delete_passkey(tx: Transaction, uid: AccountId, credential_id: bytes) -> bool:
    """False if the account has none like that."""
    deleted = await tx.exec(
        delete(PasskeyRow).where(col(PasskeyRow.uid) == uid, col(PasskeyRow.credential_id) == credential_id)
    )
    return deleted.rowcount == 1


async def delete_passkeys(tx: Transaction, uid: AccountId) -> None:
    """All of the account's."""
    await tx.exec(delete(PasskeyRow).where(col(PasskeyRow.uid) == uid))


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(
        credential_id=row.credential_id,
        uid=AccountId(row.uid),
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
        added_at=row.added_at,
        last_used_at=row.last_used_at,
        is_backed_up=row.is_backed_up,
    )
