"""How long a conversation keeps what, and when to look at it again.  Values and pure rules.  protocol §5"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from miss.base.clock import from_ms
from miss.base.ids import ConversationId
from miss.protocol.crypto.commits import Policy

LOOK_AGAIN = timedelta(days=1)
"""Every conversation is looked at this often, so that another setting of the server takes effect too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One conversation, held, as far as retention knows it."""

    cid: ConversationId
    epoch: int
    last_seq: int
    expired_seq: int
    """Nothing is left up to here."""


@dataclass(frozen=True, slots=True)
class Living:
    """The oldest envelope that is left."""

    seq: int
    ts_ms: int


def life_of(policy: Policy, default: timedelta) -> timedelta:
    """How long an envelope lives; `default`: where the policy leaves it to the server."""
    # Longer than the server has existed is for ever, and stays within what a date can say.
    return timedelta(seconds=min(policy.ttl_s, 100 * 365 * 24 * 3600)) if policy.ttl_s else default


def next_look(oldest: Living | None, life: timedelta, now: datetime) -> datetime:
    """When the next envelope can expire, at the latest in a day."""
    soonest = now if oldest is None else from_ms(oldest.ts_ms)
    return max(now, min(soonest + life, now + LOOK_AGAIN))
