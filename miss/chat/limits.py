"""The numbers of the chat server that a deployment may change; protocol §6 holds those that both sides share."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from miss.base.retention import HOUSE
from miss.directory.search.quota import daily_rate
from miss.protocol.session import Rate, SessionLimits
from miss.protocol.session.limits import DEFAULT_RATES
from miss.protocol.wire.frames import Send


def session_limits(send_burst: int, send_per_s: float) -> SessionLimits:
    """The protocol's limits of one socket, with this rate of sending."""
    return SessionLimits(rates={**DEFAULT_RATES, Send: Rate(burst=send_burst, per_s=send_per_s)})


def per_minute(count: int) -> Rate:
    """That many at once, and as many a minute."""
    return Rate(burst=count, per_s=count / 60)


def per_hour(count: int) -> Rate:
    """That many at once, and as many an hour."""
    return Rate(burst=count, per_s=count / 3600)


@dataclass(frozen=True, slots=True)
class HttpRates:
    """How often HTTP may be asked (protocol §6): by each device, or by each address where nobody is known yet."""

    commits: Rate = field(default_factory=partial(per_minute, 10))
    """Those that a change of user key calls for are not counted."""
    blobs: Rate = field(default_factory=partial(per_minute, 60))
    """Uploads."""
    requests: Rate = field(default_factory=partial(per_minute, 600))
    """Everything, these included."""
    identity: Rate = field(default_factory=partial(per_minute, 10))
    """Coming back with a recovery key, being let in by another device: always by address."""
    searches: Rate = field(default_factory=partial(per_hour, 120))
    """Of the directory: by account, so that nobody copies it."""
    searches_daily: Rate = field(default_factory=partial(daily_rate, 600))
    """The same, through a whole day; both buckets are those of the pages (`miss.directory.search.quota`)."""
    openings: Rate = field(default_factory=partial(per_minute, 60))
    """Sockets, by device: each one asks the database for all its conversations."""


@dataclass(frozen=True, slots=True)
class SocketCaps:
    """How many sockets may be open at once; in all processes together, where the broker can be asked."""

    per_address: int = 2000
    """A whole site may speak from one address."""
    unknown_per_address: int = 500
    """Of those, the ones that have not said who they are: as many as a site that comes back at once needs."""
    per_account: int = 24
    """Twice a person's devices and more: while a network changes, the old socket lingers beside the new one."""
    per_process: int = 20_000


_MESSAGES_LIVE: Final = HOUSE.period("chat.messages")


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """Handed in by the composition root; tests shorten the times."""

    session: SessionLimits = field(default_factory=SessionLimits)
    """Rates, queue and timeouts of one socket."""
    http: HttpRates = field(default_factory=HttpRates)
    """Rates of everything else."""
    sockets: SocketCaps = field(default_factory=SocketCaps)
    """How many may be open."""
    retention: timedelta = _MESSAGES_LIVE
    """How long messages live where a conversation's policy leaves it to the server."""
    gather_s: float = 0.002
    """A flush waits this long for company when many envelopes come; 0: never."""
    gather_above_per_s: float = 700.0
    """So many a second are many: at this rate a flush that waits finds at least one more."""
    poll_s: float = 10.0
    """Between two looks for lost publications."""
    watch_s: float = 0.5
    """Between two looks at what was revoked or suspended lately."""
    tick_s: float = 5.0
    """Between two looks at every socket's own timers."""
    close_grace_s: float = 3.0
    """Time for sockets to say goodbye when the server stops."""
