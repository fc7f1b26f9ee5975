"""What is particular to Redis: it may go away and come back."""

import asyncio

from miss.broker import RedisBroker
from tests import servers


async def _hear(publisher: RedisBroker, heard: "asyncio.Queue[bytes]", payload: bytes) -> bytes:
    """Publish until a payload arrives: what is published before the subscription stands may be lost, by contract."""
    async with asyncio.timeout(20):
        while True:
            await publisher.publish("frames", payload)
            try:
                return await asyncio.wait_for(heard.get(), 0.1)
            except TimeoutError:
                continue


async def test_two_processes_hear_each_other(redis_url: str) -> None:
    one, other = RedisBroker(redis_url), RedisBroker(redis_url)
    await one.start()
    await other.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await other.listen("frames", heard.put)
    assert await _hear(one, heard, b"hello") == b"hello"
    await one.close()
    await other.close()


async def test_a_redis_that_was_killed_is_taken_up_again() -> None:
    port = servers.free_port()
    server = servers.start_redis(port)
    broker = RedisBroker(f"redis://127.0.0.1:{port}/0")
    await broker.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await broker.listen("frames", heard.put)
    try:
        server.kill()
        server.wait()
        await broker.publish("frames", b"lost")
        assert broker.dropped == 1

        server = servers.start_redis(port)
        assert await _hear(broker, heard, b"found again") == b"found again"
    finally:
        await broker.close()
        server.kill()
        server.wait()


async def test_starting_without_redis_returns_and_says_so() -> None:
    broker = RedisBroker(f"redis://127.0.0.1:{servers.free_port()}/0")
    async with asyncio.timeout(10):
        await broker.start()
    assert not broker.connected
    await broker.publish("frames", b"x")
    assert broker.dropped == 1
    await broker.close()
