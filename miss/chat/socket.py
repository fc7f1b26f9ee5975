"""One WebSocket: bytes between Starlette and the session, events to the services.  protocol §7

One task owns the session and is the only one that writes to the socket.  The reader puts what comes in into a short
inbox; hub and flusher post encoded frames into the session's own bounded queue; the timer lets time pass.  While the
owner is busy writing to somebody slow, that queue is the bound: it overflows into one `lag`.
"""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from miss.base.clock import monotonic_s
from miss.base.errors import MissError
from miss.chat.conversations.errors import StaleEpoch
from miss.chat.delivery.errors import MessageConflict
from miss.chat.delivery.model import read_deposit
from miss.chat.delivery.service import Delivered
from miss.chat.desk import Desk
from miss.chat.devices.errors import DeviceRevoked
from miss.chat.devices.model import LinkedDevice
from miss.protocol.session.events import AuthReceived, ServerEvent
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import SUBPROTOCOL, Ack, Del, Err, Presence, Pull, Read, Recv, Send, Typing

log = structlog.get_logger("miss.chat")

INBOX_FRAMES = 32
"""Frames read ahead of the owner; then the client waits, by TCP."""
CLOSE_TIMEOUT_S = 2.0
RETRY_AFTER_S = 1.0
"""Told with errors that pass by themselves."""
GONE = b""
"""In the inbox: the peer has closed.  No frame is empty."""
TEXT = None
"""In the inbox: a text message, which the protocol does not know."""


class Connection:
    """One client, from accept to close."""

    device: LinkedDevice
    connected_at_ms: int

    def __init__(self, websocket: WebSocket, desk: Desk) -> None:
        self._websocket = websocket
        self._desk = desk
        self._session = desk.open_session()
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(INBOX_FRAMES)
        self._wake = asyncio.Event()
        self._wake.set()
        self._peer_is_gone = False
        self._is_authenticated = False
        self._patience = asyncio.timeout(None)
        self._write_began_s: float | None = None

    async def run(self) -> None:
        """Serve until either side closes."""
        await self._websocket.accept(SUBPROTOCOL)
        self._desk.enter(self)
        try:
            await self._serve()
            if not self._peer_is_gone:
                await self._say_goodbye()
        finally:
            self._desk.leave(self)

    async def _serve(self) -> None:
        reader = asyncio.create_task(self._read(), name="miss.chat.reader")
        try:
            async with self._patience:
                await self._own()
        except TimeoutError:
            self._session.close(CloseCode.SLOW)
        finally:
            if self._is_authenticated and self._desk.hub.leave(self):
                self._desk.metrics.sockets.set(len(self._desk.hub))
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    # What others may do: post, and nothing else

    def post(self, data: bytes, *, ephemeral: bool = False) -> None:
        """Queue an encoded frame."""
        self._session.push_encoded(data, ephemeral)
        self._wake.set()

    def end(self, code: CloseCode) -> None:
        """Close once what is queued was sent."""
        self._session.close(code)
        self._wake.set()

    def tick(self, now_s: float) -> None:
        """Let time pass.  A write that is blocked for too long is given up: the peer does not read."""
        began_s = self._write_began_s
        if began_s is not None and now_s - began_s >= self._desk.limits.session.write_timeout_s:
            self._patience.reschedule(0)
            return
        self._session.tick(now_s)
        if self._session.close_code is not None or self._session.has_frames_to_send:
            self._wake.set()

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                data: bytes | None = GONE
            else:
                data = message.get("bytes") or TEXT
            await self._inbox.put(data)
            self._wake.set()
            if data == GONE:
                return

    # The owner

    async def _own(self) -> None:
        while True:
            await self._write()
            if self._peer_is_gone or self._session.close_code is not None:
                return
            await self._wake.wait()
            self._wake.clear()
            while not self._inbox.empty():
                await self._take(self._inbox.get_nowait())

    async def _write(self) -> None:
        try:
            while self._session.has_frames_to_send:
                for data in self._session.frames_to_send():
                    self._write_began_s = monotonic_s()
                    await self._websocket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            # The ways of Starlette and uvicorn to say that the peer went away while we wrote.
            self._peer_is_gone = True
        finally:
            self._write_began_s = None

    async def _take(self, data: bytes | None) -> None:
        if data == GONE:
            self._peer_is_gone = True
        elif data is TEXT:
            self._session.refuse(CloseCode.PROTOCOL, "bad_frame")
        else:
            self._session.receive(data, monotonic_s())
            for event in self._session.events():
                await self._handle(event)

    async def _handle(self, event: ServerEvent) -> None:
        ref = event.ref if isinstance(event, Send | Pull) else None
        try:
            await self._dispatch(event)
        except MissError as error:
            self._refuse(ref, error, event.seq if isinstance(event, Del) else None)
        except Exception as error:
            # The text of an unknown error may quote the frame; its type may not.
            log.error("chat.frame_failed", frame=type(event).__name__, reason=type(error).__name__, exc_info=True)
            self._refuse(ref, MissError())

    async def _dispatch(self, event: ServerEvent) -> None:
        desk = self._desk
        match event:
            case AuthReceived():
                await self._authenticate(event)
            case Send():
                desk.delivery.submit(read_deposit(self.device, event), self._answer_to(event))
            case Pull():
                self._session.send(await desk.pages.pull(self.device.uid, event))
            case Recv():
                desk.markers.note_received(self.device, event)
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
            device = await self._desk.devices.authenticate(claim.did, claim.nonce, claim.sig)
            welcome = await self._desk.welcome(device, claim.resume)
        except MissError as error:
            self._session.refuse(_close_code(error), error.code)
            return
        self.device, self.connected_at_ms = device, welcome.ready.server_ts
        self._session.accept(welcome.ready)
        # From here on frames arrive; what came before is in the heads, which are read after.
        self._desk.hub.join(self)
        self._is_authenticated = True
        self._desk.metrics.sockets.set(len(self._desk.hub))
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
                await self._websocket.close(code, code.explanation)


def _close_code(error: MissError) -> CloseCode:
    """How a connection ends that could not be authenticated."""
    if isinstance(error, DeviceRevoked):
        return CloseCode.REVOKED
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
