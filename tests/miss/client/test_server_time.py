"""The server's time, whatever the machine's clock says."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock, SystemClock, to_ms
from miss.client.server_time import ServerTime
from tests.miss.client.doubles import Wall


def test_the_skew_follows_what_the_server_said(clock: MovableClock) -> None:
    time = ServerTime(clock)
    assert abs(time.now_ms() - to_ms(clock.now())) < 1000

    ahead_ms = 3_600_000
    time.note(to_ms(clock.now()) + ahead_ms)

    assert abs(time.skew_ms - ahead_ms) < 1000
    assert abs(time.now() - clock.now() - timedelta(hours=1)) < timedelta(seconds=1)


def test_a_clock_that_is_set_forward_makes_nothing_old(clock: MovableClock) -> None:
    time = ServerTime(clock)
    time.note(to_ms(clock.now()))
    assert abs(time.certain_ms() - time.now_ms()) < 1000

    clock.advance(timedelta(days=1))

    assert time.now_ms() - time.certain_ms() == pytest.approx(86_400_000, abs=1000)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_is_set_is_doubted_until_the_server_tells_the_time(seconds: int) -> None:
    clock = Wall()
    time = ServerTime(clock)
    clock.ahead = timedelta(seconds=seconds)
    assert not time.has_stepped(), "nothing was told that it could have moved from"
    time.note(to_ms(SystemClock().now()))
    assert not time.has_stepped()

    clock.ahead += timedelta(seconds=seconds)
    assert time.has_stepped()

    time.note(to_ms(SystemClock().now()))
    assert not time.has_stepped()
    assert abs(time.now() - SystemClock().now()) < timedelta(seconds=1)
