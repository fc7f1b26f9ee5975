"""The load's own WebSocket client, against the library's idea of the protocol."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from bench.load.miss_target import MSG, Seat, fresh_mid, seq_end
from bench.load.websocket import WebSocket, compose, masked
from miss.base.ids import ConversationId
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import Msg, Send

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


class Transport(asyncio.Transport):
    """Remembers what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def abort(self) -> None:
        self.aborted = True


class Collecting(WebSocket):
    def __init__(self) -> None:
        super().__init__("/")
        self.transport = Transport()
        self.taken: list[bytes] = []

    def take(self, data: bytes, start: int, stop: int) -> None:
        self.taken.append(data[start:stop])


def read_by_library(data: bytes) -> list[bytes]:
    """The payloads of client frames."""
    server = ServerProtocol(state=State.OPEN, max_size=None)
    server.receive_data(data)
    return [bytes(event.data) for event in server.events_received() if isinstance(event, Frame)]


async def received(data: bytes, cuts: list[int]) -> Collecting:
    client = Collecting()
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, stop in pairwise(edges):
        client.data_received(data[start:stop])
    return client


@given(st.lists(st.integers(0, 70_000).map(lambda size: b"x" * size), max_size=4), st.lists(st.integers(0, 2**20)))
def test_frames_are_found_wherever_the_stream_is_cut(payloads: list[bytes], cuts: list[int]) -> None:
    frames = b"".join(Frame(Opcode.BINARY, payload).serialize(mask=False) for payload in payloads)
    client = asyncio.run(received(ANSWER + frames, cuts))
    assert client.taken == payloads


async def test_frames_are_found_at_every_single_cut() -> None:
    payloads = [b"", b"abc", bytes(130)]
    frames = b"".join(Frame(Opcode.BINARY, payload).serialize(mask=False) for payload in payloads)
    for cut in range(len(ANSWER + frames)):
        assert (await received(ANSWER + frames, [cut])).taken == payloads


@given(st.binary(max_size=1000), st.integers(0, 7))
def test_masking_twice_changes_nothing(payload: bytes, offset: int) -> None:
    assert masked(masked(payload, offset), offset) == payload
    assert masked(payload)[offset:] == masked(payload[offset:], offset)


@pytest.mark.parametrize("size", [0, 5, 125, 126, 65_535])
def test_the_library_reads_what_is_composed(size: int) -> None:
    assert read_by_library(compose(b"y" * size)) == [b"y" * size]


@given(st.integers(0x10000, 2**32 - 1), st.binary(min_size=1, max_size=2000), st.binary(min_size=32, max_size=32))
def test_prepared_parts_make_the_frame_that_the_codec_makes(ref: int, env: bytes, cid: bytes) -> None:
    mid = fresh_mid()
    [payload] = read_by_library(Seat(ConversationId(cid), env).compose(ref, mid))
    frame = decode(payload)
    assert isinstance(frame, Send)
    assert (frame.ref, frame.mid, frame.cid, frame.env) == (ref, mid.to_bytes(16, "big"), cid, env)


@given(st.integers(1, 2**53))
def test_a_place_in_the_log_is_found_by_its_bytes(seq: int) -> None:
    payload = encode(Msg(cid=ConversationId(bytes(32)), seq=seq, env=b"e", ts=1))
    assert payload[1] == MSG
    end = seq_end(payload, 36)
    assert int.from_bytes(payload[37:end] or payload[36:end], "big") == seq


async def test_pings_are_answered_and_a_close_cuts() -> None:
    ping = Frame(Opcode.PING, b"ok").serialize(mask=False)
    close = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=False)
    client = await received(ANSWER + ping + close, [])
    transport = client.transport
    assert isinstance(transport, Transport)
    assert transport.written == [compose(b"ok", 0x8A)]
    assert transport.aborted


async def test_another_answer_than_101_cuts() -> None:
    client = await received(b"HTTP/1.1 403 Forbidden\r\n\r\n", [])
    assert isinstance(client.transport, Transport)
    assert client.transport.aborted
