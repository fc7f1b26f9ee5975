"""The client's side of one connection.  protocol §7

It answers `hello` with what the shell signs, numbers requests and brings each answer back to its request.  What to
do about a refusal or a silence (repeat under another reference, re-encrypt, ask a person) is its user's decision.
"""

from enum import Enum, auto

from miss.base.ids import ConversationId, DeviceId, MessageId
from miss.protocol.errors import BadFrame, NotConnected
from miss.protocol.session.events import Answered, ClientEvent, HelloReceived, Lagged
from miss.protocol.session.heart import Heart
from miss.protocol.session.limits import SessionLimits
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import (
    Ack,
    AlarmChanged,
    Auth,
    Del,
    EpochChanged,
    Err,
    Frame,
    Heads,
    Hello,
    Lag,
    LinkAdded,
    Msg,
    Page,
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


class _State(Enum):
    CONNECTED = auto()  # the server owes `hello`
    HELLO_RECEIVED = auto()  # the shell owes `authenticate`
    AUTH_SENT = auto()  # the server owes `ready`
    OPEN = auto()
    CLOSED = auto()


class ClientSession:
    """See the package for the five verbs."""

    def __init__(self, *, now_s: float, limits: SessionLimits | None = None) -> None:
        self._limits = limits or SessionLimits()
        self._state = _State.CONNECTED
        self._heart = Heart(self._limits, now_s)
        self._outgoing: list[bytes] = []
        self._events: list[ClientEvent] = []
        self._pending: dict[int, Send | Pull] = {}
        self._next_ref = 1
        self._has_authenticated = False
        self.close_code: CloseCode | None = None
        """Set once this side has to end the connection."""

    # What comes in

    def receive(self, data: bytes, now_s: float) -> None:
        """Take one binary WebSocket message.  Anything a server may not send closes with 4002."""
        if self.close_code is not None:
            return
        self._heart.heard(now_s)
        try:
            frame = decode(data)
            if isinstance(frame, Unknown):
                if frame.critical:
                    raise BadFrame(reason="unknown_kind", kind=frame.kind)
            elif self._state is _State.OPEN:
                self._take(frame)
            else:
                self._take_early(frame)
        except BadFrame:
            self.close(CloseCode.PROTOCOL)

    def _take_early(self, frame: Frame) -> None:
        """Before the connection is open: `hello`, then `ready`, or a refusal at any time."""
        match frame:
            case Hello() if self._state is _State.CONNECTED:
                self._state = _State.HELLO_RECEIVED
                limits = frame.limits
                self._events.append(HelloReceived(frame.nonce, frame.server_ts, limits.send_burst, limits.send_per_s))
            case Ready() if self._state is _State.AUTH_SENT:
                self._state = _State.OPEN
                self._events.append(frame)
            case Err():
                self._events.append(frame)
            case _:
                raise BadFrame(reason="not_authenticated")

    def _take(self, frame: Frame) -> None:
        match frame:
            case Ping(t=t):
                self._send(Pong(t=t))
            case Pong():
                pass
            case Ack() | Page():
                self._answer(frame.ref, frame)
            case Err(ref=ref) if ref is not None:
                self._answer(ref, frame)
            case Lag():
                self._events.append(Lagged(tuple(self._pending.values())))
                self._pending.clear()
            case Heads() | Msg() | Recv() | Read() | EpochChanged() | LinkAdded() | Typing() | Presence() | Err():
                self._events.append(frame)
            case Del() | AlarmChanged():
                self._events.append(frame)
            case _:
                raise BadFrame(reason="wrong_direction")

    def _answer(self, ref: int, answer: Ack | Page | Err) -> None:
        request = self._pending.pop(ref, None)
        match request, answer:
            case None, _:
                # Answered before a `lag` cleared it, or forgotten: the repetition gets its own answer.
                return
            case Send(mid=mid), Ack(mid=answered) if mid == answered:
                pass
            case Pull(cid=cid), Page(cid=answered) if cid == answered:
                pass
            case _, Err():
                pass
            case _:
                raise BadFrame(reason="wrong_answer")
        self._events.append(Answered(request, answer))

    def events(self) -> list[ClientEvent]:
        """What came in since the last call, in order."""
        events, self._events = self._events, []
        return events

    # What the client does

    @property
    def is_open(self) -> bool:
        """True from `ready` to the end."""
        return self._state is _State.OPEN

    @property
    def unanswered(self) -> tuple[Send | Pull, ...]:
        """Requests still waiting: what to repeat on the next connection."""
        return tuple(self._pending.values())

    def authenticate(self, did: DeviceId, sig: bytes, ts_ms: int, resume: int | None = None) -> None:
        """Answer `hello`.  `sig`: `crypto.auth.sign_auth` over its nonce; `resume`: see `frames.Auth`.

        Does nothing if the connection has ended meanwhile.
        """
        if self._state is _State.HELLO_RECEIVED:
            self._state = _State.AUTH_SENT
            self._has_authenticated = True
            self._send(Auth(did=did, ts=ts_ms, sig=sig, resume=resume))

    def send_envelope(self, mid: MessageId, cid: ConversationId, env: bytes) -> int:
        """Deposit an envelope; returns the reference that its answer will carry.  Raises NotConnected."""
        return self._request(Send(ref=self._next_ref, mid=mid, cid=cid, env=env))

    def pull(self, cid: ConversationId, from_seq: int, to_seq: int, limit: int) -> int:
        """Ask for a range, both ends included; returns the reference.  Raises NotConnected."""
        return self._request(Pull(ref=self._next_ref, cid=cid, from_seq=from_seq, to_seq=to_seq, limit=limit))

    def _request(self, frame: Send | Pull) -> int:
        if not self.is_open:
            raise NotConnected()
        self._pending[frame.ref] = frame
        self._next_ref += 1
        self._send(frame)
        return frame.ref

    def report(self, frame: Recv | Read | Typing | Presence | Del) -> None:
        """Say something that has no answer of its own.  Dropped unless `is_open`."""
        if self.is_open:
            self._send(frame)

    def close(self, code: CloseCode) -> None:
        """End the connection.  The first reason given stands."""
        if self.close_code is None:
            self.close_code = code
            self._state = _State.CLOSED

    def reconnects_after(self, code: int | None) -> bool:
        """True if the client connects again by itself after the server closed with `code` (None: no close frame)."""
        if code not in set(CloseCode):
            # The network, a proxy or a crash: not the server's decision.
            return True
        reason = CloseCode(code)
        if reason is CloseCode.AUTH and not self._has_authenticated:
            # Too slow to answer `hello`: the device itself was not judged.
            return True
        return reason.reconnects

    # What goes out

    def _send(self, frame: Frame) -> None:
        self._outgoing.append(encode(frame))

    def frames_to_send(self) -> list[bytes]:
        """Remove and return what waits, each to be sent as one binary message."""
        frames, self._outgoing = self._outgoing, []
        return frames

    @property
    def has_frames_to_send(self) -> bool:
        return bool(self._outgoing)

    # Time

    def tick(self, now_s: float) -> None:
        """Let time pass: ask whether the server is there; close with 4008 if it has been silent for too long."""
        if self.close_code is not None:
            return
        if self._heart.is_dead(now_s):
            self.close(CloseCode.SLOW)
        elif self._state is _State.OPEN and self._heart.take_ping(now_s):
            self._send(Ping(t=int(now_s * 1000)))

    @property
    def wake_at_s(self) -> float:
        """When `tick` has something to do at the latest, if nothing else happens."""
        return self._heart.due_at_s(pings=self.is_open)
