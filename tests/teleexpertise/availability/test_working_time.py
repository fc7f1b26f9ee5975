from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teleexpertise.availability.errors import NeverOpen
from teleexpertise.availability.model import Availability, WeeklySlot
from teleexpertise.availability.working_time import (
    HORIZON,
    add_working_time,
    find_working_time_end,
    working_time_between,
)

HOUR = timedelta(hours=1)
OFFICE = Availability(tuple(WeeklySlot(weekday, time(8), time(18), "Europe/Paris") for weekday in range(5)))
NIGHTS = Availability(
    (WeeklySlot(5, time(20), time(0), "Europe/Paris"), WeeklySlot(6, time(0), time(8), "Europe/Paris"))
)
ALWAYS = Availability(tuple(WeeklySlot(day, time(0), time(0), "Europe/Paris") for day in range(7)), territory=None)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_weekend_does_not_count() -> None:
    friday_16h = utc(2026, 11, 20, 15)
    assert add_working_time(friday_16h, 3 * HOUR, OFFICE) == utc(2026, 11, 23, 8)
    assert working_time_between(friday_16h, utc(2026, 11, 23, 8), OFFICE) == 3 * HOUR


def test_a_duration_that_fills_the_day_ends_at_closing_time() -> None:
    assert add_working_time(utc(2026, 11, 20, 15), 2 * HOUR, OFFICE) == utc(2026, 11, 20, 17)


def test_no_duration_ends_at_once_even_at_night() -> None:
    assert add_working_time(utc(2026, 11, 20, 23), timedelta(0), OFFICE) == utc(2026, 11, 20, 23)


def test_a_holiday_does_not_count() -> None:
    assert add_working_time(utc(2026, 4, 30, 14), 2 * HOUR, OFFICE) == utc(2026, 4, 30, 16)
    assert add_working_time(utc(2026, 4, 30, 14), 3 * HOUR, OFFICE) == utc(2026, 5, 4, 7)  # the 1st of May is a Friday


def test_the_spring_night_holds_an_hour_less() -> None:
    assert working_time_between(utc(2026, 3, 28), utc(2026, 3, 30), NIGHTS) == 11 * HOUR
    assert working_time_between(utc(2026, 10, 24), utc(2026, 10, 26), NIGHTS) == 13 * HOUR


def test_round_the_clock_working_time_is_time() -> None:
    start = utc(2026, 10, 20, 3)
    assert add_working_time(start, timedelta(days=10), ALWAYS) == start + timedelta(days=10)


def test_hours_that_never_open_hold_no_deadline() -> None:
    start = utc(2026, 11, 20)
    assert find_working_time_end(start, HOUR, Availability()) is None
    assert find_working_time_end(start, timedelta(days=365), OFFICE) is None
    with pytest.raises(NeverOpen) as refused:
        add_working_time(start, HOUR, Availability())
    assert str(HORIZON.days) in refused.value.sentence()


def test_an_end_that_does_not_follow_holds_nothing() -> None:
    assert working_time_between(utc(2026, 11, 20, 12), utc(2026, 11, 20, 9), OFFICE) == timedelta(0)


@given(
    st.sampled_from([OFFICE, NIGHTS, ALWAYS]),
    st.integers(0, 365 * 24 * 60),
    st.integers(1, 60 * 60),
    st.integers(1, 60 * 60),
)
@settings(max_examples=60, deadline=None)
def test_adding_and_measuring_are_inverse_and_add_up(hours: Availability, start: int, one: int, two: int) -> None:
    begin = utc(2026, 1, 1) + timedelta(minutes=start)
    first, second = timedelta(minutes=one), timedelta(minutes=two)
    middle = add_working_time(begin, first, hours)
    end = add_working_time(begin, first + second, hours)
    assert working_time_between(begin, middle, hours) == first
    assert add_working_time(middle, second, hours) == end
    assert working_time_between(middle, end, hours) == second
