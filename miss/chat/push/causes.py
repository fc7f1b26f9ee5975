"""From what was deposited to the devices that should hear of it and are not connected.

A look at memory for what this process stored, GRACE after it did; and, for what a process that died had not seen to,
a look at the list of publications (`notices`), which may find the same again: whoever has been connected or woken
since is passed over.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from miss.base.clock import Clock
from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.alarms import store as alarm_store
from miss.chat.alarms.model import Place
from miss.chat.conversations.members import Members
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import AlarmMoved, AnyNotice, Deposited
from miss.chat.push import store
from miss.chat.push.model import GRACE, LOOK_BACK, UNTOUCHED, Cause, Standing, to_wake
from miss.protocol.wire.frames import AlarmState
from miss.storage import Database, Transaction

MAX_NOTED = 200_000
"""Publications that may wait: minutes of a very busy server whose database is away."""
AT_ONCE = 200


class _Noted(NamedTuple):
    at: datetime
    notice: Deposited | AlarmMoved


class Causes:
    """What this process has to look into."""

    def __init__(self, db: Database, clock: Clock, members: Members, *, origin: bytes) -> None:
        """`origin`: this process, in notices."""
        self._db = db
        self._clock = clock
        self._members = members
        self._origin = origin
        self._noted: deque[_Noted] = deque()

    def note(self, notices: Iterable[AnyNotice]) -> None:
        """This process has committed and announced these; asks nobody."""
        now = self._clock.now()
        for notice in notices:
            if isinstance(notice, Deposited | AlarmMoved) and len(self._noted) < MAX_NOTED:
                self._noted.append(_Noted(now, notice))

    async def look(self) -> bool:
        """Look into what is old enough; True if a device is to be woken.

        What could not be looked into is taken up again.
        """
        is_any = False
        until = self._clock.now() - GRACE
        while self._noted and self._noted[0].at <= until:
            some = [noted for noted in list(self._noted)[:AT_ONCE] if noted.at <= until]
            is_any |= await self._wake(some)
            for _ in some:
                self._noted.popleft()
        return is_any

    async def look_back(self, far: timedelta = LOOK_BACK) -> bool:
        """Look into what other processes published in the last minutes, or as `far` back as the list goes; True if a
        device is to be woken."""
        now, is_any, number = self._clock.now(), False, 0
        while True:
            async with self._db.snapshot() as tx:
                listed = await notice_store.list_between(
                    tx, now - far, now - UNTOUCHED, not_from=self._origin, after=number
                )
            noted = [
                _Noted(at, notice)
                for _, at, notices in listed
                for notice in notices
                if isinstance(notice, Deposited | AlarmMoved)
            ]
            for start in range(0, len(noted), AT_ONCE):
                is_any |= await self._wake(noted[start : start + AT_ONCE])
            if len(listed) < notice_store.MAX_BULLETINS:
                return is_any
            number = listed[-1][0]

    async def _wake(self, noted: Sequence[_Noted]) -> bool:
        async with self._db.snapshot() as tx:
            found = await self._whom(tx, noted)
        if found is None:
            return False
        dids, causes = found
        now = self._clock.now()
        async with self._db.transaction() as tx:
            # What was read before the rows were held may have changed: it is decided by what they say now.
            due = to_wake(await store.lock(tx, dids), causes, now)
            await store.mark(tx, due)
        return bool(due)

    async def _whom(
        self, tx: Transaction, noted: Sequence[_Noted]
    ) -> tuple[Collection[DeviceId], Sequence[Cause]] | None:
        """Devices that may have to be woken, and why; None for the usual case: nobody."""
        now = self._clock.now()
        rough = [(each, cause) for each in noted if (cause := await self._rough(tx, each))]
        uids = frozenset[AccountId]().union(*(cause.uids for _, cause in rough))
        away = [one for one in await store.list_standings(tx, uids) if _misses_any(one, rough, now)]
        if not away:
            return None
        causes = await self._fine(tx, [each for each in rough if any(one.uid in each[1].uids for one in away)])
        due = to_wake(away, causes, now)
        return (due.keys(), causes) if due else None

    async def _rough(self, tx: Transaction, noted: _Noted) -> Cause | None:
        """Who may have to hear of it; None: nobody."""
        at, notice = noted
        if isinstance(notice, Deposited):
            return Cause(notice.cid, await self._members.at(tx, notice.cid, notice.version), at)
        alarm = await alarm_store.find(tx, Place(notice.cid, notice.seq))
        if alarm is None or alarm.state not in {AlarmState.ESCALATED, AlarmState.EXHAUSTED}:
            return None
        asked = alarm.author if alarm.state is AlarmState.EXHAUSTED else alarm.uid
        return Cause(notice.cid, frozenset({asked} if asked else ()), at, is_alarm=True)

    async def _fine(self, tx: Transaction, rough: Sequence[tuple[_Noted, Cause]]) -> list[Cause]:
        """With who wrote, and whether one of them is an alarm."""
        pieces = [_piece(noted.notice) for noted, _ in rough if isinstance(noted.notice, Deposited)]
        authors, alarms = await store.authors_of(tx, pieces), await store.alarms_in(tx, pieces)
        causes = []
        for noted, cause in rough:
            if not isinstance(noted.notice, Deposited):
                causes.append(cause)
                continue
            cid, first, last = _piece(noted.notice)
            wrote = {uid for seq, uid in authors.get(cid, ()) if first <= seq <= last}
            has_alarm = any((cid, seq) in alarms for seq in range(first, last + 1))
            causes.append(Cause(cid, cause.uids, cause.at, frozenset(wrote), has_alarm))
        return causes


def _piece(notice: Deposited) -> tuple[ConversationId, int, int]:
    return notice.cid, notice.first_seq, notice.last_seq


def _misses_any(standing: Standing, rough: Sequence[tuple[_Noted, Cause]], now: datetime) -> bool:
    return any(standing.uid in cause.uids and standing.misses(cause.at, now) for _, cause in rough)
