"""What is particular to counts in Redis: it goes away, stands still, forgets, has its clock set back."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from miss.base.clock import monotonic_s
from miss.broker import CountsAway, redis_counts
from miss.broker.counts import Spend, key_of
from miss.broker.redis_counts import BUCKET, RedisCounts
from tests import servers
from tests.conditions import WAIT_S

KEY = key_of("test", b"somebody")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_counts, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(redis_counts, "PAUSE_S", 0.1)


@asynccontextmanager
async def counting(url: str) -> AsyncIterator[RedisCounts]:
    counts = RedisCounts(url)
    yield counts
    await counts.close()


async def test_without_redis_nobody_waits(hasty: None) -> None:
    async with counting(f"redis://127.0.0.1:{servers.free_port()}/0") as counts:
        for asked in (counts.spend([Spend(KEY, 1, 1)]), counts.hold(b"a", {KEY: 1}, [KEY]), counts.let_go(b"a")):
            with pytest.raises(CountsAway):
                await asked


async def test_a_redis_that_stands_still_is_waited_for_once(hasty: None) -> None:
    port = servers.free_port()
    server = servers.start_redis(port)
    async with counting(f"redis://127.0.0.1:{port}/0") as counts:
        try:
            await when_back(counts)
            server.send_signal(signal.SIGSTOP)
            start_s = monotonic_s()
            for _ in range(100):
                with pytest.raises(CountsAway):
                    await counts.spend([Spend(KEY, 5, 0.001)])
            # One of them has waited; the others knew.
            assert 0.2 <= monotonic_s() - start_s < 0.6
            server.send_signal(signal.SIGCONT)
            # What was asked in vain may have been counted, and is not asked for again.
            assert 0 <= await when_back(counts) <= 3.01
        finally:
            server.send_signal(signal.SIGCONT)
            server.kill()
            server.wait()


async def when_back(counts: RedisCounts) -> float:
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                [balance] = await counts.spend([Spend(KEY, 5, 0.001)])
                return balance.tokens
            except CountsAway:
                await asyncio.sleep(0.01)


async def test_a_redis_that_lost_everything_and_its_scripts_counts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_counts, "PAUSE_S", 0.1)
    port = servers.free_port()
    server = servers.start_redis(port)
    async with counting(f"redis://127.0.0.1:{port}/0") as counts:
        try:
            assert await when_back(counts) == 4
            await counts.hold(b"a", {KEY: 7}, [KEY])
            server.kill()
            server.wait()
            server = servers.start_redis(port)
            assert await when_back(counts) == 4
            assert await counts.hold(b"a", {KEY: 7}, []) == {}
            assert await counts.hold(b"b", {}, [KEY]) == {KEY: 7}
        finally:
            server.kill()
            server.wait()


async def test_everything_in_redis_has_an_end_and_names_nobody(redis_url: str) -> None:
    subject = b"192.0.2.77"
    key = key_of("attempts", subject)
    async with counting(redis_url) as counts, Redis.from_url(redis_url) as redis:
        await counts.spend([Spend(key, 60, 1, 30, is_spent=True), Spend(key_of("x", b""), 10, 10, 20, is_spent=True)])
        await counts.hold(b"process", {key_of("account", subject): 2}, [key_of("account", subject)])
        names = [name async for name in redis.scan_iter()]
        assert len(names) >= 4
        for name in names:
            assert await redis.pttl(name) > 0, name
            assert subject not in name
        assert 29_000 < await redis.pttl(BUCKET + key.hex().encode()) <= 30_000


async def test_a_clock_that_was_set_back_locks_nobody_out(redis_url: str) -> None:
    key = key_of("clock", b"")
    async with counting(redis_url) as counts, Redis.from_url(redis_url) as redis:
        seconds, _ = await redis.time()
        # What an hour later wrote.
        await redis.set(BUCKET + key.hex().encode(), (seconds + 3600) * 1_000_000)
        [balance] = await counts.spend([Spend(key, 4, 100)])
        assert (balance.taken, round(balance.tokens)) == (False, -4)
        async with asyncio.timeout(WAIT_S):
            while not balance.taken:
                [balance] = await counts.spend([Spend(key, 4, 100)])
