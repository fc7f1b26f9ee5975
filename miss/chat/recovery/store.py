"""Queries on recovery keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, DeviceId
from miss.chat.recovery.errors import RecoveryExists
from miss.chat.recovery.model import RecoveryKey
from miss.chat.recovery.tables import RecoveryRow, RecoveryWrapRow
from miss.storage import Transaction


async def find(tx: Transaction, uid: AccountId) -> RecoveryKey | None:
    """This person's recovery key."""
    row = await tx.get(RecoveryRow, uid)
    if row is None:
        return None
    wraps = select(col(RecoveryWrapRow.wrap)).where(col(RecoveryWrapRow.uid) == uid)
    in_order = (await tx.exec(wraps.order_by(col(RecoveryWrapRow.position)))).all()
    return RecoveryKey(DeviceId(row.did), tuple(in_order), row.tested_at)


async def add(tx: Transaction, uid: AccountId, did: DeviceId, wraps: Sequence[bytes]) -> None:
    """Keep a recovery key.  Raises RecoveryExists."""
    tx.add(RecoveryRow(uid=uid, did=did))
    try:
        await tx.flush()
    except IntegrityError:
        raise RecoveryExists from None
    await _put_wraps(tx, uid, wraps)


async def replace_wraps(tx: Transaction, uid: AccountId, wraps: Sequence[bytes]) -> bool:
    """Close the living recovery key in other ways, none of which was tested; False if there is none."""
    # The row is held: two replacements at once come one after the other.
    untested = update(RecoveryRow).where(col(RecoveryRow.uid) == uid).values(tested_at=None)
    if (await tx.exec(untested)).rowcount != 1:
        return False
    await tx.exec(delete(RecoveryWrapRow).where(col(RecoveryWrapRow.uid) == uid))
    await _put_wraps(tx, uid, wraps)
    return True


async def _put_wraps(tx: Transaction, uid: AccountId, wraps: Sequence[bytes]) -> None:
    tx.add_all(RecoveryWrapRow(uid=uid, position=position, wrap=wrap) for position, wrap in enumerate(wraps))
    await tx.flush()


async def note_tested(tx: Transaction, uid: AccountId, did: DeviceId, at: datetime) -> bool:
    """The recovery key `did` was opened; False if it is no longer the living one."""
    living = (col(RecoveryRow.uid) == uid) & (col(RecoveryRow.did) == did)
    return (await tx.exec(update(RecoveryRow).where(living).values(tested_at=at))).rowcount == 1


async def forget(tx: Transaction, uid: AccountId) -> None:
    """Delete the recovery key and its wraps."""
    await tx.exec(delete(RecoveryWrapRow).where(col(RecoveryWrapRow.uid) == uid))
    await tx.exec(delete(RecoveryRow).where(col(RecoveryRow.uid) == uid))


async def forget_paper(tx: Transaction, did: DeviceId) -> None:
    """The same, if `did` is a recovery key."""
    uid = (await tx.exec(select(col(RecoveryRow.uid)).where(col(RecoveryRow.did) == did))).one_or_none()
    if uid is not None:
        await forget(tx, AccountId(uid))
