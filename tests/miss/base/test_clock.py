"""Clocks and identifiers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import MovableClock, SystemClock, from_ms, to_ms
from miss.base.ids import new_row_id, uuid7

FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


def test_a_clock_moves_forward_only() -> None:
    clock = MovableClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    before = clock.now()
    clock.advance(timedelta(hours=1))
    assert clock.now() - before >= timedelta(hours=1)
    with pytest.raises(ValueError, match="go back"):
        clock.advance(timedelta(seconds=-1))
    clock.advance_to(before)
    assert clock.now() - before >= timedelta(hours=1)
    with pytest.raises(ValueError, match="aware"):
        MovableClock(datetime(2026, 11, 20))  # noqa: DTZ001


def test_a_released_clock_follows_the_machine_and_never_jumps_back() -> None:
    behind = MovableClock(datetime(2020, 1, 1, tzinfo=UTC))
    behind.release()
    assert abs(behind.now() - SystemClock().now()) < timedelta(seconds=5)
    ahead = MovableClock(FAR_FUTURE)
    ahead.release()
    assert ahead.now() >= FAR_FUTURE


@given(ms=st.integers(0, 253402300799000))
def test_milliseconds_round_trip(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


def test_identifiers_are_ordered_by_time_and_well_formed() -> None:
    def zeros(count: int) -> bytes:
        return bytes(count)

    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert uuid7(early, zeros) < uuid7(late, zeros)
    assert new_row_id(early, zeros) < new_row_id(late, zeros)
    raw = uuid7(early, zeros)
    assert raw[6] >> 4 == 7, "version"
    assert raw[8] >> 6 == 0b10, "variant"
