"""What a session tells its shell.

Most events are the frames themselves, decoded and within bounds; the ones here say more than a frame does.
"""

from dataclasses import dataclass

from miss.base.ids import DeviceId
from miss.protocol.wire.frames import (
    Ack,
    AlarmChanged,
    Del,
    EpochChanged,
    Err,
    Heads,
    LinkAdded,
    Msg,
    Page,
    Presence,
    Pull,
    Read,
    Ready,
    Recv,
    Send,
    Typing,
)


@dataclass(frozen=True, slots=True)
class AuthReceived:
    """Server: a device claims to be there.  Verify `sig` over `nonce`, then `accept` or `refuse`."""

    did: DeviceId
    sig: bytes
    nonce: bytes
    resume: int | None
    """Milliseconds: `server_ts` of the `ready` after which the client last caught up; None if it never did."""
    ts_ms: int
    """The client's clock."""


@dataclass(frozen=True, slots=True)
class HelloReceived:
    """Client: the server has spoken.  Sign `nonce`, then `authenticate`."""

    nonce: bytes
    server_ts_ms: int
    send_burst: int
    send_per_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """Client: the answer to a request of this connection."""

    request: Send | Pull
    answer: Ack | Page | Err
    """`Ack` or `Err` to a `Send`, `Page` or `Err` to a `Pull`."""


@dataclass(frozen=True, slots=True)
class Lagged:
    """Client: the server discarded what it had queued.  Pull, and make `unanswered` again under new references."""

    unanswered: tuple[Send | Pull, ...]


ServerEvent = AuthReceived | Send | Pull | Recv | Read | Typing | Presence | Del
ClientEvent = (
    HelloReceived
    | Answered
    | Lagged
    | Ready
    | Heads
    | Msg
    | Recv
    | Read
    | EpochChanged
    | LinkAdded
    | Typing
    | Presence
    | Err
    | Del
    | AlarmChanged
)
