"""uvicorn's WebSocket protocol with a direct line for the chat (`miss.chat.line`).  protocol §7, ADR 21

Everything up to the accepted handshake, and the closing one, is uvicorn's.  In between, a message that comes in goes
to the listener at once instead of through a queue and a coroutine, and messages that leave together are framed here
and written with one system call.  Only whole, unmasked, uncompressed binary frames are written (RFC 6455 §5.2), which
is why the server never negotiates permessage-deflate.
"""

from collections.abc import Sequence

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from miss.chat.line import EXTENSION, Listener

_BINARY = 0x82
"""FIN and opcode 2."""


def frame_header(size_bytes: int) -> bytes:
    """What stands before a binary message of that length, sent by a server in one frame."""
    if size_bytes < 126:
        return bytes((_BINARY, size_bytes))
    if size_bytes < 1 << 16:
        return bytes((_BINARY, 126, size_bytes >> 8, size_bytes & 0xFF))
    return bytes((_BINARY, 127)) + size_bytes.to_bytes(8, "big")


class DirectWebSocket(WebSocketsSansIOProtocol):
    """A connection that is its own `DirectLine`."""

    _listener: Listener | None = None

    # What uvicorn calls

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            # The application starts with the next turn of the loop, and finds it there.
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def send_receive_event_to_app(self) -> None:
        listener = self._listener
        if listener is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        is_welcome = listener.take(bytes(data) if self.curr_msg_data_type == "bytes" else None)
        if not is_welcome and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
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
        self.resume()

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set()

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
