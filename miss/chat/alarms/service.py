"""Alarms: raised with their envelope, acknowledged by a signed word, escalated by a job.  protocol §7

Each alarm has one job, due at its deadline.  What a step decides, the next deadline and the call that goes out stand
in one transaction, under a lock that the acknowledgement takes too: of both exactly one comes first, and a job that
runs again after a crash finds that its step was taken.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from miss.base.clock import Clock, from_ms, to_ms
from miss.base.errors import NotFound
from miss.base.ids import AccountId, ConversationId
from miss.base.random import RandomBytes
from miss.chat.alarms import store
from miss.chat.alarms.errors import AcknowledgementMismatch, AlarmOwn
from miss.chat.alarms.model import OPEN, Place, RaisedAlarm, Step, Wakeup, escalate, wakeup_of
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.members import Members
from miss.chat.devices.ledger import Announce
from miss.chat.devices.model import LinkedDevice
from miss.chat.devices.service import Devices
from miss.chat.gathered import Gathered
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import AlarmMoved
from miss.protocol.crypto.acknowledgements import parse_acknowledgement, verify_acknowledgement
from miss.protocol.errors import AcknowledgementForged
from miss.protocol.wire.frames import AlarmChanged, AlarmState
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, RetryPolicy, cancel, schedule

ESCALATE_JOB = "chat.alarm"
RETRY = RetryPolicy(first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=5), max_attempts=40)
MAX_TOLD = 100
"""Unacknowledged alarms a device is told of when it connects."""
MAX_LISTED = 200
MAX_ASKED = 100
"""People for whom alarms are looked for together."""

Notify = Callable[[Transaction, AccountId, Wakeup], Awaitable[bool]]
"""Has somebody called by other means once the transaction commits; False if there are none."""


async def notify_nobody(_tx: Transaction, _uid: AccountId, _wakeup: Wakeup) -> bool:
    """For an installation without other means."""
    return False


@dataclass(frozen=True, slots=True)
class ToldAlarm:
    """An alarm and what was done about it."""

    alarm: RaisedAlarm
    steps: Sequence[Step]


class Alarms:
    """The service of this room."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        devices: Devices,
        members: Members,
        *,
        origin: bytes,
        announce: Announce,
        notify: Notify,
    ) -> None:
        """`origin`: this process, in notices."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._devices = devices
        self._members = members
        self._origin = origin
        self._announce = announce
        self._notify = notify
        self._alarmed = Gathered(self._read_alarmed, most=MAX_ASKED)

    def job_handler(self) -> JobHandler:
        """Escalates what nobody acknowledged in time."""
        return JobHandler(ESCALATE_JOB, self._escalate, RETRY)

    async def raise_all(self, tx: Transaction, alarms: Sequence[RaisedAlarm]) -> None:
        """Raise alarms in the transaction that stores their envelopes."""
        await store.add(tx, alarms)
        for alarm in alarms:
            await self._plan(tx, alarm)

    async def _plan(self, tx: Transaction, alarm: RaisedAlarm) -> None:
        due_at = from_ms(alarm.due_ms)
        await schedule(tx, ESCALATE_JOB, alarm.place.key, due_at, random_bytes=self._random_bytes)

    # Acknowledgement

    async def acknowledge(self, by: LinkedDevice, place: Place, data: bytes) -> None:
        """A member answers for the alarm.  The first one stands; later ones change nothing.

        Raises BadAcknowledgement, AcknowledgementForged, NotFound (no alarm there for this person), AlarmOwn,
        AcknowledgementMismatch.
        """
        said = parse_acknowledgement(data)
        if (said.cid, said.seq, said.uid) != (*place, by.uid):
            raise AcknowledgementForged(seq=place.seq)
        chain = await self._devices.find_chain(by.uid)
        if chain is None:
            raise NotFound(cid=place.cid.hex())
        verify_acknowledgement(said, chain)
        notices = (AlarmMoved(place.cid, place.seq),)
        async with self._db.transaction() as tx:
            alarm = await store.find(tx, place, lock=True)
            if alarm is None or not await _is_open_to(tx, place, by.uid):
                raise NotFound(cid=place.cid.hex())
            if alarm.author == by.uid:
                raise AlarmOwn
            if alarm.env_hash != said.env_hash:
                raise AcknowledgementMismatch(seq=place.seq)
            if alarm.state is AlarmState.ACKNOWLEDGED:
                return
            await store.put(tx, replace(alarm, state=AlarmState.ACKNOWLEDGED, uid=by.uid, ack=data))
            await cancel(tx, ESCALATE_JOB, place.key)
            number = await notice_store.append(tx, self._origin, notices, self._clock.now())
        await self._announce(number, notices)

    # Escalation

    async def _escalate(self, job: Job) -> None:
        place = Place.of(job.key)
        notices = (AlarmMoved(place.cid, place.seq),)
        async with self._db.transaction() as tx:
            alarm = await store.find(tx, place, lock=True)
            if alarm is None or alarm.state not in OPEN:
                return
            now_ms = to_ms(self._clock.now())
            if now_ms < alarm.due_ms:
                # An earlier run took the step and died before it was struck off.
                await self._plan(tx, alarm)
                return
            number = await self._step(tx, alarm, now_ms, notices)
        await self._announce(number, notices)

    async def _step(self, tx: Transaction, alarm: RaisedAlarm, now_ms: int, notices: tuple[AlarmMoved, ...]) -> int:
        state = await conversation_store.find_state(tx, alarm.place.cid)
        members = await self._members.at(tx, alarm.place.cid, state.version) if state else frozenset()
        moved = escalate(alarm, members, now_ms)
        await store.put(tx, moved)
        if moved.state in OPEN:
            await self._plan(tx, moved)
        uid, wakeup = wakeup_of(moved)
        mailed = await self._notify(tx, uid, wakeup)
        await store.add_step(tx, alarm.place, Step(moved.steps, uid, now_ms, mailed))
        return await notice_store.append(tx, self._origin, notices, self._clock.now())

    # What members are told

    async def list_frames(self, uid: AccountId) -> list[AlarmChanged]:
        """One frame for each alarm that nobody has acknowledged in this person's conversations, newest first."""
        if not await self._alarmed.find(uid):
            return []
        async with self._db.snapshot() as tx:
            return [alarm.frame for alarm in await store.list_unacknowledged(tx, uid, MAX_TOLD)]

    async def _read_alarmed(self, uids: Sequence[AccountId]) -> dict[AccountId, bool]:
        async with self._db.hot_reads() as tx:
            return dict.fromkeys(await store.alarmed_among(tx, set(uids)), True)

    async def list_alarms(self, uid: AccountId, cid: ConversationId) -> list[ToldAlarm]:
        """The alarms of a conversation that this person may read, newest first.  Raises NotFound for others."""
        async with self._db.snapshot() as tx:
            intervals = await conversation_store.intervals_of(tx, cid, uid)
            if not intervals:
                raise NotFound(cid=cid.hex())
            alarms = [
                alarm
                for alarm in await store.list_alarms(tx, cid, MAX_LISTED)
                if any(interval.clip(alarm.place.seq, alarm.place.seq) for interval in intervals)
            ]
            steps = await store.list_steps(tx, [alarm.place for alarm in alarms])
        return [ToldAlarm(alarm, steps[alarm.place]) for alarm in alarms]


async def _is_open_to(tx: Transaction, place: Place, uid: AccountId) -> bool:
    """True if `uid` is a member now and may read that envelope."""
    intervals = await conversation_store.intervals_of(tx, place.cid, uid)
    is_member = any(interval.to_seq is None for interval in intervals)
    return is_member and any(interval.clip(place.seq, place.seq) for interval in intervals)
