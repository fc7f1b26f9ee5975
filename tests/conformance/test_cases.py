"""What Autobahn|Testsuite asks of a WebSocket server, in our own words: RFC 6455, groups 1 to 7 and 10 of that suite.

Raw bytes on a real socket, against the layer that the chat speaks through (`echo.py`), whole and in pieces of one byte.
`autobahn.py` runs the suite itself where there is a Python 2.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest
import uvicorn

from tests.conditions import WAIT_S
from tests.conformance.echo import config_on

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
KEY: Final = b"\x37\xfa\x21\x3d"
OPENING: Final = (
    b"GET / HTTP/1.1\r\nHost: test.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SIZES: Final = (0, 125, 126, 127, 128, 65_535, 65_536)
Frames = Sequence[tuple[int, bytes]]


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
    """A client's frame, masked."""
    first, size = (0x80 if fin else 0) | rsv << 4 | opcode, len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    masked = bytes(byte ^ KEY[at % 4] for at, byte in enumerate(payload))
    return head + KEY + masked


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame's payload."""
    return struct.pack("!H", code) + reason


@dataclass(slots=True)
class Peer:
    """A client that says what it wants."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, data: bytes, piece_bytes: int = 0) -> None:
        """Send it whole, or in pieces that travel by themselves."""
        for at in range(0, len(data), piece_bytes or len(data) or 1):
            self.writer.write(data[at : at + (piece_bytes or len(data))])

    async def hear(self, at_most: int = 1_000) -> list[tuple[int, bytes]]:
        """So many frames, or every one until the server ends the connection; none is masked."""
        heard: list[tuple[int, bytes]] = []
        async with asyncio.timeout(WAIT_S):
            try:
                while len(heard) < at_most:
                    first, size = await self.reader.readexactly(2)
                    if size >= 126:
                        size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
                    assert first & 0x70 == 0, "no reserved bit"
                    heard.append((first & 0x0F, await self.reader.readexactly(size)))
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
        return heard


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The echo."""
    server = uvicorn.Server(config_on(0))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@asynccontextmanager
async def peer_on(port: int) -> AsyncIterator[Peer]:
    """A client after its handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(OPENING)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()


async def talk(port: int, said: bytes, piece_bytes: int = 0, answers: int = 0) -> list[tuple[int, bytes]]:
    """What comes back for `said`, and after so many answers for a goodbye."""
    async with peer_on(port) as peer:
        peer.say(said, piece_bytes)
        heard = await peer.hear(answers)
        peer.writer.write(frame(CLOSE, close(1000)))
        return heard + await peer.hear()


GOODBYE: Final = (CLOSE, close(1000))


PONGED: Final = (PONG, b"")


async def check(port: int, cases: Mapping[str, tuple[bytes, Frames]], pieces: Sequence[int] = (0, 1)) -> None:
    """What comes back in each case, all at a time, whole and in pieces of so many bytes."""
    asked = [(name, said, answer, piece) for name, (said, answer) in cases.items() for piece in pieces]
    heard = await asyncio.gather(*(talk(port, said, piece, len(answer) - 1) for _, said, answer, piece in asked))
    wrong = {
        f"{name}, pieces of {piece}": got
        for (name, _, answer, piece), got in zip(asked, heard, strict=True)
        if got != list(answer)
    }
    assert wrong == {}


async def check_refused(port: int, cases: dict[str, tuple[bytes, int, Frames]]) -> None:
    """Each is ended with that code, after these answers."""
    for piece in (0, 1):
        heard = await asyncio.gather(*(talk(port, said, piece, len(before)) for said, _, before in cases.values()))
        found = {
            name: [*got[:-1], (got[-1][0], got[-1][1][:2])] if got else []
            for name, got in zip(cases, heard, strict=True)
        }
        assert found == {name: [*before, (CLOSE, struct.pack("!H", code))] for name, (_, code, before) in cases.items()}


@pytest.mark.parametrize("opcode", [TEXT, BINARY], ids=["text", "binary"])
async def test_1_messages_of_every_size_of_header(port: int, opcode: int) -> None:
    payloads = {size: b"*" * size if opcode == TEXT else bytes(at % 256 for at in range(size)) for size in SIZES}
    cases = {str(n): (frame(opcode, each), ((opcode, each), GOODBYE)) for n, each in payloads.items()}
    await check(port, cases, pieces=(0, 997))
    await check(port, {n: case for n, case in cases.items() if int(n) <= 128}, pieces=(1,))


async def test_2_pings_are_answered_in_order_and_pongs_are_not(port: int) -> None:
    long = bytes(range(125))
    many = [b"ping %d" % n for n in range(10)]
    cases: dict[str, tuple[bytes, Frames]] = {
        "empty": (frame(PING), (PONGED, GOODBYE)),
        "text": (frame(PING, b"Hello, world!"), ((PONG, b"Hello, world!"), GOODBYE)),
        "binary": (frame(PING, b"\x00\xff\xfe\xfd"), ((PONG, b"\x00\xff\xfe\xfd"), GOODBYE)),
        "125 bytes": (frame(PING, long), ((PONG, long), GOODBYE)),
        "a pong nobody asked for": (frame(PONG), (GOODBYE,)),
        "a pong with a payload": (frame(PONG, b"unsolicited"), (GOODBYE,)),
        "pong, then ping": (frame(PONG, b"x") + frame(PING, b"y"), ((PONG, b"y"), GOODBYE)),
        "ten": (b"".join(frame(PING, one) for one in many), (*((PONG, one) for one in many), GOODBYE)),
    }
    await check(port, cases)
    await check_refused(port, {"126 bytes": (frame(PING, long + b"x"), 1002, ())})


async def test_3_reserved_bits_are_refused(port: int) -> None:
    hello = frame(TEXT, b"Hello")
    cases: dict[str, tuple[bytes, int, Frames]] = {
        f"bits {rsv}": (hello + frame(TEXT, b"again", rsv=rsv), 1002, ((TEXT, b"Hello"),)) for rsv in range(1, 8)
    }
    cases |= {f"bits {rsv} on a ping": (frame(PING, rsv=rsv), 1002, ()) for rsv in range(1, 8)}
    await check_refused(port, cases)


async def test_4_reserved_opcodes_are_refused(port: int) -> None:
    reserved = (0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF)
    hello = frame(BINARY, b"Hello")
    await check_refused(
        port,
        {
            f"opcode {opcode:x} {len(payload)}": (hello + frame(opcode, payload), 1002, ((BINARY, b"Hello"),))
            for opcode in reserved
            for payload in (b"", b"reserved opcode payload")
        },
    )


async def test_5_fragments_are_put_together_around_control_frames(port: int) -> None:
    begun, ended = frame(TEXT, b"frag1", fin=False), frame(CONTINUATION, b"frag2")
    between = frame(CONTINUATION, b"mid", fin=False)
    cases: dict[str, tuple[bytes, Frames]] = {
        "two": (begun + ended, ((TEXT, b"frag1frag2"), GOODBYE)),
        "three": (begun + between + ended, ((TEXT, b"frag1midfrag2"), GOODBYE)),
        "a ping between": (begun + frame(PING, b"p") + ended, ((PONG, b"p"), (TEXT, b"frag1frag2"), GOODBYE)),
        "a pong between": (begun + frame(PONG, b"p") + ended, ((TEXT, b"frag1frag2"), GOODBYE)),
        "empty ones": (
            frame(BINARY, fin=False) + frame(CONTINUATION, fin=False) + frame(CONTINUATION),
            ((BINARY, b""), GOODBYE),
        ),
        "a second message": (begun + ended + frame(BINARY, b"x"), ((TEXT, b"frag1frag2"), (BINARY, b"x"), GOODBYE)),
        "a close between": (begun, (GOODBYE,)),
    }
    await check(port, cases)
    await check_refused(
        port,
        {
            "a ping in fragments": (frame(PING, b"p", fin=False) + frame(CONTINUATION, b"q"), 1002, ()),
            "a pong in fragments": (frame(PONG, b"p", fin=False) + frame(CONTINUATION, b"q"), 1002, ()),
            "nothing to continue": (frame(CONTINUATION, b"x"), 1002, ()),
            "nothing to continue, more to come": (frame(CONTINUATION, b"x", fin=False), 1002, ()),
            "another message between": (begun + frame(TEXT, b"frag2"), 1002, ()),
        },
    )


VALID_UTF8: Final = (
    "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\x7f\u07ff\uffff", "\U00010000\U0010ffff", "\ud7ff\ue000\ufffd",
    "\ufdd0\ufffe\uffff\U0001fffe", "",
)  # fmt: skip
INVALID_UTF8: Final = (
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xbf",
    b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xfe",
    b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x92",
)  # fmt: skip


async def test_6_texts_are_utf8_whole_and_in_fragments(port: int) -> None:
    cases: dict[str, tuple[bytes, Frames]] = {}
    for text in VALID_UTF8:
        data = text.encode()
        cases[f"{text!a}"] = (frame(TEXT, data), ((TEXT, data), GOODBYE))
        torn = frame(TEXT, data[:1], fin=False) + frame(CONTINUATION, data[1:])
        cases[f"{text!a} torn inside a character"] = (torn, ((TEXT, data), GOODBYE))
    await check(port, cases)
    await check_refused(port, {data.hex(): (frame(TEXT, data), 1007, ()) for data in INVALID_UTF8})


async def test_7_goodbyes(port: int) -> None:
    async def say(payload: bytes) -> list[tuple[int, bytes]]:
        async with peer_on(port) as peer:
            peer.say(frame(CLOSE, payload) + frame(BINARY, b"too late") + frame(PING, b"too late"))
            return [(opcode, said[:2]) for opcode, said in await peer.hear()]

    fine = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    for code in fine:
        assert await say(close(code, b"bye")) == [(CLOSE, struct.pack("!H", code))], code
    assert await say(b"") in ([(CLOSE, b"")], [(CLOSE, struct.pack("!H", 1000))])
    wrong = {
        **{str(code): close(code) for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535)},
        "half a code": b"\x03",
        "a reason of 124 bytes": close(1000, b"*" * 124),
    }
    for name, payload in wrong.items():
        assert await say(payload) == [(CLOSE, struct.pack("!H", 1002))], name
    assert await say(close(1000, b"\xce\xba\xed\xa0\x80")) == [(CLOSE, struct.pack("!H", 1007))]


async def test_10_fragments_of_every_size(port: int) -> None:
    payload = bytes(at % 251 for at in range(65_536))
    for size in (1_024, 997, 32_768):
        parts = [payload[at : at + size] for at in range(0, len(payload), size)]
        said = [
            frame(BINARY if n == 0 else CONTINUATION, part, fin=n == len(parts) - 1) for n, part in enumerate(parts)
        ]
        assert await talk(port, b"".join(said), answers=1) == [(BINARY, payload), GOODBYE]
