"""The numbers of a session: all of them settings, the defaults those of protocol §7."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from miss.protocol.limits import MAX_BLOB_BYTES, MAX_ENVELOPE_BYTES, MAX_PAGE_ITEMS
from miss.protocol.wire.frames import Del, Limits, Ping, Presence, Pull, Read, Recv, Send, Typing


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` frames at once, then `per_s` a second."""

    burst: int
    per_s: float


DEFAULT_RATES: Mapping[type, Rate] = MappingProxyType(
    {
        Send: Rate(burst=60, per_s=1),
        Typing: Rate(burst=20, per_s=20 / 60),
        Presence: Rate(burst=20, per_s=20 / 60),
        Recv: Rate(burst=120, per_s=20),
        Read: Rate(burst=120, per_s=20),
        Pull: Rate(burst=60, per_s=10),
        Ping: Rate(burst=10, per_s=1),
        Del: Rate(burst=30, per_s=1),
    }
)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """What one connection may do and how long it may be silent."""

    auth_timeout_s: float = 10
    """From `hello` to `auth`."""
    ping_every_s: float = 25
    dead_after_s: float = 60
    """Nothing heard for that long: the peer is gone."""
    write_timeout_s: float = 20
    """Frames waiting that long without one being taken: the peer does not read."""
    queue_frames: int = 256
    queue_bytes: int = 1024 * 1024
    rates: Mapping[type, Rate] = field(default_factory=lambda: DEFAULT_RATES)
    """By kind of incoming frame; a kind that is not there is not limited."""
    excess: Rate = Rate(burst=100, per_s=0.5)
    """Frames over their rate that are answered with `err rate`; beyond, the connection closes with 4029."""

    def announced(self) -> Limits:
        """What `hello` tells the client of these."""
        send = self.rates.get(Send, Rate(burst=60, per_s=1))
        return Limits(
            envelope_bytes=MAX_ENVELOPE_BYTES,
            blob_bytes=MAX_BLOB_BYTES,
            page_items=MAX_PAGE_ITEMS,
            send_burst=send.burst,
            send_per_s=send.per_s,
        )
