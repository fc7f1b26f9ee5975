"""The server's side of one connection.  protocol §7

It says `hello`, waits for `auth`, and once the shell has accepted the device passes its requests on as events.  It
answers pings, holds every kind of frame to its rate and bounds what waits to be written.  It does not verify
signatures, know members or store anything.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from miss.protocol.errors import BadFrame
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES
from miss.protocol.session.events import AuthReceived, ServerEvent
from miss.protocol.session.heart import Heart
from miss.protocol.session.limits import SessionLimits
from miss.protocol.session.outgoing import Outgoing
from miss.protocol.session.rates import TokenBucket
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import (
    WIRE_VERSION,
    Auth,
    Del,
    Err,
    Frame,
    Hello,
    Ping,
    Pong,
    Presence,
    Pull,
    Read,
    Ready,
    Recv,
    Send,
    Typing,
    Unknown,
)

FindBucket = Callable[[type], TokenBucket | None]
"""The bucket of a kind of frame that outlives the connection; None: the connection has one of its own."""


class _State(Enum):
    HELLO_SENT = auto()  # the client owes `auth`
    AUTH_RECEIVED = auto()  # the shell owes `accept` or `refuse`
    OPEN = auto()
    CLOSED = auto()  # what is queued may still be sent, then close with `close_code`


class ServerSession:
    """See the package for the five verbs."""

    def __init__(self, *, nonce: bytes, server_ts_ms: int, now_s: float, limits: SessionLimits | None = None) -> None:
        """`nonce`: 32 random bytes of this connection only."""
        self._limits = limits or SessionLimits()
        self._nonce = nonce
        self._state = _State.HELLO_SENT
        self._opened_at_s = now_s
        self._stuck_since_s: float | None = None
        self._heart = Heart(self._limits, now_s)
        self._buckets: dict[type, TokenBucket] = {}
        self._find_bucket: FindBucket | None = None
        self._excess = TokenBucket(self._limits.excess, now_s)
        self._outgoing = Outgoing(self._limits.queue_frames, self._limits.queue_bytes)
        self._events: list[ServerEvent] = []
        self.close_code: CloseCode | None = None
        """Set once the connection has to end."""
        self.send(Hello(ver=WIRE_VERSION, nonce=nonce, limits=self._limits.announced(), server_ts=server_ts_ms))

    # What comes in

    def receive(self, data: bytes, now_s: float) -> None:
        """Take one binary WebSocket message.  Anything that is not a frame this side may send closes with 4002."""
        if self.close_code is not None:
            return
        self._heart.heard(now_s)
        try:
            frame = decode(data, MAX_CLIENT_FRAME_BYTES)
            if isinstance(frame, Unknown):
                self._skip(frame)
            elif not self._is_over_rate(frame, now_s):
                self._take(frame)
        except BadFrame as error:
            self.refuse(CloseCode.PROTOCOL, error.code)

    def _skip(self, frame: Unknown) -> None:
        if frame.critical or self._state is not _State.OPEN:
            raise BadFrame(reason="unknown_kind", kind=frame.kind)

    def _take(self, frame: Frame) -> None:
        if self._state is _State.HELLO_SENT and isinstance(frame, Auth):
            self._state = _State.AUTH_RECEIVED
            self._events.append(
                AuthReceived(did=frame.did, sig=frame.sig, nonce=self._nonce, resume=frame.resume, ts_ms=frame.ts)
            )
            return
        if self._state is not _State.OPEN:
            raise BadFrame(reason="not_authenticated")
        match frame:
            case Ping(t=t):
                self.send(Pong(t=t))
            case Pong():
                pass
            case Send() | Pull() | Recv() | Read() | Typing() | Presence() | Del():
                self._events.append(frame)
            case _:
                raise BadFrame(reason="wrong_direction")

    def _is_over_rate(self, frame: Frame, now_s: float) -> bool:
        bucket = self._buckets.get(type(frame)) or self._make_bucket(type(frame), now_s)
        wait_s = bucket.take(now_s) if bucket else 0.0
        if not wait_s:
            return False
        if self._excess.take(now_s):
            self.refuse(CloseCode.RATE, "rate")
        else:
            ref = frame.ref if isinstance(frame, Send | Pull) else None
            self.send(Err(ref=ref, code="rate", retry_after_s=wait_s))
        return True

    def _make_bucket(self, kind: type, now_s: float) -> TokenBucket | None:
        """When it is first needed: most connections say little.  None: the kind is not limited."""
        rate = self._limits.rates.get(kind)
        if rate is None:
            return None
        shared = self._find_bucket(kind) if self._find_bucket else None
        bucket = self._buckets[kind] = shared or TokenBucket(rate, now_s)
        return bucket

    def events(self) -> list[ServerEvent]:
        """What came in since the last call, in order."""
        events, self._events = self._events, []
        return events

    # What the shell decides

    def accept(self, ready: Ready, find_bucket: FindBucket | None = None) -> None:
        """The device is who it claims to be; `ready` tells it so.  Does nothing if the connection has ended."""
        if self._state is _State.AUTH_RECEIVED:
            self._state = _State.OPEN
            self._find_bucket = find_bucket
            self.send(ready)

    def refuse(self, code: CloseCode, reason: str, retry_after_s: float | None = None) -> None:
        """Tell the client why (`reason`: a code of `miss.base.errors`) and close."""
        if self.close_code is None:
            self.send(Err(ref=None, code=reason, retry_after_s=retry_after_s, fatal=True))
            self.close(code)

    def close(self, code: CloseCode) -> None:
        """Close once what is queued has been sent.  The first reason given stands."""
        if self.close_code is None:
            self.close_code = code
            self._state = _State.CLOSED

    # What goes out

    @property
    def is_open(self) -> bool:
        """True between `accept` and the end."""
        return self._state is _State.OPEN

    def send(self, frame: Frame) -> None:
        """Queue one frame."""
        self.push_encoded(encode(frame), ephemeral=isinstance(frame, Typing | Presence))

    def push_encoded(self, data: bytes, ephemeral: bool = False) -> None:
        """Queue a frame that was encoded once for many connections.  Ephemeral ones are dropped first."""
        if self.close_code is None:
            self._outgoing.push(data, ephemeral)

    def push_all(self, frames: Sequence[bytes]) -> None:
        """Queue frames that were encoded once for many connections, none of them ephemeral."""
        if self.close_code is None:
            self._outgoing.push_all(frames)

    def frames_to_send(self) -> list[bytes]:
        """Remove and return what waits, each to be sent as one binary message."""
        self._stuck_since_s = None
        return self._outgoing.take_all()

    @property
    def has_frames_to_send(self) -> bool:
        return len(self._outgoing) > 0

    # Time

    def tick(self, now_s: float) -> None:
        """Let time pass: ask whether the peer is there, end what has waited too long."""
        if self.close_code is not None:
            return
        if self._state is _State.HELLO_SENT and now_s - self._opened_at_s >= self._limits.auth_timeout_s:
            self.refuse(CloseCode.AUTH, "auth_timeout")
        elif self._heart.is_dead(now_s) or self._is_stuck(now_s):
            self.close(CloseCode.SLOW)
        elif self._state is _State.OPEN and self._heart.take_ping(now_s):
            self.send(Ping(t=int(now_s * 1000)))

    def _is_stuck(self, now_s: float) -> bool:
        if not self.has_frames_to_send:
            return False
        if self._stuck_since_s is None:
            self._stuck_since_s = now_s
        return now_s - self._stuck_since_s >= self._limits.write_timeout_s

    @property
    def wake_at_s(self) -> float:
        """When `tick` has something to do at the latest, if nothing else happens."""
        if self._state is _State.HELLO_SENT:
            return self._opened_at_s + self._limits.auth_timeout_s
        due_at_s = self._heart.due_at_s(pings=self.is_open)
        return (
            due_at_s
            if self._stuck_since_s is None
            else min(due_at_s, self._stuck_since_s + self._limits.write_timeout_s)
        )
