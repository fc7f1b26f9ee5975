"""One WebSocket: bytes between the line and the session, events to the services.  protocol §7

What takes no waiting is done at once, on the loop's turn that brought it: envelopes and markers go to the rooms that
gather them, and every frame for this client is posted into the session's own bounded queue.  What asks the database
(opening, pulls, read receipts) waits its turn with the owner, the one task of a connection.  Frames posted within one
turn of the loop leave together (`Writes`); while the client reads too slowly they wait in the queue, which overflows
into one `lag`.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from miss.base.clock import monotonic_s
from miss.base.errors import MissError, TooMany
from miss.base.ids import ConversationId
from miss.chat.admission import Seat
from miss.chat.conversations.errors import StaleEpoch
from miss.chat.delivery.errors import MessageConflict
from miss.chat.delivery.model import read_deposit
from miss.chat.delivery.service import Delivered
from miss.chat.desk import Desk
from miss.chat.devices.errors import DeviceRevoked
from miss.chat.devices.model import LinkedDevice
from miss.chat.line import Incoming, Line, open_line
from miss.chat.push.debt import Debt
from miss.chat.push.model import PATIENCE
from miss.protocol.session.events import AuthReceived, ServerEvent
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import SUBPROTOCOL, Ack, Del, Err, Presence, Pull, Read, Recv, Send, Typing

log = structlog.get_logger("miss.chat")

INBOX_EVENTS = 32
"""Events that wait for the owner; then the client waits, by TCP."""
CLOSE_TIMEOUT_S = 2.0
RETRY_AFTER_S = 1.0
"""Told with errors that pass by themselves."""


class Connection:
    """One client, from accept to close."""

    device: LinkedDevice
    connected_at_ms: int
    _line: Line

    def __init__(self, websocket: WebSocket, desk: Desk, seat: Seat) -> None:
        self._websocket = websocket
        self._seat = seat
        self._desk = desk
        self.number = desk.hub.next_number()
        self._session = desk.open_session()
        self._inbox: deque[ServerEvent] = deque()
        self._wake = asyncio.Event()
        self._peer_is_gone = False
        self._is_authenticated = False
        self._debt = Debt(PATIENCE.total_seconds())

    async def run(self) -> None:
        """Serve until either side closes."""
        await self._websocket.accept(SUBPROTOCOL)
        self._desk.enter(self)
        self._line = open_line(self._websocket, self)
        self._desk.writes.note(self)
        try:
            await self._own()
            if not self._peer_is_gone:
                await self._say_goodbye()
        finally:
            await self._line.end()
            self._desk.leave(self)

    # What others may do: post, and nothing else

    def post(self, data: bytes, *, ephemeral: bool = False) -> None:
        """Queue an encoded frame."""
        self._session.push_encoded(data, ephemeral)
        self._desk.writes.note(self)

    def post_all(self, frames: Sequence[bytes], cid: ConversationId, last_seq: int) -> None:
        """Queue encoded messages, in order, which the client acknowledges."""
        self._session.push_all(frames)
        self._debt.owe(cid, last_seq)
        self._desk.writes.note(self)

    def end(self, code: CloseCode) -> None:
        """Close once what is queued was sent."""
        self._session.close(code)
        self._wake.set()

    def tick(self, now_s: float) -> None:
        """Let time pass."""
        self._session.tick(now_s)
        if self._debt.falls_due(now_s):
            self._desk.push.fell_silent(self.device.did)
        if self._session.close_code is not None or self._session.has_frames_to_send:
            self._desk.writes.note(self)

    def flush(self) -> None:
        """Write what waits, if the client reads; see to the end if it has come."""
        if self._session.has_frames_to_send and self._line.is_writable:
            self._line.write(self._session.frames_to_send())
        if self._session.close_code is not None:
            self._wake.set()

    # What the line tells

    def take(self, data: Incoming) -> bool:
        """A message came in: see `Listener`."""
        if data is None:
            self._session.refuse(CloseCode.PROTOCOL, "bad_frame")
        else:
            self._session.receive(data, monotonic_s())
        for event in self._session.events():
            if isinstance(event, Send | Recv) and not self._inbox:
                try:
                    self._do(event)
                except Exception as error:
                    self._fail(event, error)
            else:
                self._inbox.append(event)
                self._wake.set()
        if self._session.close_code is not None or self._session.has_frames_to_send:
            self._desk.writes.note(self)
        return len(self._inbox) < INBOX_EVENTS

    def drained(self) -> None:
        """The client reads again."""
        self.flush()

    def gone(self) -> None:
        """The client has left."""
        self._peer_is_gone = True
        self._wake.set()

    # The owner

    async def _own(self) -> None:
        try:
            while not self._peer_is_gone and self._session.close_code is None:
                await self._wake.wait()
                self._wake.clear()
                while self._inbox and self._session.close_code is None:
                    await self._handle(self._inbox.popleft())
                self._line.resume()
        finally:
            if self._is_authenticated and self._desk.hub.leave(self):
                self._desk.metrics.sockets.set(len(self._desk.hub))
                self._desk.push.left(self.device.did, is_owed=self._debt.is_owed)

    async def _handle(self, event: ServerEvent) -> None:
        try:
            if isinstance(event, Send | Recv):
                self._do(event)
            else:
                await self._ask(event)
        except Exception as error:
            self._fail(event, error)
        self._desk.writes.note(self)

    def _do(self, event: Send | Recv) -> None:
        """What takes no waiting."""
        if isinstance(event, Send):
            self._desk.delivery.submit(read_deposit(self.device, event, self.number), self._answer_to(event))
        else:
            self._desk.markers.note_received(self.device, event)
            if self._debt.settle(event.cid, event.seq):
                self._desk.push.answered(self.device.did)

    def _fail(self, event: ServerEvent, error: Exception) -> None:
        """Whatever goes wrong with a frame is told to the client, and ends there.  Called where it is handled."""
        ref = event.ref if isinstance(event, Send | Pull) else None
        if isinstance(error, MissError):
            self._refuse(ref, error, event.seq if isinstance(event, Del) else None)
            return
        # The text of an unknown error may quote the frame; its type may not.
        log.error("chat.frame_failed", frame=type(event).__name__, reason=type(error).__name__, exc_info=True)
        self._refuse(ref, MissError())

    async def _ask(self, event: ServerEvent) -> None:
        """What asks the database."""
        desk = self._desk
        match event:
            case AuthReceived():
                await self._authenticate(event)
            case Pull():
                self._session.send(await desk.pages.pull(self.device.uid, event))
            case Read():
                await desk.markers.note_read(self.device, event)
            case Del():
                await desk.deletions.delete(self.device, event)
            case Typing():
                await desk.ephemera.tell_typing(self.device, event)
            case Presence():
                await desk.ephemera.tell_presence(self.device, event)

    def _answer_to(self, sent: Send) -> Callable[[Delivered | MissError], None]:
        def answer(outcome: Delivered | MissError) -> None:
            if isinstance(outcome, MissError):
                self._refuse(sent.ref, outcome)
                return
            ack = Ack(sent.ref, sent.mid, outcome.seq, outcome.ts_ms, outcome.receipt, outcome.dup)
            self.post(encode(ack))

        return answer

    async def _authenticate(self, claim: AuthReceived) -> None:
        try:
            claimant = await self._desk.devices.identify(claim.did, claim.nonce, claim.sig)
            device = claimant.device
            self._desk.gate.open(device.did)
            await self._seat.name(device.uid)
            welcome = self._desk.welcome(claimant, claim.resume)
        except MissError as error:
            self._desk.metrics.refused.labels(error.code).inc()
            self._session.refuse(_close_code(error), error.code, error.retry_after_s)
            return
        self.device, self.connected_at_ms = device, welcome.ready.server_ts
        self._session.accept(welcome.ready, self._desk.gate.buckets_of(device.did))
        # From here on frames arrive; what came before is in the heads, which are read after.
        self._desk.hub.join(self)
        self._is_authenticated = True
        self._desk.metrics.sockets.set(len(self._desk.hub))
        self._desk.push.came(device.did)
        for heads in await self._desk.list_heads(device.uid, welcome.changed_since):
            self._session.send(heads)
        for alarm in await self._desk.alarms.list_frames(device.uid):
            self._session.send(alarm)
        await self._desk.tell_connected(device, self.connected_at_ms)

    def _refuse(self, ref: int | None, error: MissError, seq: int | None = None) -> None:
        self._desk.metrics.refused.labels(error.code).inc()
        self.post(encode(to_frame(ref, error, seq)))

    async def _say_goodbye(self) -> None:
        code = self._session.close_code
        if code is None:
            return
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            # Somebody who does not read does not get the code either: the connection is cut.
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._line.wait_writable()
                self.flush()
                await self._line.wait_writable()
                await self._websocket.close(code, code.explanation)


def _close_code(error: MissError) -> CloseCode:
    """How a connection ends that could not be authenticated."""
    if isinstance(error, DeviceRevoked):
        return CloseCode.REVOKED
    if isinstance(error, TooMany):
        return CloseCode.RATE
    return CloseCode.RESTART if error.temporary else CloseCode.AUTH


def to_frame(ref: int | None, error: MissError, seq: int | None = None) -> Err:
    """The frame that tells a client of `error`; `seq`: of what could not be deleted."""
    retry_after_s = RETRY_AFTER_S if error.temporary else None
    match error:
        case StaleEpoch():
            return Err(ref, error.code, retry_after_s, epoch=error.epoch)
        case MessageConflict():
            return Err(ref, error.code, retry_after_s, seq=error.seq, env_hash=error.env_hash)
        case _:
            return Err(ref, error.code, retry_after_s, seq=seq)
