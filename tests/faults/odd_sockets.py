"""Connections that were ordinary ones and are no longer: one read a byte a second, one left without a word."""

import asyncio
from collections.abc import Callable

from bench.load.websocket import WebSocket

PAUSE_S = 1.0


class _Dribble(asyncio.BufferedProtocol):
    """Takes a byte, waits a second."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._byte = bytearray(1)
        self._timer: asyncio.TimerHandle | None = None

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._byte

    def buffer_updated(self, nbytes: int) -> None:
        self._socket.transport.pause_reading()
        self._timer = asyncio.get_running_loop().call_later(PAUSE_S, self._go_on)
        self._socket.data_received(bytes(self._byte))

    def _go_on(self) -> None:
        if not self._socket.transport.is_closing():
            self._socket.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.end()
        self._socket.connection_lost(exc)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def dribble(socket: WebSocket) -> Callable[[], None]:
    """Let it read slowly; call what is returned to let it read as before."""
    transport = socket.transport
    slow = _Dribble(socket)
    transport.set_protocol(slow)

    def end() -> None:
        slow.end()
        if not transport.is_closing():
            transport.set_protocol(socket)
            transport.resume_reading()

    return end


class _Mute(asyncio.Protocol):
    """Swallows everything and answers nothing, not even a close."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def vanish(socket: WebSocket) -> asyncio.Future[None]:
    """Be gone without telling the server; what is returned is done once the server has ended the connection.

    To its owner the connection is lost.
    """
    mute = _Mute()
    socket.transport.set_protocol(mute)
    socket.connection_lost(None)
    return mute.ended
