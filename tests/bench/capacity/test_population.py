"""A day has all its messages, and every habit its reason."""

from dataclasses import fields

import pytest

from bench.capacity.population import (
    HABITS,
    HOURS,
    MINUTES,
    NINE,
    REASONS,
    Habits,
    online_at,
    peak_minute,
    share_of,
)


def test_the_minutes_add_up_to_the_day() -> None:
    assert sum(map(share_of, range(MINUTES))) == pytest.approx(1)


def test_the_hour_keeps_its_share_whatever_its_first_minutes_take() -> None:
    hour = sum(share_of(minute) for minute in range(60 * NINE, 60 * NINE + 60))
    assert hour == pytest.approx(HOURS[NINE] / sum(HOURS))


def test_nine_o_clock_is_the_peak() -> None:
    assert peak_minute() == 60 * NINE


def test_devices_come_and_go_with_the_messages() -> None:
    assert online_at(60 * NINE, HABITS) == HABITS.online
    assert 0 < online_at(60 * 3, HABITS) < 0.2 * HABITS.online


def test_every_habit_has_a_reason() -> None:
    assert list(REASONS) == [field.name for field in fields(Habits)]
    assert all(REASONS.values())
