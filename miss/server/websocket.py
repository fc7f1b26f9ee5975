"""uvicorn's WebSocket protocol with a direct line for the chat (`miss.chat.line`).  protocol §7, ADR 21

Everything up to the accepted handshake, and the closing one, is uvicorn's.  In between, a message that comes in goes
to the listener at once instead of through a queue and a coroutine, and messages that leave together are framed here
and written with one system call.  Only whole, unmasked, uncompressed binary frames are written (RFC 6455 §5.2), which
is why the server never negotiates permessage-deflate.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from miss.chat.line import EXTENSION, Incoming, Listener
from miss.server.framing import BINARY, MASK_BYTES, frame_header, measure

try:
    from websockets.speedups import apply_mask
except ImportError:  # a machine without the compiled part
    from websockets.utils import apply_mask


class _Parser(ServerProtocol):
    """That of websockets, for which a close between the fragments of a message is a fault."""

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            # A control frame may come there (RFC 6455 §5.4); the rest of the message never will.
            self.current_size = None
        super().recv_frame(frame)


class DirectWebSocket(WebSocketsSansIOProtocol):
    """A connection that is its own `DirectLine`."""

    _listener: Listener | None = None
    _is_early = False
    """Something came in between the handshake and `attach`."""
    _takes_frames = False
    """Whole frames are taken off here, before the parser of websockets."""
    _is_writable = True
    _rest = b""
    """The beginning of a frame that is not whole yet."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Parser(max_size=config.ws_max_size, logger=self.conn.logger)

    # What uvicorn calls

    def data_received(self, data: bytes) -> None:
        """Take off binary messages at once; anything else is for the parser of websockets.

        It gets control frames and texts one by one and whole, so that it always stands where a frame begins.  What is
        no ordinary frame, and all that comes after it, goes to the parser.
        """
        if not self._takes_frames:
            self._is_early = self.handshake_initiated
            super().data_received(data)
            return
        if self._rest:
            data = self._rest + data
        start, size = 0, len(data)
        while start < size:
            body, end = measure(data, start)
            if end > size:
                break
            if not end:
                self._takes_frames = False
                end = size
            if data[start] == BINARY and self._takes_frames and self._listener and not self.close_sent:
                self._hand_over(self._listener, apply_mask(data[body:end], data[body - MASK_BYTES : body]))
            else:
                super().data_received(data[start:end])
            start = end
        self._rest = data[start:]

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            # The application starts with the next turn of the loop, and finds it there.
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        # What follows is discarded (RFC 6455 §1.4), by the parser.
        self._takes_frames = False

    def send_receive_event_to_app(self) -> None:
        listener = self._listener
        if listener is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        self._hand_over(listener, bytes(data) if self.curr_msg_data_type == "bytes" else None)

    def _hand_over(self, listener: Listener, data: Incoming) -> None:
        if not listener.take(data) and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            # Refused in words: uvicorn would log an error for each as if the application had answered nothing.
            self.handshake_complete = True

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_writable = False

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_writable = True
        if self._listener is not None:
            self._listener.drained()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._listener is not None:
            self._listener.gone()

    # What the chat calls

    def attach(self, listener: Listener) -> None:
        """See `DirectLine`.  What came in before is handed over now."""
        self._listener = listener
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] == "websocket.receive":
                listener.take(event.get("bytes"))
            elif event["type"] == "websocket.disconnect":
                listener.gone()
        self._takes_frames = not self._is_early
        self.resume()

    @property
    def is_writable(self) -> bool:
        return self._is_writable

    def write(self, messages: Sequence[bytes]) -> None:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        framed: list[bytes] = []
        for data in messages:
            framed += (frame_header(len(data)), data)
        self.transport.write(b"".join(framed))

    def resume(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    async def wait_writable(self) -> None:
        await self.writable.wait()

    async def end(self) -> None:
        if not self.is_writable:
            # Somebody who does not read will not read the goodbye either.
            self.transport.abort()
