"""Queries on subscriptions, and on who wrote what a device may have to hear of.

Several rows are always locked in the order of their devices: processes that meet wait for each other, once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import and_, delete, func, or_, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.alarms.tables import AlarmRow
from miss.chat.delivery.tables import MessageRow
from miss.chat.devices.tables import DeviceRow
from miss.chat.push.model import LEASE, Due, Registered, Standing, Subscription
from miss.chat.push.tables import PushRow
from miss.storage import Transaction

MANY = 2_000
"""Values in one question: databases have a limit."""
RANGES = 100
"""Pieces of logs in one question."""
CID_BYTES = 32

T = TypeVar("T")

Range = tuple[ConversationId, int, int]
"""A piece of a log: from the first place to the last."""


async def hold_device(tx: Transaction, did: DeviceId) -> bool:
    """Hold the device until the end; False if it is revoked."""
    query = select_rows(DeviceRow.did).where(DeviceRow.did == did, col(DeviceRow.revoked_at).is_(None))
    return (await tx.exec(query.with_for_update())).first() is not None


async def put(tx: Transaction, subscription: Subscription, at: datetime) -> None:
    """Register a device, or put another subscription in the place of its own.  The caller holds the device."""
    row = await tx.get(PushRow, subscription.did, with_for_update=True)
    said = {
        "uid": subscription.uid,
        "endpoint": subscription.endpoint,
        "p256dh": subscription.p256dh,
        "auth": subscription.auth,
        "key": subscription.key,
        "muted": b"".join(sorted(subscription.muted)),
        "confirmed_at": at,
    }
    if row is None:
        row = PushRow.model_validate({**said, "did": subscription.did, "created_at": at, "here_at": at})
    elif row.endpoint != subscription.endpoint:
        row.created_at, row.tries, row.leased_until = at, 0, None
    row.sqlmodel_update(said)
    tx.add(row)
    await tx.flush()


async def find(tx: Transaction, did: DeviceId) -> Subscription | None:
    """Where a device is woken."""
    row = await tx.get(PushRow, did)
    return None if row is None else _subscription(row)


async def list_of(tx: Transaction, uid: AccountId) -> list[Registered]:
    """Somebody's subscriptions, oldest first."""
    query = select_rows(PushRow).where(PushRow.uid == uid).order_by(col(PushRow.created_at))
    return [
        Registered(DeviceId(row.did), row.endpoint, row.created_at, row.confirmed_at, row.sent_at)
        for row in await tx.exec(query)
    ]


async def delete_device(tx: Transaction, did: DeviceId, *, endpoint: str | None = None) -> bool:
    """Forget a device's subscription (if it is still the one at `endpoint`); False if there is none."""
    query = delete(PushRow).where(col(PushRow.did) == did)
    if endpoint is not None:
        query = query.where(col(PushRow.endpoint) == endpoint)
    return (await tx.exec(query)).rowcount == 1


async def delete_of(tx: Transaction, uid: AccountId) -> None:
    """Forget all of somebody's."""
    await tx.exec(delete(PushRow).where(col(PushRow.uid) == uid))


async def sweep(tx: Transaction, before: datetime, keys: Collection[bytes]) -> None:
    """Forget what no browser has confirmed since `before`, and what is bound to a key that is gone."""
    is_old = col(PushRow.confirmed_at) < before
    await tx.exec(delete(PushRow).where(or_(is_old, col(PushRow.key).not_in(keys))))


# Who is connected


async def note_here(tx: Transaction, dids: Collection[DeviceId], at: datetime) -> None:
    """These devices have come, or answered: they need not be woken."""
    values = {"here_at": at, "here_until": at + LEASE, "due_at": None, "is_repeat": False, "tries": 0}
    await _change(tx, dids, values)


async def note_still_here(tx: Transaction, dids: Collection[DeviceId], at: datetime) -> None:
    """These devices are connected as before."""
    await _change(tx, dids, {"here_at": at, "here_until": at + LEASE})


async def note_gone(tx: Transaction, left: Mapping[DeviceId, datetime]) -> None:
    """These devices have left, each at its own instant, and nothing is owed to them; whoever came somewhere since is
    there."""
    for one in await lock(tx, left):
        if one.here_at <= left[one.did]:
            change = update(PushRow).where(col(PushRow.did) == one.did)
            await tx.exec(change.values(here_at=left[one.did], here_until=None))


async def note_silent(tx: Transaction, silent: Mapping[DeviceId, datetime], now: datetime) -> bool:
    """These devices were sent something and do not answer, each since its own instant: they are woken, unless they came
    somewhere since.  True if there is one to wake."""
    standings = [one for one in await lock(tx, silent) if one.here_at <= silent[one.did]]
    await _change(tx, [one.did for one in standings], {"here_until": None})
    due = {one.did: one.next_due(now) for one in standings if one.due_at is None or one.is_repeat}
    await mark(tx, due)
    return bool(due)


async def _change(tx: Transaction, dids: Collection[DeviceId], values: Mapping[str, Any]) -> None:
    for some in _slices(sorted(dids), MANY):
        there = [one.did for one in await lock(tx, some)]
        if there:
            await tx.exec(update(PushRow).where(col(PushRow.did).in_(there)).values(**values))


# Whom to wake


async def list_standings(tx: Transaction, uids: Collection[AccountId]) -> list[Standing]:
    """The subscribed devices of these people."""
    return [
        _standing(row)
        for some in _slices(sorted(uids), MANY)
        for row in await tx.exec(select_rows(PushRow).where(col(PushRow.uid).in_(some)))
    ]


async def lock(tx: Transaction, dids: Iterable[DeviceId]) -> list[Standing]:
    """Those of these devices that are subscribed, held until the end."""
    found: list[Standing] = []
    for some in _slices(sorted(dids), MANY):
        query = select_rows(PushRow).where(col(PushRow.did).in_(some)).order_by(col(PushRow.did)).with_for_update()
        rows = (await tx.exec(query.execution_options(populate_existing=True))).all()
        found += [_standing(row) for row in rows]
    return found


async def mark(tx: Transaction, due: Mapping[DeviceId, datetime]) -> None:
    """Have these devices, which the caller holds, woken then."""
    for did, at in sorted(due.items()):
        change = update(PushRow).where(col(PushRow.did) == did)
        await tx.exec(change.values(due_at=at, is_repeat=False, tries=0, leased_until=None))


async def authors_of(tx: Transaction, ranges: Sequence[Range]) -> dict[ConversationId, list[tuple[int, AccountId]]]:
    """Who wrote what stands there, by place."""
    message = MessageRow
    found: dict[ConversationId, list[tuple[int, AccountId]]] = {}
    for some in _slices(ranges, RANGES):
        query = (
            select(col(message.cid), col(message.seq), col(DeviceRow.uid))
            .join(DeviceRow, col(DeviceRow.did) == col(message.did))
            .where(or_(*(_within(col(message.cid), col(message.seq), one) for one in some)))
        )
        for cid, seq, uid in await (await tx.connection()).execute(query):
            found.setdefault(ConversationId(cid), []).append((seq, AccountId(uid)))
    return found


async def alarms_in(tx: Transaction, ranges: Sequence[Range]) -> frozenset[tuple[ConversationId, int]]:
    """Where alarms stand there."""
    found: set[tuple[ConversationId, int]] = set()
    for some in _slices(ranges, RANGES):
        query = select(col(AlarmRow.cid), col(AlarmRow.seq)).where(
            or_(*(_within(col(AlarmRow.cid), col(AlarmRow.seq), one) for one in some))
        )
        found |= {(ConversationId(cid), seq) for cid, seq in await (await tx.connection()).execute(query)}
    return frozenset(found)


def _within(cid: Any, seq: Any, piece: Range) -> Any:
    return and_(cid == piece[0], seq.between(piece[1], piece[2]))


# What is due


async def take_due(tx: Transaction, now: datetime, *, limit: int) -> list[Due]:
    """Lease wake-ups that are due, oldest first; no two processes get the same one."""
    query = (
        select_rows(PushRow)
        .where(
            col(PushRow.due_at) <= now,
            or_(col(PushRow.leased_until).is_(None), col(PushRow.leased_until) < now),
        )
        .order_by(col(PushRow.due_at), col(PushRow.did))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = []
    for row in (await tx.exec(query)).all():
        if row.due_at is not None:
            taken.append(Due(_subscription(row), row.due_at, row.is_repeat, row.tries))
            row.leased_until = now + LEASE
            tx.add(row)
    await tx.flush()
    return taken


async def settle(
    tx: Transaction,
    due: Due,
    *,
    next_at: datetime | None,
    is_repeat: bool = False,
    tries: int = 0,
    sent_at: datetime | None = None,
) -> None:
    """What comes after a wake-up, unless something has changed its time meanwhile: the device came, or subscribed
    anew."""
    this = (col(PushRow.did) == due.subscription.did) & (col(PushRow.endpoint) == due.subscription.endpoint)
    if sent_at is not None:
        await tx.exec(update(PushRow).where(this).values(sent_at=sent_at))
    unchanged = this & (col(PushRow.due_at) == due.due_at)
    values = {"due_at": next_at, "is_repeat": is_repeat, "tries": tries, "leased_until": None}
    await tx.exec(update(PushRow).where(unchanged).values(**values))


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    """When the next wake-up is due that nobody is sending; None: none waits."""
    is_free = or_(col(PushRow.leased_until).is_(None), col(PushRow.leased_until) < now)
    return (await tx.exec(select_rows(func.min(PushRow.due_at)).where(col(PushRow.due_at).is_not(None), is_free))).one()


def _subscription(row: PushRow) -> Subscription:
    return Subscription(
        did=DeviceId(row.did),
        uid=AccountId(row.uid),
        endpoint=row.endpoint,
        p256dh=row.p256dh,
        auth=row.auth,
        key=row.key,
        muted=_muted(row),
    )


def _standing(row: PushRow) -> Standing:
    return Standing(
        DeviceId(row.did),
        AccountId(row.uid),
        row.here_at,
        row.here_until,
        row.due_at,
        row.is_repeat,
        row.sent_at,
        _muted(row),
    )


def _muted(row: PushRow) -> frozenset[ConversationId]:
    return frozenset(
        ConversationId(row.muted[start : start + CID_BYTES]) for start in range(0, len(row.muted), CID_BYTES)
    )


def _slices(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))
