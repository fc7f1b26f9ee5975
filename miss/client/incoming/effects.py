"""What a message does besides standing in the log: it names, reacts, edits, deletes, leaves, raises, acknowledges.

Runs inside the transaction that stores the message, so that both are stored or neither.  Returns what is to be
announced, in order.  protocol §3, Body
"""

from dataclasses import dataclass

from miss.base.clock import to_ms
from miss.client.events import AlarmAcknowledged, AlarmRaised, Event, MessageChanged
from miss.client.folding import counts
from miss.client.model import ABOUT_ANOTHER, ACK, DELETE, LEAVE, NAME, AlarmState, Message, Role
from miss.client.store import Store
from miss.client.store.alarms import AlarmRecord
from miss.client.store.conversations import Epoch


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a message belongs."""

    target: Message | None = None
    """The message that it changes; None for one that stands for itself, or changes nothing that is here."""
    shown: bool = True

    @property
    def about(self) -> int | None:
        return None if self.target is None else self.target.seq


def edits_of(deletion: Message) -> list[int]:
    """The places of the edits that were deleted along with their message; what is no number is not one."""
    return [int(word) for word in deletion.text.split(" ") if word.isdecimal() and len(word) < 16]


class Effects:
    """On one device's store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def place(self, message: Message) -> Standing:
        """What the message is about; asked before it is stored."""
        if message.refused or message.type not in ABOUT_ANOTHER:
            return Standing()
        target = None if message.reply is None else self._store.messages.find_mid(message.cid, message.reply)
        if target is None or not counts(message, target):
            return Standing(shown=False)
        return Standing(target, shown=False)

    def take(self, message: Message, standing: Standing, epoch: Epoch | None) -> list[Event]:
        """Let a message that was just stored, sealed under `epoch`, have its effect."""
        if message.refused or message.is_deleted or message.uid is None:
            return []
        if message.type == DELETE:
            self._store.messages.hide(message.cid, message.uid, edits_of(message))
        if standing.target is not None:
            return self._change(message, standing.target)
        member = None if epoch is None else epoch.commit.member(message.uid)
        if message.type == NAME and member is not None and member.role is Role.ADMIN:
            self._store.conversations.set_name(message.cid, message.text)
        elif message.type == LEAVE and epoch is not None:
            self._store.conversations.note_departure(message.cid, message.uid, epoch.number)
        elif message.alarm is not None:
            self._store.alarms.put(message.cid, message.seq, AlarmRecord(AlarmState.WAITING, None, None))
            return [] if message.is_mine else [AlarmRaised(message)]
        return []

    def _change(self, message: Message, target: Message) -> list[Event]:
        if message.type == DELETE:
            return self.delete(target, to_ms(message.sent_at))
        now = self._store.messages.find(target.cid, target.seq)
        if now is None or now.is_deleted:
            return []
        news: list[Event] = [MessageChanged(now, message.uid, message.type)]
        was_open = target.alarm is not None and target.alarm.state is not AlarmState.ACKNOWLEDGED
        if message.type == ACK and was_open and message.uid is not None:
            self._store.alarms.put(target.cid, target.seq, AlarmRecord(AlarmState.ACKNOWLEDGED, None, None))
            news.append(AlarmAcknowledged(target.cid, target.seq, message.uid))
        return news

    def delete(self, target: Message, deleted_at_ms: int) -> list[Event]:
        """The author's wish, proved by a message or by a tombstone: the content goes."""
        if target.is_deleted:
            return []
        for attachment in target.attachments:
            self._store.downloads.remove(attachment.blob)
        self._store.messages.erase(target, deleted_at_ms)
        gone = self._store.messages.find(target.cid, target.seq)
        return [] if gone is None else [MessageChanged(gone, target.uid, DELETE)]
