"""How many sockets may be open: real sockets, on one process and on two that share a broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import msgspec
import pytest
from starlette.routing import Router
from starlette.types import Message
from websockets.exceptions import InvalidStatus

from miss.broker import Broker, CountsAway, MemoryBroker, RedisBroker, memory_counts, redis_counts
from miss.chat import ChatLimits, SocketCaps, admission, chat_routes
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.limits import MAX_FRAME_BYTES
from miss.protocol.session import Rate, SessionLimits
from miss.protocol.session.events import HelloReceived
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import decode
from miss.protocol.wire.frames import SUBPROTOCOL, Err, Ready
from tests import servers
from tests.conditions import WAIT_S
from tests.miss.chat.kit import HOST, UNHURRIED, Member, Place, Process, Wire, opened, running
from tests.miss.chat.world import Template

ROOMY = SocketCaps(per_address=100, unknown_per_address=100, per_account=100, per_process=100)


def caps(**changed: int) -> ChatLimits:
    return replace(UNHURRIED, sockets=replace(ROOMY, **changed))


@asynccontextmanager
async def two(place: Place, broker: Broker, limits: ChatLimits) -> AsyncIterator[tuple[Process, Process]]:
    async with running(place, broker, limits) as first, running(place, broker, limits) as second:
        yield first, second


async def refused(process: Process) -> InvalidStatus:
    """How a socket is turned away before it is one."""
    with pytest.raises(InvalidStatus) as caught:
        async with opened(process):
            pass
    return caught.value


async def enter(stack: AsyncExitStack, process: Process, member: Member | None = None) -> Wire:
    """A socket that stays open; of somebody, or of nobody yet."""
    if member:
        return await stack.enter_async_context(member.connected(process))
    wire = await stack.enter_async_context(opened(process))
    await wire.next(HelloReceived)
    return wire


async def when_there_is_room(process: Process) -> None:
    """Until a socket is let in: the one before is still saying goodbye."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                async with opened(process) as wire:
                    await wire.next(HelloReceived)
                    return
            except InvalidStatus:
                await asyncio.sleep(0.01)


async def authenticate(wire: Wire, member: Member) -> None:
    hello = await wire.next(HelloReceived)
    wire.session.authenticate(member.did, sign_auth(member.keys.ik, hello.nonce, HOST), hello.server_ts_ms)
    await wire.flush()


async def test_an_address_has_as_many_sockets_as_it_may(
    place: Place, template: Template, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    async with two(place, broker, caps(per_address=3)) as (first, second), AsyncExitStack() as stack:
        world = template.world.at(first, place)
        for process, member in ((first, world.anne), (second, world.paul), (first, world.karim)):
            await enter(stack, process, member)
        for process in (first, second):
            answer = (await refused(process)).response
            assert answer.status_code == 429
            assert answer.headers["Retry-After"] == "10"
            assert answer.headers["Content-Type"] == "application/msgpack"
            body = msgspec.msgpack.decode(answer.body)
            assert (body["code"], body["params"]) == ("address_full", {"retry_after_s": 10})
            assert "votre réseau" in body["text"]
            assert process.metrics.get_sample_value("miss_chat_refusals_total", {"code": "address_full"}) == 1
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
        await stack.aclose()
        # What is closed counts no more, on either.
        await when_there_is_room(first)
        await when_there_is_room(second)


async def test_sockets_that_said_nothing_have_a_cap_of_their_own(
    place: Place, template: Template, broker: Broker
) -> None:
    async with two(place, broker, caps(unknown_per_address=2)) as (first, second), AsyncExitStack() as stack:
        world = template.world.at(first, place)
        nobody = await enter(stack, second)
        for member in (world.anne, world.paul, world.karim):
            await enter(stack, first, member)
        await enter(stack, first)
        for process in (first, second):
            assert (await refused(process)).response.status_code == 429
        # Whoever says who they are makes room.
        await nobody.websocket.close()
        await when_there_is_room(first)
        await enter(stack, first, world.hugo)
        await when_there_is_room(second)


async def test_silence_makes_room_again(place: Place, memory_broker: MemoryBroker) -> None:
    limits = replace(caps(unknown_per_address=1), session=SessionLimits(auth_timeout_s=0.1), tick_s=0.02)
    async with running(place, memory_broker, limits) as process, opened(process) as silent:
        assert (await refused(process)).response.status_code == 429
        assert await silent.closed() == CloseCode.AUTH
        await when_there_is_room(process)


async def test_an_account_has_as_many_sockets_as_it_may(place: Place, template: Template, broker: Broker) -> None:
    async with two(place, broker, caps(per_account=2)) as (first, second), AsyncExitStack() as stack:
        world = template.world.at(first, place)
        tablet = await world.anne.second_device(first, place)
        third = await world.anne.second_device(first, place, "Poste")
        await enter(stack, first, world.anne)
        await enter(stack, second, tablet)
        for process in (first, second):
            async with opened(process) as wire:
                await authenticate(wire, third)
                err = await wire.next(Err)
                assert (err.code, err.fatal, err.retry_after_s) == ("account_full", True, 30)
                assert await wire.closed() == CloseCode.RATE
        # Others are not concerned, and those who were there stay.
        wire = await enter(stack, first, world.paul)
        assert await wire.settle() == []
        assert [process.figure("miss_chat_sockets") for process in (first, second)] == [2, 1]
        await stack.aclose()
        async with asyncio.timeout(WAIT_S):
            while not await may_connect(third, second):
                pass


async def may_connect(member: Member, process: Process) -> bool:
    async with opened(process) as wire:
        await authenticate(wire, member)
        data = await wire.websocket.recv()
        assert isinstance(data, bytes)
        frame = decode(data, MAX_FRAME_BYTES)
        assert isinstance(frame, Ready | Err)
        return isinstance(frame, Ready)


async def test_a_full_process_says_so_and_says_when_to_come_back(place: Place, memory_broker: MemoryBroker) -> None:
    async with two(place, memory_broker, caps(per_process=1)) as (first, second), AsyncExitStack() as stack:
        await enter(stack, first)
        answer = (await refused(first)).response
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert msgspec.msgpack.decode(answer.body)["code"] == "server_full"
        await enter(stack, second)
        await stack.aclose()
        await when_there_is_room(first)


async def test_without_the_broker_each_process_counts_its_own(place: Place, template: Template) -> None:
    broker = RedisBroker(f"redis://127.0.0.1:{servers.free_port()}/0")
    async with two(place, broker, caps(unknown_per_address=2, per_account=1)) as (first, second):
        world = template.world.at(first, place)
        tablet = await world.anne.second_device(first, place)
        async with AsyncExitStack() as stack:
            for process in (first, second):
                await enter(stack, process)
                await enter(stack, process)
                assert (await refused(process)).response.status_code == 429
        async with world.anne.connected(first), tablet.connected(second), opened(first) as wire:
            await authenticate(wire, tablet)
            assert (await wire.next(Err)).code == "account_full"
    await broker.close()


async def test_a_process_that_was_killed_is_forgotten(
    place: Place, template: Template, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (memory_counts, redis_counts):
        monkeypatch.setattr(module, "HELD_FOR_S", 0.3)
    monkeypatch.setattr(admission, "SAY_EVERY_S", 0.05)
    async with two(place, broker, caps(unknown_per_address=1)) as (first, second), opened(first):
        # It falls silent with a socket open.
        assert first.chat.admission._task is not None
        first.chat.admission._task.cancel()
        assert (await refused(second)).response.status_code == 429
        await when_there_is_room(second)


async def test_counts_that_forgot_all_are_told_again(
    place: Place, memory_broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "SAY_EVERY_S", 0.02)
    async with two(place, memory_broker, caps(unknown_per_address=1)) as (first, second), opened(first) as wire:
        await wire.next(HelloReceived)
        await memory_broker.counts.close()
        async with asyncio.timeout(WAIT_S):
            while not any(has for _, has in memory_broker.counts._held.values()):  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.01)
        assert (await refused(second)).response.status_code == 429


async def test_what_could_not_be_told_is_told_later(
    place: Place, memory_broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "SAY_EVERY_S", 0.02)
    counts, away = memory_broker.counts, asyncio.Event()

    async def fail(*_: object) -> dict[bytes, int]:
        away.set()
        raise CountsAway

    async with two(place, memory_broker, caps(unknown_per_address=1)) as (first, second):
        async with opened(first) as wire:
            await wire.next(HelloReceived)
            with monkeypatch.context() as broken:
                broken.setattr(counts, "hold", fail)
                await wire.websocket.close()
                async with asyncio.timeout(WAIT_S):
                    while first.chat.admission.count:  # noqa: ASYNC110  it tells nobody
                        await asyncio.sleep(0.01)
                    away.clear()
                    await away.wait()
        # The counts still know of a socket that is gone, until the first process has told all anew.
        await when_there_is_room(second)


async def test_a_device_that_connects_again_and_again_waits(place: Place, template: Template, broker: Broker) -> None:
    limits = replace(UNHURRIED, http=replace(UNHURRIED.http, openings=Rate(burst=3, per_s=0.01)))
    async with two(place, broker, limits) as (first, second):
        world = template.world.at(first, place)
        for process in (first, second, first):
            async with world.anne.connected(process):
                pass
            await process.chat.rates.settle()
        async with world.paul.connected(second):
            pass
        # The second has seen one of three: it learns of the others by the next one.
        async with world.anne.connected(second):
            await second.chat.rates.settle()
        for process in (first, second):
            async with opened(process) as wire:
                await authenticate(wire, world.anne)
                err = await wire.next(Err)
                assert (err.code, err.fatal) == ("too_many_openings", True)
                assert err.retry_after_s is not None
                assert err.retry_after_s > 90
                assert await wire.closed() == CloseCode.RATE


async def test_a_foreign_page_takes_no_seat(place: Place, memory_broker: MemoryBroker) -> None:
    async with running(place, memory_broker, caps(unknown_per_address=1)) as process, opened(process):
        with pytest.raises(InvalidStatus, match="403"):
            async with opened(process, origin="https://evil.example"):
                pass
        assert process.chat.admission.count == 1


async def test_a_server_that_cannot_answer_in_words_still_refuses(place: Place, memory_broker: MemoryBroker) -> None:
    """Any ASGI server: the extension for answers before accept is not everywhere."""
    async with running(place, memory_broker, caps(unknown_per_address=1)) as process, opened(process):
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        scope = {"type": "websocket", "path": "/api/chat/socket", "headers": [], "client": ("127.0.0.1", 1)}
        await Router(chat_routes(process.chat))(scope | {"subprotocols": [SUBPROTOCOL]}, receive, send)
        assert sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]
