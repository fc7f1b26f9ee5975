"""What one account can see of the directory in a day, however it asks: less than 1 % of the register."""

import pytest

from miss.broker import MemoryBroker, Rates, rates
from miss.directory.search.errors import SearchQuotaReached
from miss.directory.search.quota import DAILY, HOURLY, SearchQuota, daily_rate, search_rates

REGISTER = 1_500_000
PAGE_ENTRIES = 20
HOUR_S, DAY_S = 3_600.0, 86_400.0


class Hands:
    """A clock of buckets that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands()
    monkeypatch.setattr(rates, "monotonic_s", hands)
    monkeypatch.setattr("miss.broker.memory_counts.monotonic_s", hands)
    return hands


@pytest.fixture
def shared(hands: Hands) -> Rates:
    return Rates(MemoryBroker().counts)


async def crawl(quota: SearchQuota, hands: Hands, subject: bytes, until_s: float) -> int:
    """Ask as often as possible; how many pages were answered."""
    answered = 0
    while hands.now_s < until_s:
        try:
            await quota.take(subject)
            answered += 1
        except SearchQuotaReached as refused:
            wait_s = refused.retry_after_s
            assert wait_s is not None
            assert wait_s >= 1
            hands.now_s += wait_s
    return answered


async def test_a_crawl_of_a_day_sees_less_than_one_percent(shared: Rates, hands: Hands) -> None:
    quota = SearchQuota(shared, search_rates(120, 600), search_rates(600, 12_000))
    pages = await crawl(quota, hands, b"one account", hands.now_s + DAY_S)
    assert 400 < pages <= 600
    assert pages * PAGE_ENTRIES < REGISTER / 100
    # Nor does a second day begin with a full bucket.
    assert await crawl(quota, hands, b"one account", hands.now_s + DAY_S) <= 301


async def test_an_hour_has_its_own_limit(shared: Rates, hands: Hands) -> None:
    quota = SearchQuota(shared, search_rates(120, 600), search_rates(600, 12_000))
    assert await crawl(quota, hands, b"one account", hands.now_s + HOUR_S) <= 240
    assert await crawl(quota, hands, b"another one", hands.now_s + 1) == 120


async def test_the_picker_of_the_chat_spends_from_the_same_buckets(shared: Rates) -> None:
    quota = SearchQuota(shared, search_rates(3, 100), search_rates(600, 12_000))
    for kind, rate in ((HOURLY, search_rates(3, 100).hourly), (DAILY, daily_rate(100))):
        assert shared.take(kind, b"uid", rate) == 0
    await shared.settle()
    await quota.take(b"uid")
    await quota.take(b"uid")
    with pytest.raises(SearchQuotaReached) as refused:
        await quota.take(b"uid")
    assert "min" in refused.value.sentence()


async def test_a_program_pays_for_every_entry_it_is_shown(shared: Rates, hands: Hands) -> None:
    quota = SearchQuota(shared, search_rates(120, 600), search_rates(600, 12_000))
    end_s, shown = hands.now_s + DAY_S, 0
    while hands.now_s < end_s:
        try:
            await quota.take(b"token", is_program=True)
        except SearchQuotaReached as refused:
            hands.now_s += refused.retry_after_s or 0
            continue
        shown += PAGE_ENTRIES
        await quota.count_shown(b"token", PAGE_ENTRIES, is_program=True)
    assert 8_000 < shown < REGISTER / 100
    # What it means, one person a question, it may ask all day long.
    for _ in range(500):
        await quota.take(b"another", is_program=True)
        await quota.count_shown(b"another", 1, is_program=True)


async def test_programs_have_numbers_of_their_own(shared: Rates) -> None:
    quota = SearchQuota(shared, search_rates(1, 100), search_rates(2, 100))
    await quota.take(b"token", is_program=True)
    await quota.take(b"token", is_program=True)
    with pytest.raises(SearchQuotaReached):
        await quota.take(b"token", is_program=True)
    await quota.take(b"person")
    with pytest.raises(SearchQuotaReached):
        await quota.take(b"person")


async def test_an_establishment_may_be_given_a_day_of_its_own(shared: Rates, hands: Hands) -> None:
    quota = SearchQuota(shared, search_rates(120, 600), search_rates(600, 12_000))
    for subject, per_day in ((b"usual", None), (b"more", 60_000)):
        await quota.take(subject, is_program=True, per_day=per_day)
        await quota.count_shown(subject, 6_001, is_program=True, per_day=per_day)
    with pytest.raises(SearchQuotaReached):
        await quota.take(b"usual", is_program=True)
    await quota.take(b"more", is_program=True, per_day=60_000)
