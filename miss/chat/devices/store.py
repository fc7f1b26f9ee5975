"""Queries on chains and devices."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, DeviceId
from miss.chat.devices.errors import DeviceKnown, StaleLink
from miss.chat.devices.model import LinkedDevice
from miss.chat.devices.tables import ChainRow, DeviceRow, LinkRow
from miss.protocol.crypto.links import PAPER, Link
from miss.storage import Transaction
from miss.storage.direct import HotStatement


async def append_link(tx: Transaction, link: Link, at: datetime) -> None:
    """Append to a chain if `link` follows its head.  Raises StaleLink if another link came first."""
    core = link.core
    if core.seq == 1:
        tx.add(ChainRow(uid=core.uid, seq=1, head=link.hash))
        try:
            await tx.flush()
        except IntegrityError:
            raise StaleLink(uid=core.uid.hex()) from None
    else:
        # Compare-and-swap: the head is still the one this link names.
        swapped = await tx.exec(
            update(ChainRow)
            .where(col(ChainRow.uid) == core.uid, col(ChainRow.head) == core.prev)
            .values(seq=core.seq, head=link.hash)
        )
        if swapped.rowcount != 1:
            raise StaleLink(uid=core.uid.hex())
    tx.add(LinkRow(uid=core.uid, seq=core.seq, link=link.to_bytes(), created_at=at))
    await tx.flush()


async def add_device(tx: Transaction, link: Link, ik: bytes, name: str, at: datetime) -> None:
    """Add the device that `link` lets in.  Raises DeviceKnown."""
    core, paper = link.core, link.core.proof.method == PAPER
    tx.add(DeviceRow(did=core.did, uid=core.uid, ik=ik, name=name, linked_seq=core.seq, linked_at=at, paper=paper))
    try:
        await tx.flush()
    except IntegrityError:
        raise DeviceKnown(did=core.did.hex()) from None


async def revoke_device(tx: Transaction, did: DeviceId, at: datetime) -> None:
    """From `at` on the device does not count."""
    await tx.exec(update(DeviceRow).where(col(DeviceRow.did) == did).values(revoked_at=at))


async def revoke_all(tx: Transaction, uid: AccountId, at: datetime) -> None:
    """From `at` on none of this person's devices counts."""
    active = (col(DeviceRow.uid) == uid) & col(DeviceRow.revoked_at).is_(None)
    await tx.exec(update(DeviceRow).where(active).values(revoked_at=at))


async def rename_device(tx: Transaction, uid: AccountId, did: DeviceId, name: str) -> bool:
    """Give an active device of this person another name; False if there is none."""
    theirs = (col(DeviceRow.did) == did) & (col(DeviceRow.uid) == uid) & col(DeviceRow.revoked_at).is_(None)
    return (await tx.exec(update(DeviceRow).where(theirs).values(name=name))).rowcount == 1


async def note_seen(tx: Transaction, seen: Mapping[DeviceId, datetime]) -> None:
    """Write down when devices were last heard of."""
    table = DeviceRow.__table__  # type: ignore[attr-defined]
    statement = update(table).where(table.c.did == bindparam("of_did")).values(last_seen_at=bindparam("at"))
    connection = await tx.connection()
    await connection.execute(statement, [{"of_did": did, "at": at} for did, at in sorted(seen.items())])


async def revoked_since(tx: Transaction, since: datetime) -> frozenset[DeviceId]:
    """The devices that stopped counting at `since` or later."""
    return frozenset(
        DeviceId(did) for did in await tx.exec(select(DeviceRow.did).where(col(DeviceRow.revoked_at) >= since))
    )


async def find_device(tx: Transaction, did: DeviceId) -> LinkedDevice | None:
    """The device, revoked or not."""
    row = await tx.get(DeviceRow, did)
    return None if row is None else _device(row)


_COLUMNS = ("did", "uid", "ik", "name", "linked_at", "revoked_at", "paper", "last_seen_at")
_DEVICES = HotStatement(
    f"SELECT {', '.join(_COLUMNS)} FROM chat_device WHERE did = ANY($1::bytea[])",  # noqa: S608 - names from here
    select_columns(*(DeviceRow.__table__.c[name] for name in _COLUMNS)).where(  # type: ignore[attr-defined]
        col(DeviceRow.did).in_(bindparam("dids", expanding=True))
    ),
    ("dids",),
)
_HEADS = HotStatement(
    "SELECT uid, head FROM chat_chain WHERE uid = ANY($1::bytea[])",
    select(ChainRow.uid, ChainRow.head).where(col(ChainRow.uid).in_(bindparam("uids", expanding=True))),
    ("uids",),
)


async def find_devices(tx: Transaction, dids: Collection[DeviceId]) -> list[LinkedDevice]:
    """Those of these devices that were ever linked, revoked or not."""
    return [LinkedDevice(*row) for row in await _DEVICES.fetch(tx, list(dids))]


async def find_heads(tx: Transaction, uids: Collection[AccountId]) -> dict[AccountId, bytes]:
    """As `heads_of`, for `Database.hot_reads`."""
    return {AccountId(uid): head for uid, head in await _HEADS.fetch(tx, list(uids))}


async def find_link_of(tx: Transaction, did: DeviceId) -> bytes | None:
    """The link that let this device in, as stored."""
    query = (
        select(LinkRow.link)
        .join(DeviceRow, (col(DeviceRow.uid) == LinkRow.uid) & (col(DeviceRow.linked_seq) == LinkRow.seq))
        .where(DeviceRow.did == did)
    )
    return (await tx.exec(query)).one_or_none()


async def list_devices(tx: Transaction, uid: AccountId) -> list[LinkedDevice]:
    """Every device this person ever linked, oldest first."""
    query = select(DeviceRow).where(DeviceRow.uid == uid).order_by(col(DeviceRow.linked_seq))
    return [_device(row) for row in await tx.exec(query)]


ACTIVE = HotStatement(
    "SELECT did, uid FROM chat_device WHERE did = ANY($1::bytea[]) AND revoked_at IS NULL",
    select(DeviceRow.did, DeviceRow.uid).where(
        col(DeviceRow.did).in_(bindparam("dids", expanding=True)), col(DeviceRow.revoked_at).is_(None)
    ),
    ("dids",),
)
"""The devices that count, with their owners; part of what a flush asks."""


async def list_links(tx: Transaction, uid: AccountId, after_seq: int = 0) -> Sequence[bytes]:
    """A chain, oldest link first, from the one after `after_seq`."""
    query = select(LinkRow.link).where(LinkRow.uid == uid, col(LinkRow.seq) > after_seq).order_by(col(LinkRow.seq))
    return (await tx.exec(query)).all()


async def find_link(tx: Transaction, uid: AccountId, seq: int) -> bytes | None:
    """One link, as stored."""
    row = await tx.get(LinkRow, (uid, seq))
    return None if row is None else row.link


async def heads_of(tx: Transaction, uids: Collection[AccountId], *, hold: bool = False) -> Mapping[AccountId, bytes]:
    """The head of each chain; people without a device are absent.  `hold`: no link is appended before the end."""
    query = select(ChainRow.uid, ChainRow.head).where(col(ChainRow.uid).in_(sorted(uids))).order_by(col(ChainRow.uid))
    if hold:
        query = query.with_for_update(read=True)
    return {AccountId(uid): head for uid, head in await tx.exec(query)}


def _device(row: DeviceRow) -> LinkedDevice:
    return LinkedDevice(
        DeviceId(row.did),
        AccountId(row.uid),
        row.ik,
        row.name,
        row.linked_at,
        row.revoked_at,
        paper=row.paper,
        last_seen=row.last_seen_at,
    )
