"""Calls about alarming results: somebody answers for them by signature, or the next named is asked.  protocol §7"""

from collections.abc import Sequence
from datetime import datetime

from miss.base.clock import to_ms
from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.calls.base import Calls
from miss.client.errors import NoAlarm
from miss.client.model import ACK, TEXT, AlarmState, Message
from miss.client.store.outbox import Draft
from miss.client.store.statements import PendingStatement, StatementKind
from miss.protocol.crypto.acknowledgements import compose_acknowledgement


class AlarmCalls(Calls):
    """Raising and acknowledging."""

    def send_alarm(
        self,
        cid: ConversationId,
        text: str,
        *,
        ack_by: datetime,
        next_uids: Sequence[AccountId] = (),
        mentions: Sequence[AccountId] = (),
    ) -> MessageId:
        """Put an alarming result in the outbox, durable on return.

        Until `ack_by` (at most 7 days away) any other member may acknowledge it; after each such delay the next of
        `next_uids` is asked; at the end its author is told (AlarmExhausted).  Raises NotAMember, UnknownConversation,
        NotInConversation.
        """
        self._require_members(cid, (*next_uids, *mentions))
        draft = Draft(
            self._parts.time.now_ms(),
            TEXT,
            text,
            urgent=True,
            mentions=tuple(mentions),
            ack_by_ms=to_ms(ack_by),
            next_uids=tuple(next_uids),
        )
        return self._enqueue(cid, draft)

    def acknowledge(self, cid: ConversationId, seq: int) -> MessageId:
        """Answer for the alarm at `seq`, by a signature: told to the server, to stop it, and to all, as a message.

        Durable on return; asking twice acknowledges once.  Raises UnknownMessage, MessageGone, NoAlarm,
        NotInConversation.
        """
        message, mid = self._target(cid, seq)
        if message.alarm is None:
            raise NoAlarm(reason="no_alarm")
        if message.is_mine:
            raise NoAlarm(reason="own")
        for entry in self._store.outbox.list_(cid):
            if entry.draft.type == ACK and entry.draft.reply == mid:
                return entry.mid
        if message.alarm.state is AlarmState.ACKNOWLEDGED:
            raise NoAlarm(reason="acknowledged")
        device = self._parts.device
        signed = compose_acknowledgement(
            cid=cid,
            seq=seq,
            env_hash=self._env_hash(cid, seq),
            uid=device.uid,
            did=device.did,
            ts_ms=self._parts.time.now_ms(),
            ik=device.keys.ik,
        )
        statement = PendingStatement(cid, seq, StatementKind.ACKNOWLEDGEMENT, signed.raw)
        draft = Draft(self._parts.time.now_ms(), ACK, "", mid)
        return self._enqueue(cid, draft, along=lambda: self._store.statements.add(statement))

    def open_alarms(self) -> list[Message]:
        """Every alarming result that nobody has acknowledged, in any conversation."""
        found = (self._store.messages.find(cid, seq) for cid, seq in self._store.alarms.waiting())
        return [message for message in found if message is not None]
