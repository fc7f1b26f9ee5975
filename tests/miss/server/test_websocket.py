"""What goes over the wire, byte for byte, on both ways through `DirectWebSocket`.  RFC 6455

Every rule here is one a peer sees; `test_line.py` holds the chat above it to the same on both.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from websockets.frames import Close, Frame, Opcode

from miss.chat.line import EXTENSION, DirectLine, Incoming
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES
from miss.server.websocket import DirectWebSocket
from tests.conditions import WAIT_S

OPENING = (
    b"GET / HTTP/1.1\r\nHost: test.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)
TEXT, BINARY, CONT, PING, PONG = Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.PONG


@dataclass
class Echo:
    """Sends every binary message back, and remembers what it took."""

    port: int = 0
    took: list[Incoming] = field(default_factory=list)

    async def on_asgi(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            self.took.append(event.get("bytes"))
            await send({"type": "websocket.send", "bytes": event.get("bytes", b"")})

    async def on_the_line(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        ear = Ear(self, scope["extensions"][EXTENSION])
        ear.line.attach(ear)
        await ear.over.wait()


@dataclass
class Ear:
    echo: Echo
    line: DirectLine
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, data: Incoming) -> bool:
        self.echo.took.append(data)
        self.line.write([data or b""])
        return True

    def drained(self) -> None:
        """Little is written here."""

    def gone(self) -> None:
        self.over.set()


@pytest.fixture(params=["direct", "asgi"])
async def echo(request: pytest.FixtureRequest) -> AsyncIterator[Echo]:
    app = Echo()
    listener = socket.create_server(("127.0.0.1", 0))
    app.port = listener.getsockname()[1]
    config = uvicorn.Config(
        app.on_the_line if request.param == "direct" else app.on_asgi,
        interface="asgi3",
        ws=DirectWebSocket,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=MAX_CLIENT_FRAME_BYTES,
        lifespan="off",
        log_config=None,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    yield app
    for door in server.servers:
        door.close()
    # What is still open belongs to a test that failed.
    for task in server.server_state.tasks:
        task.cancel()
    await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
    listener.close()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def answers(echo: Echo, *frames: bytes) -> list[bytes]:
    """What the server sends until it hangs up, opcode and payload, to frames that reach it in one read."""
    async with asyncio.timeout(WAIT_S), connected(echo.port) as (reader, writer):
        writer.write(OPENING)
        accepted = await reader.readuntil(b"\r\n\r\n")
        assert accepted.startswith(b"HTTP/1.1 101 ")
        assert b"extensions" not in accepted.lower()
        # Once this is back the application listens, on the direct line too.
        writer.write(sent(BINARY, b"ready"))
        assert await reader.readexactly(7) == b"\x82\x05ready"
        echo.took.clear()
        writer.write(b"".join(frames))
        data = await reader.read()
    found = []
    while data:
        # Every answer here is one short frame, unmasked, with the final bit.
        assert data[0] & 0xF0 == 0x80
        assert data[1] < 126
        found.append(data[:1] + data[2 : 2 + data[1]])
        data = data[2 + data[1] :]
    return found


def sent(opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=True)


def goodbye(code: int, reason: str = "") -> bytes:
    return sent(Opcode.CLOSE, Close(code, reason).serialize())


CLOSE_1000 = b"\x88\x03\xe8"


async def test_a_close_inside_a_message_is_answered_with_its_code(echo: Echo) -> None:
    """§5.4: a control frame may come between the fragments of a message; §5.5.1: a close is answered with a close."""
    cut = sent(BINARY, b"begun", fin=False)
    assert await answers(echo, cut, goodbye(1000), sent(CONT, b"ended")) == [CLOSE_1000]
    assert echo.took == []


@pytest.mark.parametrize(
    "after",
    [sent(BINARY, b"late"), sent(TEXT, b"late"), sent(PING, b"late"), goodbye(1001), b"\xff\xff\xff", b"\x82\xfe\x20"],
    ids=["binary", "text", "ping", "close", "no frame", "half a frame"],
)
async def test_what_follows_a_close_is_discarded(echo: Echo, after: bytes) -> None:
    """§1.4: after a close a peer discards any further data."""
    assert await answers(echo, goodbye(1000), after, sent(BINARY, b"later")) == [CLOSE_1000]
    assert echo.took == []


@pytest.mark.parametrize(
    ("frames", "answer"),
    [
        ([goodbye(3000, "until later")], [b"\x88" + Close(3000, "until later").serialize()]),
        ([sent(Opcode.CLOSE)], [b"\x88"]),
        ([sent(PING, bytes(125)), goodbye(1000)], [b"\x8a" + bytes(125), CLOSE_1000]),
        ([sent(PONG, b"unasked"), goodbye(1000)], [CLOSE_1000]),
        ([sent(BINARY, b"a", fin=False), sent(PING, b"?"), goodbye(1000)], [b"\x8a?", CLOSE_1000]),
    ],
    ids=["code and reason", "empty close", "longest ping", "unasked pong", "ping inside a message"],
)
async def test_control_frames_are_answered(echo: Echo, frames: list[bytes], answer: list[bytes]) -> None:
    """§5.5"""
    assert await answers(echo, *frames) == answer


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([b"\x89\xfe\x00\x7e" + bytes(4 + 126)], 1002),
        ([b"\x09\x80" + bytes(4)], 1002),
        ([b"\x88\x81" + bytes(5)], 1002),
        ([b"\x88\x82\x00\x00\x00\x00\x03\xed"], 1002),
        ([b"\x88\x82\x00\x00\x00\x00\x03\xe7"], 1002),
        ([b"\x88\x83\x00\x00\x00\x00\x03\xe8\xff"], 1007),
        ([sent(CONT, b"of nothing")], 1002),
        ([sent(BINARY, b"a", fin=False), sent(BINARY, b"b")], 1002),
        ([b"\xa2\x80" + bytes(4)], 1002),
        ([b"\x83\x80" + bytes(4)], 1002),
        ([b"\x8b\x80" + bytes(4)], 1002),
        ([b"\x82\x01a"], 1002),
        ([b"\x82\xff" + (MAX_CLIENT_FRAME_BYTES + 1).to_bytes(8, "big") + bytes(4)], 1009),
        ([sent(BINARY, bytes(30_000), fin=False), sent(CONT, bytes(40_000))[:8]], 1009),
    ],
    ids=[
        "ping of 126 bytes",
        "ping in fragments",
        "close of one byte",
        "close with 1005",
        "close with 999",
        "reason not UTF-8",
        "continuation of nothing",
        "message inside a message",
        "reserved bit",
        "opcode 3",
        "opcode 11",
        "unmasked",
        "too long",
        "too long in fragments",
    ],
)
async def test_what_the_standard_forbids_ends_the_connection(echo: Echo, frames: list[bytes], code: int) -> None:
    """§5.1, §5.2, §5.4, §5.5, §7.4, §8.1"""
    (answer,) = await answers(echo, *frames, sent(BINARY, b"after the fault"))
    assert answer[:3] == b"\x88" + code.to_bytes(2, "big")
    assert echo.took == []
