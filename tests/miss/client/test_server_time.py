"""The server's time, whatever the machine's clock says."""

from datetime import timedelta

from miss.base.clock import MovableClock, to_ms
from miss.client.server_time import ServerTime


def test_the_skew_follows_what_the_server_said(clock: MovableClock) -> None:
    time = ServerTime(clock)
    assert abs(time.now_ms() - to_ms(clock.now())) < 1000

    ahead_ms = 3_600_000
    time.note(to_ms(clock.now()) + ahead_ms)

    assert abs(time.skew_ms - ahead_ms) < 1000
    assert abs(time.now() - clock.now() - timedelta(hours=1)) < timedelta(seconds=1)
