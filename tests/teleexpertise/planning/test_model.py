from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.availability import Availability, Leave, WeeklySlot
from teleexpertise.dispatch import Pool
from teleexpertise.planning.model import FEWEST, Expectation, expect, percentile

HOUR = timedelta(hours=1)
WEEK = Availability(tuple(WeeklySlot(day, time(9), time(18), "Europe/Paris") for day in range(5)))
POOL = Pool(
    id=PoolId("nord"), name="Nord", questionnaire="dermatologie", coordinator_id=PractitionerId("marc"), hours=WEEK,
    zone="Europe/Paris", answer_within=27 * HOUR, accept_within=4 * HOUR, answer_time=HOUR / 2,
)  # fmt: skip
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""10 h in Paris."""
NOBODY_SPECIAL = Availability()
"""Declared nothing: keeps the pool's hours."""


def paris(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour - 1, tzinfo=UTC)


def test_half_of_the_answers_and_nine_out_of_ten_in_working_time() -> None:
    worked = [HOUR] * 2 + [9 * HOUR] * 7 + [14 * HOUR]
    assert expect(POOL, [NOBODY_SPECIAL], worked, FRIDAY) == Expectation(1, paris(23, 10), is_measured=True)
    late = [HOUR] * 2 + [9 * HOUR] * 6 + [14 * HOUR] * 2
    assert expect(POOL, [NOBODY_SPECIAL], late, FRIDAY) == Expectation(1, paris(23, 15), is_measured=True)


def test_the_same_day_is_no_working_day() -> None:
    assert expect(POOL, [NOBODY_SPECIAL], [HOUR] * 9, FRIDAY) == Expectation(0, paris(20, 11), is_measured=True)


def test_too_few_answers_leave_the_promise() -> None:
    promised = Expectation(3, paris(25, 10), is_measured=False)
    assert expect(POOL, [NOBODY_SPECIAL], [HOUR] * (FEWEST - 1), FRIDAY) == promised
    assert expect(POOL, [NOBODY_SPECIAL], [], FRIDAY) == promised


def test_the_clock_starts_when_somebody_has_a_slot() -> None:
    tuesdays = Availability((WeeklySlot(1, time(9), time(12), "Europe/Paris"),))
    thursdays = Availability((WeeklySlot(3, time(9), time(12), "Europe/Paris"),))
    found = expect(POOL, [thursdays, tuesdays], [HOUR] * 9, FRIDAY)
    assert found == Expectation(2, paris(24, 10), is_measured=True)


def test_a_pool_without_a_slot_or_without_anybody_expects_nothing() -> None:
    away = Availability(leaves=(Leave(FRIDAY.date(), FRIDAY.date() + timedelta(days=500)),))
    assert expect(POOL, [away], [HOUR] * 9, FRIDAY) is None
    assert expect(POOL, [], [HOUR] * 9, FRIDAY) is None
    assert expect(replace(POOL, hours=Availability()), [WEEK], [HOUR] * 9, FRIDAY) is None


def test_la_reunion_asks_lille_on_a_night_when_clocks_change() -> None:
    """Saturday evening in Saint-Denis, before Paris goes back an hour: Monday 9 h in Lille is 8 h UTC, not 7."""
    asked = datetime(2026, 10, 24, 20, tzinfo=UTC)
    found = expect(POOL, [NOBODY_SPECIAL], [HOUR] * 9, asked)
    assert found == Expectation(1, datetime(2026, 10, 26, 9, tzinfo=UTC), is_measured=True)


def test_minutes_are_rounded_up() -> None:
    found = expect(POOL, [NOBODY_SPECIAL], [timedelta(minutes=61)] * 9, FRIDAY)
    assert found is not None
    assert found.before == paris(20, 12)


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.9, 9), (1.0, 10), (0.01, 1)])
def test_percentiles_are_of_the_nearest_rank(share: float, value: int) -> None:
    assert percentile([HOUR * n for n in range(10, 0, -1)], share) == HOUR * value


@given(worked=st.lists(st.integers(1, 60 * 60), min_size=FEWEST, max_size=30), minutes=st.integers(0, 20_000))
def test_nobody_is_promised_an_answer_in_the_past(worked: list[int], minutes: int) -> None:
    asked = FRIDAY + timedelta(minutes=minutes)
    found = expect(POOL, [NOBODY_SPECIAL], [timedelta(minutes=one) for one in worked], asked)
    assert found is not None
    assert found.before > asked
    assert found.working_days >= 0
