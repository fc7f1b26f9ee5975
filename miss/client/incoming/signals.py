"""Frames that are no messages: deletions, alarms, who is there, who is writing, refusals without a request.  §7"""

from miss.client.events import Announcer, Event, PresenceChanged, TypingChanged
from miss.client.incoming.alarms import Alarms
from miss.client.incoming.deletions import Deletions
from miss.client.model import Presence
from miss.client.outgoing.statements import Statements
from miss.client.store.device import DeviceRecord
from miss.client.store.statements import StatementKind
from miss.protocol.wire import frames
from miss.protocol.wire.frames import AlarmChanged, Del, Err, Typing

Signal = Del | AlarmChanged | Typing | frames.Presence | Err


class Signals:
    """Each to whom it concerns, then announced."""

    def __init__(
        self,
        device: DeviceRecord,
        deletions: Deletions,
        alarms: Alarms,
        statements: Statements,
        announcer: Announcer,
    ) -> None:
        self._device = device
        self._deletions = deletions
        self._alarms = alarms
        self._statements = statements
        self._announcer = announcer

    async def take(self, signal: Signal) -> None:
        """Raises what a forged tombstone or acknowledgement is refused with."""
        news: list[Event] = []
        match signal:
            case Del():
                news = await self._deletions.take(signal)
                if signal.uid == self._device.uid:
                    self._statements.settle(signal.cid, signal.seq, StatementKind.TOMBSTONE)
            case AlarmChanged():
                news = await self._alarms.take(signal)
            case Typing(cid=cid, on=on, uid=uid) if uid is not None:
                news = [TypingChanged(cid, uid, on)]
            case frames.Presence(state=state, uid=uid) if uid is not None:
                news = [PresenceChanged(uid, Presence(state))]
            case Err(seq=seq, code=code) if seq is not None:
                self._statements.take_refusal(seq, code)
        for event in news:
            self._announcer.announce(event)
