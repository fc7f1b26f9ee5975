"""How many come in a second, lately."""

import pytest

from miss.chat.delivery.pace import MEMORY_S, Pace


def test_a_steady_stream_is_told_as_it_is() -> None:
    pace = Pace(0.0)
    for number in range(1, 1001):
        pace.note(2, number * 0.002)
    assert pace.per_s == pytest.approx(1000, rel=0.01)


def test_what_was_long_ago_does_not_count() -> None:
    pace = Pace(0.0)
    for number in range(1, 101):
        pace.note(10, number * 0.001)
    assert pace.per_s > 5000
    pace.note(1, 0.1 + 10 * MEMORY_S)
    assert pace.per_s == pytest.approx(1 / (10 * MEMORY_S))


def test_one_burst_is_not_a_stream() -> None:
    pace = Pace(0.0)
    pace.note(5, 60.0)
    assert pace.per_s < 1
    pace.note(3, 60.001)
    assert pace.per_s < 100
    pace.note(5, 60.001)  # in no time at all: nothing can be said
    assert pace.per_s < 100
