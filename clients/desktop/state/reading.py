"""The lines of a conversation as they are read: messages, days, the unread separator, receipts, alarms.  Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from clients.desktop.state.model import State, Thread, Waiting
from miss.base.ids import AccountId
from miss.client.model import Alarm, AlarmState, Message


@dataclass(frozen=True, slots=True)
class DayLine:
    """A new day begins."""

    at: datetime


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """Below it is what was not read when the conversation was opened."""

    count: int


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message; `continues`: the one above is of the same author, of the same quarter of an hour."""

    message: Message
    continues: bool
    receipt: "Receipt | None"
    """Of one's own messages only."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One message that has not left."""

    waiting: Waiting


Line = DayLine | UnreadLine | MessageLine | WaitingLine
_SAME_BREATH_S = 900


class Reach(StrEnum):
    """How far one's own message has come."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a message has come, with how many of the other members."""

    reach: Reach
    delivered: int
    read: int
    others: int

    @property
    def is_complete(self) -> bool:
        """Everybody has read it."""
        return self.others > 0 and self.read == self.others


def receipt_of(thread: Thread, message: Message, me: AccountId) -> Receipt:
    """How far one's own `message` has come."""
    others = [member.uid for member in thread.members if member.uid != me]
    delivered, read = dict(thread.delivered), dict(thread.read)
    has_read = sum(read.get(uid, 0) >= message.seq for uid in others)
    has = sum(max(delivered.get(uid, 0), read.get(uid, 0)) >= message.seq for uid in others)
    reach = Reach.READ if has_read else Reach.DELIVERED if has else Reach.SENT
    return Receipt(reach, has, has_read, len(others))


def lines(thread: Thread, me: AccountId, zone: tzinfo | None) -> list[Line]:
    """Everything that is read, top to bottom.  `zone`: in which days begin; None: the machine's."""
    found: list[Line] = []
    today: date | None = None
    above: Message | None = None
    unread = [one for one in thread.messages if one.seq > thread.read_seq and not one.is_mine]
    for message in thread.messages:
        local_day = message.sent_at.astimezone(zone).date()
        if local_day != today:
            today, above = local_day, None
            found.append(DayLine(message.sent_at))
        if unread and message is unread[0]:
            above = None
            found.append(UnreadLine(len(unread)))
        receipt = receipt_of(thread, message, me) if message.is_mine else None
        found.append(MessageLine(message, above is not None and _same_breath(above, message), receipt))
        above = message
    return [*found, *(WaitingLine(one) for one in thread.waiting)]


def _same_breath(above: Message, message: Message) -> bool:
    if above.uid is None or above.uid != message.uid or above.type != message.type:
        return False
    return 0 <= (message.sent_at - above.sent_at).total_seconds() < _SAME_BREATH_S


def first_unread(thread: Thread) -> int | None:
    """Place of the first message that was not read; None: everything was."""
    return next((one.seq for one in thread.messages if one.seq > thread.read_seq and not one.is_mine), None)


def last_own(messages: Sequence[Message]) -> Message | None:
    """What ↑ edits: one's last message that can be edited."""
    own = (one for one in reversed(messages) if one.is_mine and one.type == "text" and not one.is_deleted)
    return next((one for one in own if one.alarm is None and one.text), None)


def name_of(thread: Thread, uid: AccountId | None) -> str:
    """Who that is; empty for nobody known."""
    return next((member.display_name for member in thread.members if member.uid == uid), "")


def typing_names(thread: Thread, me: AccountId) -> list[str]:
    """Who writes, in the members' order."""
    return [one.display_name for one in thread.members if one.uid in thread.typing and one.uid != me]


class AlarmStanding(StrEnum):
    """What an alarming result asks of the person in front of the screen."""

    ANSWER = "answer"  # acknowledge it, or say so to a colleague
    ASKED = "asked"  # this person by name: everybody else was too late
    FOLLOW = "follow"  # one's own: somebody is being asked
    OTHER = "other"  # another person is asked by name
    EXHAUSTED = "exhausted"  # nobody answered
    DONE = "done"


def alarm_standing(message: Message, me: AccountId) -> AlarmStanding | None:
    """Where an alarm stands for this person; None if the message is none."""
    alarm: Alarm | None = message.alarm
    if alarm is None:
        return None
    if alarm.state is AlarmState.ACKNOWLEDGED:
        return AlarmStanding.DONE
    if alarm.state is AlarmState.EXHAUSTED:
        return AlarmStanding.EXHAUSTED if message.is_mine else AlarmStanding.ANSWER
    if message.is_mine:
        return AlarmStanding.FOLLOW
    if alarm.asked == me:
        return AlarmStanding.ASKED
    return AlarmStanding.ANSWER if alarm.asked is None else AlarmStanding.OTHER


def to_acknowledge(state: State) -> list[Message]:
    """Results that this person may answer for, the oldest first."""
    if state.me is None:
        return []
    me = state.me.uid
    wanted = {AlarmStanding.ANSWER, AlarmStanding.ASKED, AlarmStanding.OTHER}
    return sorted((one for one in state.alarms if alarm_standing(one, me) in wanted), key=lambda one: one.deposited_at)


def extract(messages: Iterable[Message], first_seq: int, last_seq: int) -> list[Message]:
    """The messages of an extract, as they stand."""
    return [one for one in messages if first_seq <= one.seq <= last_seq]
