"""The client's half of RFC 6455, no more of it than a load needs: it counts frames without copying them.

Refuses fragments and compression, which no server here uses.
"""

import asyncio
import socket
from typing import Final

BINARY: Final = 0x82
PING: Final = 0x89
PONG: Final = 0x8A
CLOSE: Final = 0x88
_KEY: Final = "AAAAAAAAAAAAAAAAAAAAAA=="
MASK: Final = bytes.fromhex("5ca1ab1e")
"""One key for all: masking protects proxies from browsers, of which there is none here.  The server's work is the
same."""


def masked(payload: bytes, offset: int = 0) -> bytes:
    """`payload` as it travels when it begins `offset` bytes into its frame."""
    key = (MASK[offset % 4 :] + MASK * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def header(opcode: int, size_bytes: int) -> bytes:
    """What precedes a masked payload."""
    if size_bytes < 126:
        return bytes((opcode, 0x80 | size_bytes)) + MASK
    return bytes((opcode, 0x80 | 126)) + size_bytes.to_bytes(2, "big") + MASK


def compose(payload: bytes, opcode: int = BINARY) -> bytes:
    """One client frame, at most 65,535 bytes."""
    return header(opcode, len(payload)) + masked(payload)


class WebSocket(asyncio.Protocol):
    """One connection: opens, then hands every binary frame to `take` by place, so that nothing is copied."""

    transport: asyncio.Transport

    def __init__(self, path: str, subprotocol: str = "") -> None:
        self._path = path
        self._subprotocol = subprotocol
        self._rest = b""
        self._is_open = False
        self._out: list[bytes] = []
        self._reading = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # What a subclass does

    def take(self, data: bytes, start: int, stop: int) -> None:
        """A binary frame: its payload is data[start:stop]."""
        raise NotImplementedError

    def opened(self) -> None:
        """The handshake is over."""

    # What it may call

    def write(self, frame: bytes) -> None:
        """Send; what is written while frames are read leaves in one piece."""
        if self._reading:
            self._out.append(frame)
        else:
            self.transport.write(frame)

    def close(self) -> None:
        """Cut, without ceremony."""
        self.transport.abort()

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        sock: socket.socket = transport.get_extra_info("socket")
        host, port = sock.getpeername()[:2]
        offered = f"Sec-WebSocket-Protocol: {self._subprotocol}\r\n" if self._subprotocol else ""
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n{offered}\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        position = 0 if self._is_open else self._open(data)
        self._reading = True
        self._rest = data[self._read(data, position) :]
        self._reading = False
        if self._out:
            self.transport.write(b"".join(self._out))
            self._out.clear()

    def _open(self, data: bytes) -> int:
        """Where the frames begin; the length of `data` if the handshake's answer is not whole yet."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self.transport.abort()
            return len(data)
        self._is_open = True
        self.opened()
        return end + 4

    def _read(self, data: bytes, position: int) -> int:
        """Take every whole frame; where the next one begins."""
        end = len(data) if self._is_open else 0
        take = self.take
        while end - position >= 2:
            size, start = data[position + 1], position + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                start += width
                size = int.from_bytes(data[start - width : start], "big") if start <= end else end
            stop = start + size
            if stop > end:
                break
            if data[position] == BINARY:
                take(data, start, stop)
            elif data[position] == PING:
                self.write(compose(data[start:stop], PONG))
            elif data[position] == CLOSE:
                self.transport.abort()
            position = stop
        return position
