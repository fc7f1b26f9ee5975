"""What processes count together: the same contract on every broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from miss.base.clock import monotonic_s
from miss.broker import Broker, Counts, RedisBroker, memory_counts, redis_counts
from miss.broker.counts import Spend, key_of
from tests.conditions import WAIT_S

SLOW = 0.001
"""A token comes back after a thousand seconds."""


@pytest.fixture
async def other(broker: Broker, request: pytest.FixtureRequest) -> AsyncIterator[Counts]:
    """The counts as another process sees them."""
    if not isinstance(broker, RedisBroker):
        yield broker.counts
        return
    second = RedisBroker(request.getfixturevalue("redis_url"))
    yield second.counts
    await second.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> bytes:
    """One that no other test has."""
    return key_of("test", f"{request.node.nodeid} {monotonic_s()}".encode())


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> float:
    """How long a holder may be silent, here."""
    for module in (memory_counts, redis_counts):
        monkeypatch.setattr(module, "HELD_FOR_S", 0.3)
    return 0.3


async def spend(counts: Counts, key: bytes, tokens: float = 1, *, is_spent: bool = False) -> tuple[bool, float]:
    [balance] = await counts.spend([Spend(key, 3, SLOW, tokens, is_spent)])
    return balance.taken, round(balance.tokens, 1)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Until an awaited look is true."""
    async with asyncio.timeout(WAIT_S):
        while not await holds():  # noqa: ASYNC110  the broker tells nobody
            await asyncio.sleep(0.01)


async def test_a_bucket_is_one_whoever_takes_from_it(broker: Broker, other: Counts, key: bytes) -> None:
    assert await spend(broker.counts, key) == (True, 2)
    assert await spend(other, key, 2) == (True, 0)
    for counts in (broker.counts, other):
        assert await spend(counts, key) == (False, 0)
    # Whoever asks for nothing learns what there is.
    assert await spend(other, key, 0) == (True, 0)


async def test_what_is_not_there_is_not_taken_in_part(broker: Broker, key: bytes) -> None:
    assert await spend(broker.counts, key, 4) == (False, 3)
    assert await spend(broker.counts, key, 3) == (True, 0)


async def test_what_was_spent_already_is_owed_but_never_more_than_a_burst(
    broker: Broker, other: Counts, key: bytes
) -> None:
    assert await spend(broker.counts, key, 4, is_spent=True) == (True, -1)
    assert await spend(other, key, 9, is_spent=True) == (True, -3)
    assert await spend(other, key) == (False, -3)


async def test_tokens_come_back_with_time(broker: Broker, key: bytes) -> None:
    start_s = monotonic_s()
    for _ in range(12):
        async with asyncio.timeout(WAIT_S):
            while not (await broker.counts.spend([Spend(key, 2, 100)]))[0].taken:
                pass
    # Two at once, ten at a hundred a second; slower machines take longer, none is faster.
    assert monotonic_s() - start_s >= 0.099


async def test_a_bucket_that_is_full_again_holds_no_more_than_its_burst(broker: Broker, key: bytes) -> None:
    await broker.counts.spend([Spend(key, 2, 1000, 2)])
    await asyncio.sleep(0.02)
    [balance] = await broker.counts.spend([Spend(key, 2, 1000, 0)])
    assert balance.tokens == 2


async def test_many_at_once_take_what_there_is_and_no_more(broker: Broker, other: Counts, key: bytes) -> None:
    asked = [counts.spend([Spend(key, 20, SLOW)]) for _ in range(25) for counts in (broker.counts, other)]
    taken = [balance.taken for [balance] in await asyncio.gather(*asked)]
    assert taken.count(True) == 20


async def test_many_buckets_in_one_question(broker: Broker, key: bytes) -> None:
    keys = [key_of("many", key + number.to_bytes(2)) for number in range(1201)]
    balances = await broker.counts.spend([Spend(one, number + 1, SLOW) for number, one in enumerate(keys)])
    assert [round(balance.tokens) for balance in balances] == list(range(1201))
    assert await broker.counts.spend([]) == []


async def test_what_all_hold_is_added_up(broker: Broker, other: Counts, key: bytes) -> None:
    second = key + b"2"
    assert await broker.counts.hold(b"a" + key, {key: 3, second: 1}, [key, second]) == {key: 3, second: 1}
    assert await other.hold(b"b" + key, {key: 4}, [key]) == {key: 7}
    assert await broker.counts.hold(b"a" + key, {key: 1, second: 1}, [key]) == {key: 5}
    assert await other.hold(b"b" + key, {}, [key, second]) == {key: 1, second: 1}
    await broker.counts.let_go(b"a" + key)
    assert await other.hold(b"b" + key, {}, [key, second]) == {key: 0, second: 0}


async def test_a_holder_that_falls_silent_is_forgotten(broker: Broker, other: Counts, key: bytes, brief: float) -> None:
    await broker.counts.hold(b"killed" + key, {key: 3}, [key])
    assert await other.hold(b"lives" + key, {key: 1}, [key]) == {key: 4}

    async def is_forgotten() -> bool:
        return await other.hold(b"lives" + key, {key: 1}, [key]) == {key: 1}

    start_s = monotonic_s()
    await until(is_forgotten)
    assert monotonic_s() - start_s > brief / 3


async def test_saying_nothing_new_is_a_sign_of_life(broker: Broker, other: Counts, key: bytes, brief: float) -> None:
    await broker.counts.hold(b"a" + key, {key: 3}, [key])
    end_s = monotonic_s() + 2 * brief
    while monotonic_s() < end_s:
        assert await broker.counts.hold(b"a" + key, {key: 3}, []) == {}
        assert await other.hold(b"b" + key, {}, [key]) == {key: 3}
        await asyncio.sleep(brief / 10)


async def test_who_was_forgotten_tells_all_again(broker: Broker, other: Counts, key: bytes) -> None:
    held = {key_of("held", key + number.to_bytes(2)): 1 for number in range(1201)} | {key: 5}
    await broker.counts.hold(b"a" + key, held, held)
    await other.let_go(b"a" + key)
    assert await broker.counts.hold(b"a" + key, held, [key]) == {key: 5}
    assert await other.hold(b"b" + key, {}, held) == held
