"""Queries on pairing slots."""

from datetime import datetime

from sqlalchemy import delete, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, DeviceId
from miss.chat.pairing.errors import PairingTaken
from miss.chat.pairing.model import Slot
from miss.chat.pairing.tables import PairingSlotRow
from miss.storage import Transaction


async def add(tx: Transaction, slot: Slot) -> None:
    """Open a slot.  Raises PairingTaken."""
    tx.add(PairingSlotRow(slot=slot.slot, uid=slot.uid, did=slot.did, expires_at=slot.expires_at))
    try:
        await tx.flush()
    except IntegrityError:
        raise PairingTaken from None


async def find(tx: Transaction, slot: bytes, now: datetime) -> Slot | None:
    """A slot that is still open."""
    query = select(PairingSlotRow).where(col(PairingSlotRow.slot) == slot, col(PairingSlotRow.expires_at) > now)
    row = (await tx.exec(query)).one_or_none()
    if row is None:
        return None
    return Slot(row.slot, AccountId(row.uid), DeviceId(row.did), row.expires_at, row.offer, row.answer)


async def count_open(tx: Transaction, did: DeviceId, now: datetime) -> int:
    """How many slots this device has open that have not served yet."""
    waiting = or_(col(PairingSlotRow.answer).is_(None), func.length(col(PairingSlotRow.answer)) > 0)
    query = select(func.count()).where(col(PairingSlotRow.did) == did, col(PairingSlotRow.expires_at) > now, waiting)
    return (await tx.exec(query)).one()


async def put_offer(tx: Transaction, slot: bytes, offer: bytes) -> bool:
    """Leave an offer; False if there is one."""
    empty = (col(PairingSlotRow.slot) == slot) & col(PairingSlotRow.offer).is_(None)
    return (await tx.exec(update(PairingSlotRow).where(empty).values(offer=offer))).rowcount == 1


async def put_answer(tx: Transaction, slot: bytes, answer: bytes) -> bool:
    """Leave an answer; False if there is one."""
    empty = (col(PairingSlotRow.slot) == slot) & col(PairingSlotRow.answer).is_(None)
    return (await tx.exec(update(PairingSlotRow).where(empty).values(answer=answer))).rowcount == 1


async def empty(tx: Transaction, slot: bytes) -> None:
    """The device has entered: only the slot's name and owner stay, for a call that is repeated."""
    served = update(PairingSlotRow).where(col(PairingSlotRow.slot) == slot).values(offer=b"", answer=b"")
    await tx.exec(served)


async def remove(tx: Transaction, slot: bytes) -> None:
    """Close a slot."""
    await tx.exec(delete(PairingSlotRow).where(col(PairingSlotRow.slot) == slot))


async def sweep(tx: Transaction, now: datetime) -> None:
    """Forget what has expired."""
    await tx.exec(delete(PairingSlotRow).where(col(PairingSlotRow.expires_at) <= now))
