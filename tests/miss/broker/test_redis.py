"""What is particular to Redis: it may go away and come back, or stay and say nothing."""

import asyncio
import signal
from urllib.parse import urlsplit

import pytest

from miss.broker import RedisBroker
from miss.broker import redis as module
from tests import servers
from tests.conditions import WAIT_S
from tests.faults.proxy import Proxy


async def _hear(publisher: RedisBroker, heard: "asyncio.Queue[bytes]", payload: bytes) -> bytes:
    """Publish until a payload arrives: what is published before the subscription stands may be lost, by contract."""
    async with asyncio.timeout(WAIT_S):
        while True:
            await publisher.publish("frames", payload)
            try:
                return await asyncio.wait_for(heard.get(), 0.1)
            except TimeoutError:
                continue


async def _drops(broker: RedisBroker, more_than: int = 0) -> None:
    """Until it has counted more losses than that."""
    async with asyncio.timeout(WAIT_S):
        while broker.dropped <= more_than:  # noqa: ASYNC110  it counts, it tells nobody
            await asyncio.sleep(0.01)


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
        await _drops(broker)
        assert broker.dropped == 1

        server = servers.start_redis(port)
        assert await _hear(broker, heard, b"found again") == b"found again"
    finally:
        await broker.close()
        server.kill()
        server.wait()


async def test_starting_without_redis_returns_and_says_so() -> None:
    broker = RedisBroker(f"redis://127.0.0.1:{servers.free_port()}/0")
    async with asyncio.timeout(WAIT_S):
        await broker.start()
    assert not broker.connected
    await broker.publish("frames", b"x")
    await broker.close()
    assert broker.dropped == 1
    await broker.publish("frames", b"after the end")
    assert broker.dropped == 2


async def test_a_redis_that_does_not_answer_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_TIMEOUT_S", 0.5)
    port = servers.free_port()
    server = servers.start_redis(port)
    broker = RedisBroker(f"redis://127.0.0.1:{port}/0")
    await broker.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await broker.listen("frames", heard.put)
    try:
        assert await _hear(broker, heard, b"before") == b"before"
        server.send_signal(signal.SIGSTOP)
        # The first ones travel; what is published while nobody answers must not wait for it.
        for _ in range(3):
            async with asyncio.timeout(0.25):
                for _ in range(10):
                    await broker.publish("frames", b"unheard")
            dropped = broker.dropped
            await _drops(broker, dropped)
        server.send_signal(signal.SIGCONT)
        while await _hear(broker, heard, b"after") != b"after":
            pass
    finally:
        server.send_signal(signal.SIGCONT)
        await broker.close()
        server.kill()
        server.wait()


async def test_a_payload_whose_answer_was_lost_is_not_sent_again(redis_url: str) -> None:
    port = urlsplit(redis_url).port
    assert port is not None
    line = Proxy(lambda: port)
    await line.start()
    publisher, listener = RedisBroker(f"redis://127.0.0.1:{line.port}/0"), RedisBroker(redis_url)
    await publisher.start()
    await listener.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await listener.listen("frames", heard.put)
    assert await _hear(publisher, heard, b"ready") == b"ready"
    line.delay_s = 0.3  # the answer is on its way as long after the payload was heard
    await publisher.publish("frames", b"once")
    async with asyncio.timeout(WAIT_S):
        while (first := await heard.get()) == b"ready":
            pass
    line.cut()
    line.delay_s = 0.0
    assert first == b"once"
    assert await _hear(publisher, heard, b"after") == b"after", "and not once more"
    await publisher.close()
    await listener.close()
    await line.close()


async def test_more_than_may_wait_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    monkeypatch.setattr(module, "QUEUE_BYTES", 10)
    broker = RedisBroker(redis_url)
    await broker.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await broker.listen("frames", heard.put)
    assert await _hear(broker, heard, b"ready") == b"ready"
    for payload in (b"1234567", b"890", b"too many", b"no"):
        await broker.publish("frames", payload)
    assert broker.dropped == 2
    async with asyncio.timeout(WAIT_S):
        assert [await heard.get(), await heard.get()] == [b"1234567", b"890"]
    await broker.close()


async def test_what_waits_is_sent_before_the_end(redis_url: str) -> None:
    one, other = RedisBroker(redis_url), RedisBroker(redis_url)
    await one.start()
    await other.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await other.listen("frames", heard.put)
    assert await _hear(other, heard, b"ready") == b"ready"
    await one.publish("frames", b"last words")
    await one.close()
    async with asyncio.timeout(WAIT_S):
        assert await heard.get() == b"last words"
    await other.close()


async def test_a_subscription_that_leads_nowhere_is_noticed(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker's machine is gone and nobody has said so: no error will ever come."""
    monkeypatch.setattr(module, "SILENCE_S", 0.2)
    monkeypatch.setattr(module, "ANSWER_TIMEOUT_S", 0.5)
    port = urlsplit(redis_url).port
    assert port is not None
    line = Proxy(lambda: port)
    await line.start()
    broker, publisher = RedisBroker(f"redis://127.0.0.1:{line.port}/0"), RedisBroker(redis_url)
    await broker.start()
    await publisher.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await broker.listen("frames", heard.put)
    assert await _hear(publisher, heard, b"before") == b"before"
    line.lose()
    while await _hear(publisher, heard, b"after") != b"after":
        pass
    await broker.close()
    await publisher.close()
    await line.close()
