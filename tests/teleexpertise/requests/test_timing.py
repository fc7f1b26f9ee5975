"""Minutes on the form, without the telephone call in between."""

from datetime import UTC, datetime, timedelta

from teleexpertise.requests.timing import answering_minutes, answering_time

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def at(*seconds: int) -> list[datetime]:
    return [START + timedelta(seconds=one) for one in seconds]


def test_the_time_between_items_adds_up_in_whatever_order_they_come() -> None:
    assert answering_time(at(90, 0, 30)) == timedelta(seconds=90)
    assert answering_minutes(at(0, 150)) == 2.5


def test_a_long_silence_counts_for_three_minutes() -> None:
    assert answering_time(at(0, 60, 7200, 7230)) == timedelta(seconds=60 + 180 + 30)


def test_one_item_has_no_duration() -> None:
    assert answering_time(at(5)) is None
    assert answering_minutes([]) is None
