"""From notices to sockets: those of this process's own commits, of the courier, and of the list that repairs it.

protocol §7: the database is the truth, the broker a courier.  Every `POLL_S` the list of publications is compared
with what arrived; a lost one is made good: of deposits the members are told where the log stands (`heads`) and pull,
of commits and links they get the frame itself.  Revocation never depends on the courier either.
"""

import asyncio
from collections.abc import Sequence

import structlog
from msgspec import MsgspecError

from miss.broker import Broker
from miss.chat.alarms import store as alarm_store
from miss.chat.alarms.model import Place
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.members import Members
from miss.chat.delivery import store as message_store
from miss.chat.devices import store as device_store
from miss.chat.hub import Hub
from miss.chat.metrics import ChatMetrics
from miss.chat.notices import store
from miss.chat.notices.model import (
    AlarmMoved,
    AnyNotice,
    Bulletin,
    Committed,
    Connected,
    Deleted,
    Deposited,
    Linked,
    Told,
    decode_bulletin,
    encode_bulletin,
)
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Del, EpochChanged, Head, Heads, LinkAdded
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

log = structlog.get_logger("miss.chat")

CHANNEL = "miss.chat"


class Fanout:
    """Tells this process's sockets, and the other processes."""

    def __init__(
        self,
        db: Database,
        broker: Broker,
        hub: Hub,
        members: Members,
        metrics: ChatMetrics,
        *,
        origin: bytes,
        poll_s: float,
    ) -> None:
        """`origin`: this process, 16 bytes."""
        self._db = db
        self._broker = broker
        self._hub = hub
        self._members = members
        self._metrics = metrics
        self._origin = origin
        self._poll_s = poll_s
        self._heard: set[int] = set()
        self._floors = (0, 0)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, then remember where the list stands."""
        await self._broker.listen(CHANNEL, self._hear)
        async with self._db.snapshot() as tx:
            number = await store.last_number(tx)
        self._floors = (number, number)
        self._task = asyncio.create_task(self._poll_forever(), name="miss.chat.poll")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def announce(self, number: int, notices: tuple[AnyNotice, ...]) -> None:
        """Tell the sockets here, then publish once.  Called after the commit; never raises."""
        await self._deliver_all(notices, is_own=True)
        await self.tell_others(number, notices)

    async def tell_others(self, number: int, notices: tuple[AnyNotice, ...]) -> None:
        """Publish to the other processes only."""
        await self._broker.publish(CHANNEL, encode_bulletin(Bulletin(self._origin, number, notices)))

    async def _hear(self, payload: bytes) -> None:
        try:
            bulletin = decode_bulletin(payload)
        except MsgspecError:
            # A process of another version, during an upgrade: the poll makes it good.
            log.warning("chat.bulletin_unreadable")
            return
        if bulletin.origin == self._origin:
            return
        if await self._deliver_all(bulletin.notices) and bulletin.number:
            self._heard.add(bulletin.number)

    # Repair

    async def _poll_forever(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            try:
                await self.repair()
            except DatabaseUnreachable:
                log.warning("chat.poll_unreachable")
            except Exception:
                # The next look may succeed; without this task nothing would be repaired any more.
                log.exception("chat.poll_failed")

    async def repair(self) -> int:
        """Deliver the publications of others that never arrived; how many.

        Each one is looked for twice, a whole period apart: on PostgreSQL a lower number may be committed after a
        higher one was seen.
        """
        oldest, previous = self._floors
        found, read_to = 0, oldest
        is_more = True
        while is_more:
            async with self._db.snapshot() as tx:
                bulletins = await store.list_after(tx, read_to, not_from=self._origin)
                latest = await store.last_number(tx)
            lost = [bulletin for bulletin in bulletins if bulletin.number not in self._heard]
            for bulletin in lost:
                await self._deliver_all(bulletin.notices)
            self._heard |= {bulletin.number for bulletin in lost}
            found += len(lost)
            is_more = len(bulletins) == store.MAX_BULLETINS
            read_to = bulletins[-1].number if is_more else latest
        self._floors = (min(previous, read_to), read_to)
        self._heard = {number for number in self._heard if number > self._floors[0]}
        self._metrics.polls.inc()
        self._metrics.repairs.inc(found)
        return found

    # Delivery to the sockets of this process

    async def _deliver_all(self, notices: Sequence[AnyNotice], *, is_own: bool = False) -> bool:
        """Each of them, whatever becomes of the others; False if one failed: the poll takes it up again.

        `is_own`: this process committed what they tell of.
        """
        whole = True
        for notice in notices:
            try:
                await self._deliver(notice, is_own)
            except DatabaseUnreachable:
                whole = False
                log.warning("chat.fanout_unreachable", notice=type(notice).__name__)
            except Exception:
                # The commit stands: who was not told pulls.  Whoever committed must not fail for it.
                whole = False
                log.exception("chat.fanout_failed", notice=type(notice).__name__)
        return whole

    async def _deliver(self, notice: AnyNotice, is_own: bool) -> None:
        match notice:
            case Deposited(frames=()):
                await self._tell_heads(notice)
            case Deposited():
                await self._tell_messages(notice, is_own)
            case Committed():
                await self._tell_epoch(notice)
            case Linked():
                await self._tell_link(notice)
            case Deleted():
                await self._tell_deletion(notice)
            case AlarmMoved():
                await self._tell_alarm(notice)
            case Told():
                for uid in notice.uids:
                    self._hub.tell(uid, notice.frame, ephemeral=notice.ephemeral)
            case Connected():
                self._hub.end_device(notice.did, CloseCode.REPLACED, before_ms=notice.at_ms)

    async def _tell_messages(self, notice: Deposited, is_own: bool) -> None:
        members = self._members.find(notice.cid, notice.version)
        if members is None:
            async with self._db.snapshot() as tx:
                members = await self._members.at(tx, notice.cid, notice.version)
        senders = notice.sockets if is_own else ()
        self._hub.tell_all(members, notice.cid, notice.first_seq, notice.frames, senders)

    async def _tell_heads(self, notice: Deposited) -> None:
        async with self._db.snapshot() as tx:
            here = self._hub.here(await self._members.at(tx, notice.cid, notice.version))
            state = await conversation_store.find_state(tx, notice.cid)
            read = await conversation_store.read_marks(tx, notice.cid, here)
        if state is not None:
            for uid in here:
                head = Head(notice.cid, state.last_seq, read.get(uid, 0), state.epoch)
                self._hub.tell(uid, encode(Heads((head,))))

    async def _tell_epoch(self, notice: Committed) -> None:
        async with self._db.snapshot() as tx:
            commit = await conversation_store.find_commit(tx, notice.cid, notice.epoch)
            if commit is None:
                return
            left = self._hub.here(await conversation_store.left_at(tx, notice.cid, notice.epoch))
            here = self._hub.here(member.uid for member in commit.core.members)
            boxes = await conversation_store.boxes_of(tx, notice.cid, notice.epoch, here)
        packed = commit.to_bytes()
        for uid in (*here, *left):
            box, history = boxes.get(uid, (None, None))
            self._hub.tell(uid, encode(EpochChanged(notice.cid, notice.epoch, packed, box, history)))

    async def _tell_deletion(self, notice: Deleted) -> None:
        async with self._db.snapshot() as tx:
            grave = await message_store.find_grave(tx, notice.cid, notice.seq)
            here = self._hub.here(await conversation_store.readers_of(tx, notice.cid, notice.seq))
        if grave is not None:
            frame = encode(Del(notice.cid, notice.seq, grave.tombstone, grave.uid))
            for uid in here:
                self._hub.tell(uid, frame)

    async def _tell_alarm(self, notice: AlarmMoved) -> None:
        async with self._db.snapshot() as tx:
            alarm = await alarm_store.find(tx, Place(notice.cid, notice.seq))
            state = await conversation_store.find_state(tx, notice.cid)
            members = await self._members.at(tx, notice.cid, state.version) if state else frozenset()
        if alarm is not None:
            frame = encode(alarm.frame)
            for uid in self._hub.here(members):
                self._hub.tell(uid, frame)

    async def _tell_link(self, notice: Linked) -> None:
        async with self._db.snapshot() as tx:
            link = await device_store.find_link(tx, notice.uid, notice.seq)
            contacts = await conversation_store.contacts_of(tx, notice.uid)
            devices = await device_store.list_devices(tx, notice.uid)
        if link is not None:
            frame = encode(LinkAdded(notice.uid, link))
            for uid in contacts:
                self._hub.tell(uid, frame)
        for device in devices:
            if device.revoked_at is not None:
                self._hub.end_device(device.did, CloseCode.REVOKED)
