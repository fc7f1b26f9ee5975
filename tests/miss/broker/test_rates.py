"""Token buckets spent in each process and settled together; two `Rates` on the same counts are two processes."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from miss.base.clock import monotonic_s
from miss.broker import Broker, CountsAway, Rates, memory_counts, rates
from miss.broker.counts import Balance, Spend, key_of
from miss.broker.memory_counts import MemoryCounts
from miss.protocol.session import Rate
from tests.conditions import WAIT_S

SLOW = Rate(burst=3, per_s=0.001)
WHO = b"somebody"


class Moody(MemoryCounts):
    """Counts that may be away, and that say how often they were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.asked: list[Sequence[Spend]] = []

    async def spend(self, spends: Sequence[Spend]) -> list[Balance]:
        self.asked.append(spends)
        if self.is_away:
            raise CountsAway
        return await super().spend(spends)

    async def hold(self, holder: bytes, held: Mapping[bytes, int], changed: Collection[bytes]) -> dict[bytes, int]:
        raise AssertionError


@pytest.fixture
def moody() -> Moody:
    return Moody()


def spent(process: Rates, times: int, rate: Rate = SLOW) -> list[bool]:
    """Whether each of so many tries was let through."""
    return [process.take("send", WHO, rate) == 0 for _ in range(times)]


async def test_the_hot_path_asks_nobody(moody: Moody) -> None:
    process = Rates(moody)
    assert spent(process, 5) == [True] * 3 + [False] * 2
    assert process.take("send", WHO, SLOW) == pytest.approx(1000, rel=0.01)
    assert moody.asked == []
    await process.settle()
    [[spend]] = moody.asked
    assert (spend.key, spend.tokens, spend.is_spent) == (key_of("send", WHO), 3, True)
    # Nothing new, nothing to say.
    await process.settle()
    assert moody.asked[1:] == [[]]


async def test_subjects_and_kinds_are_apart(moody: Moody) -> None:
    process = Rates(moody)
    spent(process, 3)
    assert process.take("send", b"somebody else", SLOW) == 0
    assert process.take("pull", WHO, SLOW) == 0


async def test_two_processes_are_one_bucket_from_the_next_settlement_on(broker: Broker) -> None:
    first, second = Rates(broker.counts), Rates(broker.counts)
    who = key_of("two", str(monotonic_s()).encode())
    for process in (first, second):
        assert [process.take("send", who, SLOW) for _ in range(3)] == [0, 0, 0]
    await first.settle()
    await second.settle()
    # Six of three were spent: the second owes what it took too much.
    assert second.take("send", who, SLOW) == pytest.approx(4000, rel=0.01)
    # Another process that knows nothing yet learns it as soon as it has spent one.
    third = Rates(broker.counts)
    assert third.take("send", who, SLOW) == 0
    await third.settle()
    assert third.take("send", who, SLOW) == pytest.approx(4000, rel=0.01)


@pytest.mark.parametrize("settle_every", [1, 20, 100])
async def test_over_time_there_is_one_rate_for_all(
    moody: Moody, monkeypatch: pytest.MonkeyPatch, settle_every: int
) -> None:
    """Ten seconds, a millisecond at a time: four processes let through what one would."""
    now_s = 100.0
    for module in (rates, memory_counts):
        monkeypatch.setattr(module, "monotonic_s", lambda: now_s)
    rate = Rate(burst=20, per_s=50)
    processes = [Rates(moody) for _ in range(4)]
    let_through = 0
    for step in range(10_000):
        now_s += 0.001
        let_through += sum(process.take("send", WHO, rate) == 0 for process in processes)
        if step % settle_every == 0:
            for process in processes:
                await process.settle()
    # 520 in one process.  Each of the four may have had its burst before it heard of the others', who forgive all
    # but one burst of it; then it is the rate that counts.
    assert 500 <= let_through <= 520 + 4 * 20


async def test_what_is_asked_is_exact(broker: Broker) -> None:
    processes = [Rates(broker.counts), Rates(broker.counts)]
    who = key_of("ask", str(monotonic_s()).encode())
    waits = await asyncio.gather(*(process.ask("code", who, SLOW) for process in processes for _ in range(5)))
    assert [wait_s == 0 for wait_s in waits].count(True) == 3
    assert max(waits) == pytest.approx(1000, rel=0.01)


async def test_who_was_refused_together_is_refused_here_without_asking(moody: Moody) -> None:
    first, second = Rates(moody), Rates(moody)
    assert [await first.ask("code", WHO, SLOW) for _ in range(3)] == [0, 0, 0]
    assert await second.ask("code", WHO, SLOW) > 990
    asked = len(moody.asked)
    assert await second.ask("code", WHO, SLOW) > 990
    assert len(moody.asked) == asked


async def test_without_counts_each_process_goes_on_with_its_own(moody: Moody) -> None:
    process = Rates(moody)
    moody.is_away = True
    assert spent(process, 2) == [True, True]
    await process.settle()
    assert spent(process, 2) == [True, False]
    assert [await process.ask("code", WHO, SLOW) == 0 for _ in range(4)] == [True, True, True, False]
    await process.settle()
    # Nobody is told afterwards what was counted here meanwhile: it would be counted twice.
    moody.is_away = False
    await process.settle()
    assert moody.asked[-1] == []


async def test_counts_that_forgot_everything_give_nothing_back(moody: Moody) -> None:
    process = Rates(moody)
    spent(process, 3)
    await process.settle()
    await moody.close()
    assert spent(process, 1) == [False]
    assert await process.ask("send", WHO, SLOW) > 0


async def test_what_is_spent_while_the_answer_is_under_way_is_settled_next(moody: Moody) -> None:
    process = Rates(moody)
    rate = Rate(burst=10, per_s=0.001)

    class Spending(Moody):
        async def spend(self, spends: Sequence[Spend]) -> list[Balance]:
            balances = await super().spend(spends)
            if len(self.asked) == 1:
                assert spent(process, 2, rate) == [True, True]
            return balances

    counts = Spending()
    # Others have taken four of ten.
    await MemoryCounts.spend(counts, [Spend(key_of("send", WHO), *_of(rate), 4)])
    process = Rates(counts)
    spent(process, 3, rate)
    await process.settle()
    assert spent(process, 2, rate) == [True, False]
    await process.settle()
    assert [[spend.tokens for spend in asked] for asked in counts.asked] == [[3], [3]]
    assert spent(process, 1, rate) == [False]


@asynccontextmanager
async def settling(counts: MemoryCounts, settle_s: float) -> AsyncIterator[Rates]:
    process = Rates(counts, settle_s=settle_s)
    process.start()
    yield process
    await process.close()
    await process.close()


async def test_it_settles_by_itself_and_at_the_end(moody: Moody) -> None:
    async with settling(moody, 0.005) as process:
        spent(process, 1)
        async with asyncio.timeout(WAIT_S):
            while not moody.asked:  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.005)
    async with settling(moody, 1000) as process:
        spent(process, 1)
    assert [spend.tokens for spend in moody.asked[-1]] == [1]
    assert (await moody.spend([Spend(key_of("send", WHO), *_of(SLOW), tokens=0)]))[0].tokens == pytest.approx(
        1, abs=0.1
    )


def _of(rate: Rate) -> tuple[int, float]:
    return rate.burst, rate.per_s


async def test_a_fault_does_not_end_the_settling(moody: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(spends: Sequence[Spend]) -> list[Balance]:
        monkeypatch.undo()
        raise RuntimeError("a bug")

    monkeypatch.setattr(moody, "spend", fail)
    async with settling(moody, 0.005) as process:
        spent(process, 1)
        async with asyncio.timeout(WAIT_S):
            while not moody.asked:
                process.take("send", b"another", Rate(burst=1000, per_s=1))
                await asyncio.sleep(0.005)


async def test_the_ones_unused_for_longest_are_forgotten(moody: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_BUCKETS", 2)
    process = Rates(moody)
    for who in (b"a", b"b", b"a", b"c"):
        assert process.take("send", who, Rate(burst=2, per_s=0.001)) == 0
    assert process.take("send", b"a", Rate(burst=2, per_s=0.001)) > 0
    assert process.bucket("send", b"a", SLOW) is process.bucket("send", b"a", SLOW)
