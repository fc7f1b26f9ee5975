"""An alarm, whom it asks, and the rules that move it.  Values and pure rules.  protocol §7

Until its first deadline every member but the author is asked.  Then the named persons are, one after the other, each
for as long as the first delay was; whoever has left meanwhile is skipped.  At the end the author is told.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple, Self

from miss.base.errors import MissError
from miss.base.ids import AccountId, ConversationId
from miss.chat.alarms.errors import AlarmNotMember, AlarmTimeRefused
from miss.protocol.crypto.envelopes import Alarm
from miss.protocol.crypto.primitives import hash_
from miss.protocol.wire.frames import AlarmChanged, AlarmState

MAX_DELAY_DAYS: Final = 7
MAX_DELAY_MS: Final = MAX_DELAY_DAYS * 24 * 3600 * 1000
OPEN: Final = (AlarmState.WAITING, AlarmState.ESCALATED)
"""Somebody is asked, and a deadline runs."""


class Place(NamedTuple):
    """Where an alarm's envelope stands."""

    cid: ConversationId
    seq: int

    @property
    def key(self) -> str:
        """What its job is called."""
        return f"{self.cid.hex()}:{self.seq}"

    @classmethod
    def of(cls, key: str) -> Self:
        """The place of a job's key."""
        cid, _, seq = key.partition(":")
        return cls(ConversationId(bytes.fromhex(cid)), int(seq))


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """One alarm as it stands."""

    place: Place
    author: AccountId
    env_hash: bytes
    state: AlarmState
    next_uids: tuple[AccountId, ...]
    """Those still to be asked, in order."""
    delay_ms: int
    """How long each one has."""
    due_ms: int
    """When whoever is asked now is given up."""
    uid: AccountId | None = None
    """Who is asked now (None: every other member), or who acknowledged."""
    ack: bytes | None = None
    steps: int = 0
    """Escalations so far."""

    @property
    def frame(self) -> AlarmChanged:
        """What members are told."""
        return AlarmChanged(self.place.cid, self.place.seq, self.state, self.uid, self.ack)


@dataclass(frozen=True, slots=True)
class Step:
    """One escalation: who was asked (at the end, the author was told) and when."""

    number: int
    uid: AccountId
    at_ms: int
    mailed: bool
    """True if a notice could be sent outside of MiSS too."""


class WakeupKind(StrEnum):
    """Why somebody is called."""

    ALARM_ASKED = "alarm_asked"
    """A critical result waits for their acknowledgement."""
    ALARM_EXHAUSTED = "alarm_exhausted"
    """Nobody acknowledged theirs."""


@dataclass(frozen=True, slots=True)
class Wakeup:
    """A call to open MiSS.  It says nothing of whom or what it is about."""

    kind: WakeupKind
    reference: str
    """32 hexadecimal digits, the same for the same step, from which nothing else follows."""


def refuse_alarm(alarm: Alarm, author: AccountId, members: Collection[AccountId], now_ms: int) -> MissError | None:
    """Why an envelope with this alarm is not taken; None if it is."""
    named = set(alarm.next_uids)
    if author in named or len(named) != len(alarm.next_uids) or not named <= set(members):
        return AlarmNotMember()
    if not now_ms < alarm.ack_by <= now_ms + MAX_DELAY_MS:
        return AlarmTimeRefused(max_days=MAX_DELAY_DAYS)
    return None


def escalate(alarm: RaisedAlarm, members: Collection[AccountId], now_ms: int) -> RaisedAlarm:
    """An open alarm, once its deadline has passed: the next member is asked, or nobody is left."""
    for position, uid in enumerate(alarm.next_uids):
        if uid in members:
            return replace(
                alarm,
                state=AlarmState.ESCALATED,
                uid=uid,
                next_uids=alarm.next_uids[position + 1 :],
                due_ms=now_ms + alarm.delay_ms,
                steps=alarm.steps + 1,
            )
    return replace(alarm, state=AlarmState.EXHAUSTED, uid=None, next_uids=(), steps=alarm.steps + 1)


def wakeup_of(alarm: RaisedAlarm) -> tuple[AccountId, Wakeup]:
    """Whom the step that led to this state calls, and how."""
    digest = hash_("wakeup", alarm.place.cid + alarm.place.seq.to_bytes(8, "big") + alarm.steps.to_bytes(8, "big"))
    reference = digest.hex()[:32]
    if alarm.uid is None:
        return alarm.author, Wakeup(WakeupKind.ALARM_EXHAUSTED, reference)
    return alarm.uid, Wakeup(WakeupKind.ALARM_ASKED, reference)
