"""Queries on the vault, on sealed user keys, and on the boxes of commits that the vault takes the place of."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, tuple_
from sqlmodel import col, select

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.conversations.tables import BoxRow, ConversationRow, MemberRow
from miss.chat.vault.model import DeviceBox, Entry, Held, Place
from miss.chat.vault.tables import UserKeyBoxRow, VaultEntryRow
from miss.storage import Transaction

_ENTRY = VaultEntryRow.__table__  # type: ignore[attr-defined]


async def put_box(tx: Transaction, uid: AccountId, generation: int, box: DeviceBox) -> None:
    """Keep the user key sealed to a device that has just entered."""
    did, sealed = box
    tx.add(UserKeyBoxRow(did=did, uid=uid, generation=generation, sealed=sealed))
    await tx.flush()


async def find_box(tx: Transaction, did: DeviceId) -> tuple[int, bytes] | None:
    """The user key sealed to this device, after its generation."""
    row = await tx.get(UserKeyBoxRow, did)
    return None if row is None else (row.generation, row.sealed)


async def list_held(tx: Transaction, uid: AccountId) -> list[Held]:
    """All that opens something for this person now."""
    boxes = select(col(BoxRow.cid), col(BoxRow.epoch), func.coalesce(func.length(col(BoxRow.history)), 0)).where(
        col(BoxRow.uid) == uid
    )
    entries = select(col(VaultEntryRow.cid), col(VaultEntryRow.epoch)).where(col(VaultEntryRow.uid) == uid)
    held = [Held(ConversationId(cid), epoch, size) for cid, epoch, size in await tx.exec(boxes)]
    return held + [Held(ConversationId(cid), epoch) for cid, epoch in await tx.exec(entries)]


async def existing_epochs(tx: Transaction, uid: AccountId) -> dict[ConversationId, int]:
    """The latest epoch of every conversation this person is or was in."""
    theirs = select(col(MemberRow.cid)).where(col(MemberRow.uid) == uid)
    query = select(col(ConversationRow.cid), col(ConversationRow.epoch)).where(col(ConversationRow.cid).in_(theirs))
    return {ConversationId(cid): epoch for cid, epoch in await tx.exec(query)}


async def forget(tx: Transaction, uid: AccountId) -> None:
    """Delete whatever the user keys of this person until now are good for."""
    await tx.exec(delete(UserKeyBoxRow).where(col(UserKeyBoxRow.uid) == uid))
    await tx.exec(delete(VaultEntryRow).where(col(VaultEntryRow.uid) == uid))
    await tx.exec(delete(BoxRow).where(col(BoxRow.uid) == uid))


async def fill(
    tx: Transaction, uid: AccountId, generation: int, boxes: Sequence[DeviceBox], entries: Sequence[Entry]
) -> None:
    """Keep a new user key, sealed to each device, and the vault under it; the old ones were forgotten."""
    tx.add_all(UserKeyBoxRow(did=did, uid=uid, generation=generation, sealed=sealed) for did, sealed in boxes)
    await tx.flush()
    if entries:
        rows = [{"uid": uid, "cid": each.cid, "epoch": each.epoch, "sealed": each.sealed} for each in entries]
        connection = await tx.connection()
        await connection.execute(insert(_ENTRY), rows)


async def read_page(tx: Transaction, uid: AccountId, after: Place | None, limit: int) -> tuple[tuple[Entry, ...], bool]:
    """Entries after a place, at most `limit`; True if there are more."""
    query = (
        select(col(VaultEntryRow.cid), col(VaultEntryRow.epoch), col(VaultEntryRow.sealed))
        .where(col(VaultEntryRow.uid) == uid)
        .order_by(col(VaultEntryRow.cid), col(VaultEntryRow.epoch))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(col(VaultEntryRow.cid), col(VaultEntryRow.epoch)) > after)
    rows = [Entry(ConversationId(cid), epoch, sealed) for cid, epoch, sealed in await tx.exec(query)]
    return tuple(rows[:limit]), len(rows) > limit


async def forget_before(tx: Transaction, cid: ConversationId, epoch: int) -> None:
    """Delete everybody's entries for the epochs before `epoch`: nothing that they open is left."""
    dead = (col(VaultEntryRow.cid) == cid) & (col(VaultEntryRow.epoch) < epoch)
    await tx.exec(delete(VaultEntryRow).where(dead))
