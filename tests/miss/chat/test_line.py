"""The chat serves the same under any ASGI server: once on the direct line, once on plain ASGI.  ADR 21"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from miss.broker import MemoryBroker
from miss.chat import ChatLimits
from miss.protocol.session import SessionLimits
from miss.protocol.session.events import Answered, HelloReceived
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.frames import Ack, Err, Msg, Page
from miss.server.framing import frame_header
from miss.server.websocket import DirectWebSocket
from tests.miss.chat.kit import Layer, Place, Process, opened, running
from tests.miss.chat.world import World


@pytest.fixture(params=[DirectWebSocket, "websockets-sansio"], ids=["direct", "asgi"])
async def served(request: pytest.FixtureRequest, place: Place) -> AsyncIterator[Process]:
    layer: Layer = request.param
    limits = ChatLimits(session=SessionLimits(auth_timeout_s=0.2), tick_s=0.05)
    async with running(place, MemoryBroker(), limits, layer=layer) as process:
        yield process


async def test_messages_cross_in_order(served: Process, world: World) -> None:
    async with world.anne.connected(served) as anne, world.paul.connected(served) as paul:
        written = [world.team.write(world.anne, f"Message {number}") for number in range(40)]
        acks = [await anne.send(*each) for each in written]
        assert [ack.seq for ack in acks if isinstance(ack, Ack)] == list(range(1, 41))
        read = [world.team.read((await paul.next(Msg)).env) for _ in written]
        assert read == [f"Message {number}" for number in range(40)]


async def test_what_was_queued_arrives_before_the_close_code(served: Process) -> None:
    async with opened(served) as wire:
        await wire.next(HelloReceived)
        assert (await wire.next(Err)).code == "auth_timeout"
        assert await wire.closed() == CloseCode.AUTH


async def test_a_text_message_ends_the_connection(served: Process, world: World) -> None:
    async with world.anne.connected(served) as anne:
        await anne.websocket.send("bonjour")
        assert (await anne.next(Err)).code == "bad_frame"
        assert await anne.closed() == CloseCode.PROTOCOL


async def test_a_message_in_fragments_is_one_message(served: Process, world: World) -> None:
    async with world.anne.connected(served) as anne:
        mid, cid, env = world.team.write(world.anne, "En morceaux")
        anne.session.send_envelope(mid, cid, env)
        (frame,) = anne.session.frames_to_send()
        await anne.websocket.send([frame[:10], frame[10:100], frame[100:]])
        answer = (await anne.next(Answered)).answer
        assert isinstance(answer, Ack)
        assert answer.seq == 1


async def test_pieces_of_a_frame_and_frames_of_all_kinds_come_in_one_order(served: Process, world: World) -> None:
    async with world.anne.connected(served) as anne, world.paul.connected(served) as paul:
        protocol, transport = anne.websocket.protocol, anne.websocket.transport
        written = [world.team.write(world.anne, f"Message {number}") for number in range(6)]
        for number, each in enumerate(written):
            anne.session.send_envelope(*each)
            (frame,) = anne.session.frames_to_send()
            if number == 3:
                # From here on the direct line leaves the reading to the parser of websockets.
                protocol.send_binary(frame[:100], fin=False)
                protocol.send_continuation(frame[100:], fin=True)
            else:
                protocol.send_binary(frame)
            protocol.send_ping(b"%d" % number)
        data = b"".join(protocol.data_to_send())
        for start in range(0, len(data), 97):
            transport.write(data[start : start + 97])
            await asyncio.sleep(0)
        read = [world.team.read((await paul.next(Msg)).env) for _ in written]
        assert read == [f"Message {number}" for number in range(6)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("8200", 1002), ("c28000000000", 1002), ("83800000000000", 1002), ("828000000000", CloseCode.PROTOCOL)],
    ids=["unmasked", "reserved bit", "unknown opcode", "empty message"],
)
async def test_what_is_no_frame_ends_the_connection(served: Process, world: World, wrong: str, code: int) -> None:
    async with world.anne.connected(served) as anne:
        anne.websocket.transport.write(bytes.fromhex(wrong))
        assert await anne.closed() == code


async def test_a_line_that_was_paused_is_read_again(served: Process, world: World) -> None:
    async with world.anne.connected(served) as anne:
        for number in range(59):
            anne.session.pull(world.team.cid, 1, number + 1, 1)
        await anne.flush()
        answers = [(await anne.next(Answered)).answer for _ in range(59)]
        assert all(isinstance(answer, Page) for answer in answers)
        assert isinstance(await anne.send(*world.team.write(world.anne, "Et ensuite")), Ack)


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65_535, "827effff"),
        (65_536, "827f0000000000010000"),
        (2**40, "827f0000010000000000"),
    ],
)
def test_a_header_has_the_shortest_length_that_fits(size: int, header: str) -> None:
    assert frame_header(size).hex() == header
