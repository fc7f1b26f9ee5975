"""How far alarming results have come, on the server's word; acknowledged by signature only.  protocol §7"""

from miss.client.events import AlarmAcknowledged, AlarmEscalated, AlarmExhausted, Event, MessageChanged
from miss.client.model import ACK, AlarmState, Message
from miss.client.people.identities import Identities
from miss.client.store import Store
from miss.client.store.alarms import AlarmRecord
from miss.protocol.crypto.acknowledgements import Acknowledgement, parse_acknowledgement, verify_acknowledgement
from miss.protocol.errors import AcknowledgementForged
from miss.protocol.wire.frames import AlarmChanged


class Alarms:
    """Where each stands."""

    def __init__(self, store: Store, identities: Identities) -> None:
        self._store = store
        self._identities = identities

    async def take(self, frame: AlarmChanged) -> list[Event]:
        """The server tells where an alarm stands.

        Raises AcknowledgementForged, BadAcknowledgement if it claims an acknowledgement it does not prove.
        """
        message = self._store.messages.find(frame.cid, frame.seq)
        if message is None or message.alarm is None:
            return []  # no such alarm here (yet): its message comes first, and heads tell again
        if frame.state is AlarmState.ACKNOWLEDGED:
            return self._complete(message, await self._verify(message, frame))
        if not self._store.alarms.put(frame.cid, frame.seq, AlarmRecord(frame.state, frame.uid, None)):
            return []
        if frame.state is AlarmState.ESCALATED and frame.uid is not None:
            return [AlarmEscalated(frame.cid, frame.seq, frame.uid)]
        return [AlarmExhausted(frame.cid, frame.seq)] if frame.state is AlarmState.EXHAUSTED else []

    def _complete(self, message: Message, signed: Acknowledgement) -> list[Event]:
        was_open = message.alarm is not None and message.alarm.state is not AlarmState.ACKNOWLEDGED
        record = AlarmRecord(AlarmState.ACKNOWLEDGED, None, signed.raw)
        if not self._store.alarms.complete(message.cid, message.seq, record):
            return []
        now = self._store.messages.find(message.cid, message.seq) or message
        news: list[Event] = [MessageChanged(now, signed.uid, ACK)]
        return [*news, AlarmAcknowledged(message.cid, message.seq, signed.uid)] if was_open else news

    async def _verify(self, message: Message, frame: AlarmChanged) -> Acknowledgement:
        """Signed by a member who is not the author, about this very envelope."""
        signed = parse_acknowledgement(frame.ack or b"")
        env_hash = self._store.messages.env_hash_at(frame.cid, frame.seq)
        is_asked = signed.uid != message.uid and self._store.conversations.was_member(frame.cid, signed.uid)
        if (signed.cid, signed.seq, signed.env_hash) != (frame.cid, frame.seq, env_hash) or not is_asked:
            raise AcknowledgementForged(seq=frame.seq)
        verify_acknowledgement(signed, await self._identities.get(signed.uid))
        return signed
