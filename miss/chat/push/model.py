"""A device's subscription, what becomes of a wake-up, and when to try again.  Values and pure rules.

Sources: RFC 8030 (Web Push), RFC 9110 §10.2.3 (Retry-After).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.base.retention import HOUSE

GRACE: Final = timedelta(seconds=3)
"""From a deposit to the look at who is not connected: by then every process has told who came and who went."""
SPACING: Final = timedelta(seconds=30)
"""At most one wake-up a device in this time; what comes meanwhile waits for the next one."""
PATIENCE: Final = timedelta(seconds=20)
"""A socket that was sent something has this long to acknowledge it: a telephone falls silent before its line does."""
REPEAT_AFTER: Final = timedelta(minutes=10)
"""A device that has not come by then is woken once more, and no more."""
LEASE: Final = timedelta(minutes=2)
"""How long a device counts as connected without a word from its process."""
RENEW_EVERY: Final = timedelta(minutes=1)
LOOK_BACK: Final = timedelta(minutes=5)
"""The list of publications is gone through again this far: for what a process that died had not seen to."""
NOTICES_KEPT: Final = HOUSE.period("chat.notices")
"""How far back that list goes."""
UNTOUCHED: Final = LEASE + timedelta(minutes=1)
"""What is younger is left to the process that stored it."""
UNUSED: Final = HOUSE.period("chat.push")
"""A subscription that its browser has not confirmed for so long is forgotten."""
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
MAX_TRIES: Final = 8
"""A wake-up that was not taken after about four hours is given up."""
MAX_MUTED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where a device is woken, and under which keys."""

    did: DeviceId
    uid: AccountId
    endpoint: str
    p256dh: bytes
    """The browser's public key, 65 bytes."""
    auth: bytes
    """The browser's secret, 16 bytes."""
    key: bytes
    """The server's public key that it is bound to."""
    muted: frozenset[ConversationId] = frozenset()
    """Conversations that do not wake this device, alarms apart."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A subscription as its owner is told of it."""

    did: DeviceId
    endpoint: str
    since: datetime
    confirmed_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A wake-up to send now."""

    subscription: Subscription
    due_at: datetime
    """As it stood when it was taken: whoever changes it meanwhile has the last word."""
    is_repeat: bool
    tries: int


class Outcome(StrEnum):
    """What a push service made of a wake-up."""

    ACCEPTED = "accepted"
    GONE = "gone"
    """The subscription is over: 404, 410."""
    BUSY = "busy"
    """Later: 429, 5xx."""
    REFUSED = "refused"
    """Another answer: signature, size, address."""
    UNREACHABLE = "unreachable"
    """No answer in time, or no address that may be reached."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome, and what the push service asks for."""

    outcome: Outcome
    status: int = 0
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a device when it is decided whether to wake it."""

    did: DeviceId
    uid: AccountId
    here_at: datetime
    """When it was last connected."""
    here_until: datetime | None
    """It is connected at least until then, unless its process has died; None: it is not."""
    due_at: datetime | None
    is_repeat: bool
    sent_at: datetime | None
    muted: frozenset[ConversationId]

    def misses(self, at: datetime, now: datetime) -> bool:
        """True if nothing has told it, and nothing is about to, of what was deposited `at`."""
        is_here = self.here_until is not None and self.here_until > now
        is_pending = self.due_at is not None and not self.is_repeat
        was_woken = self.sent_at is not None and self.sent_at >= at
        return not (is_here or is_pending or was_woken or self.here_at >= at)

    def next_due(self, now: datetime) -> datetime:
        """When to wake it: now, or once it may be woken again."""
        return now if self.sent_at is None else max(now, self.sent_at + SPACING)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something was deposited: everybody in `uids` but its author should hear of it."""

    cid: ConversationId
    uids: frozenset[AccountId]
    at: datetime
    authors: frozenset[AccountId] = frozenset()
    """Who wrote, if it was one person alone."""
    is_alarm: bool = False

    def concerns(self, standing: Standing, now: datetime) -> bool:
        """True if this is why that device has to be woken."""
        if standing.uid not in self.uids or self.authors == {standing.uid}:
            return False
        return (self.is_alarm or self.cid not in standing.muted) and standing.misses(self.at, now)


def to_wake(standings: Iterable[Standing], causes: Sequence[Cause], now: datetime) -> dict[DeviceId, datetime]:
    """Whom to wake, and when."""
    return {one.did: one.next_due(now) for one in standings if any(cause.concerns(one, now) for cause in causes)}


def next_try(answer: Answer, tries: int, now: datetime) -> datetime | None:
    """When to try again after `tries` failures; None: it is given up.  A service that names a time is obeyed, within
    LONGEST_WAIT."""
    if tries >= MAX_TRIES:
        return None
    own = min(FIRST_WAIT * (1 << min(tries - 1, 30)), LONGEST_WAIT)
    return now + min(max(own, answer.retry_after or own), LONGEST_WAIT)


def is_allowed(host: str, hosts: Collection[str]) -> bool:
    """True if the operator names this host, or its domain with `*.` in front."""
    host = host.lower().rstrip(".")
    return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in hosts)
