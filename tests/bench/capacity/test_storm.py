"""Coming back takes as long as the logins take, and longer if they come too late."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.capacity.storm import PAUSE_S, weather


@settings(deadline=None, max_examples=20)
@given(st.floats(1, 1e6), st.floats(0.1, 600))
def test_nobody_is_back_before_there_was_time_for_it(devices: float, work_s: float) -> None:
    storm = weather(devices, devices / work_s)
    assert storm.back_s is None or storm.back_s >= 0.98 * max(work_s, PAUSE_S) - 1


def test_servers_with_room_take_everybody_at_the_first_attempt() -> None:
    storm = weather(6_000, 1_000)
    assert storm.given_up == 0
    assert storm.back_s == pytest.approx(PAUSE_S, abs=1)


def test_attempts_in_vain_cost_time() -> None:
    storm = weather(60_000, 100)
    assert storm.given_up > 1
    assert storm.back_s is not None
    assert storm.back_s > 60_000 / 100


@pytest.mark.parametrize("per_s", [20, 50, 200, 1_000])
def test_twice_the_servers_are_never_slower(per_s: float) -> None:
    slow, fast = weather(60_000, per_s), weather(60_000, 2 * per_s)
    assert fast.back_s is not None
    assert slow.back_s is None or fast.back_s <= slow.back_s


def test_nobody_is_back_at_once() -> None:
    assert weather(0, 10).back_s == 0
