"""What a form says of a quota, and what holds."""

from datetime import date, datetime

import pytest

from miss.directory.establishments.quotas import LimitRefused, Quota, QuotaChoice, QuotaRefused, Used, parse_choice
from miss.directory.establishments.quotas.model import day_after, day_of

DEFAULT = Quota(3000, 12_000)


def test_what_was_not_chosen_is_the_platforms() -> None:
    assert QuotaChoice().over(DEFAULT) == DEFAULT
    assert parse_choice("", " 50 000 ") == QuotaChoice(None, 50_000)
    assert QuotaChoice(None, 50_000).over(DEFAULT) == Quota(3000, 50_000)


@pytest.mark.parametrize("text", ["0", "1", "-5", "2.5", "many", "²", "10000001", "9" * 30])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(QuotaRefused):
        parse_choice(text, "")


def test_a_limit_is_none_unless_it_is_set() -> None:
    assert parse_choice("", "", "", "0") == QuotaChoice()
    assert parse_choice("", "", "2 000", "1") == QuotaChoice(None, None, 2000, 1)
    assert QuotaChoice(stored_mb=2000).over(DEFAULT) == Quota(3000, 12_000, 2000, None)


@pytest.mark.parametrize("text", ["-5", "2.5", "many", "²", "10000001"])
def test_a_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(LimitRefused):
        parse_choice("", "", text, "")
    with pytest.raises(LimitRefused):
        parse_choice("", "", "", text)


@pytest.mark.parametrize(
    ("instant", "day", "next_day"),
    [
        ("2026-11-23T22:59:59+00:00", "2026-11-23", "2026-11-23T23:00:00+00:00"),
        ("2026-11-23T23:00:00+00:00", "2026-11-24", "2026-11-24T23:00:00+00:00"),
        ("2026-10-24T22:00:00+00:00", "2026-10-25", "2026-10-25T23:00:00+00:00"),
        ("2027-03-27T23:30:00+00:00", "2027-03-28", "2027-03-28T22:00:00+00:00"),
    ],
)
def test_days_are_those_of_paris_also_when_the_clocks_change(instant: str, day: str, next_day: str) -> None:
    assert day_of(datetime.fromisoformat(instant)) == date.fromisoformat(day)
    assert day_after(datetime.fromisoformat(instant)) == datetime.fromisoformat(next_day)


def test_what_is_nearly_full_never_looks_empty() -> None:
    assert [Used(stored).stored_mb for stored in (0, 1, 1_000_000, 1_000_001)] == [0, 1, 1, 2]
