"""The table of retention: what it refuses, and what rooms take from it."""

from datetime import timedelta

import pytest

from miss.base.retention import HOUSE, How, parse_table

WHOLE = """
[area.things]
what = "Things"
tables = ["thing"]
days = 30
since = "their end"
how = "deleted"
by = "room.service"
setting = "MISS_THINGS_DAYS"
ground = "GDPR 5(1)(e)"
"""


def test_a_class_is_found_by_the_name_of_its_place() -> None:
    table = parse_table(WHOLE)
    [one] = table.classes.values()
    assert (one.id, one.how, one.lasts, one.tables) == ("area.things", How.DELETED, "30 days", ("thing",))
    assert table.period("area.things") == timedelta(days=30)
    assert table.days("area.things") == 30


@pytest.mark.parametrize(
    ("instead", "of"),
    [
        ("", 'ground = "GDPR 5(1)(e)"\n'),
        ("", 'since = "their end"\n'),
        ("", 'by = "room.service"\n'),
        ('how = "kept"', 'how = "deleted"'),
        ('how = "burnt"', 'how = "deleted"'),
        ("days = 0", "days = 30"),
        ("days = 30\nhours = 1", "days = 30"),
        ("weeks = 30", "days = 30"),
    ],
)
def test_a_class_that_is_not_whole_is_refused(instead: str, of: str) -> None:
    with pytest.raises(ValueError):
        parse_table(WHOLE.replace(of, instead))


def test_a_class_without_a_period_lends_none() -> None:
    with pytest.raises(ValueError):
        HOUSE.period("accounts.accounts")
    with pytest.raises(ValueError):
        HOUSE.months("chat.messages")


@pytest.mark.parametrize(
    ("said", "lasts"), [("days = 1", "1 day"), ("minutes = 10", "10 minutes"), ("hours = 12", "12 h")]
)
def test_periods_are_said_in_words(said: str, lasts: str) -> None:
    [one] = parse_table(WHOLE.replace("days = 30", said)).classes.values()
    assert one.lasts == lasts
