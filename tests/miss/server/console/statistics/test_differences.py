"""Subtracting one view of the statistics from another finds nobody."""

from hypothesis import given, settings
from hypothesis import strategies as st

from miss.server.console.statistics.model import FEW, USERS, Counted, Dimension, Hidden, Month, Place, Sum
from miss.server.console.statistics.service import Question, Report, _report

NOVEMBER = Month("2026-11")
NORTH, SOUTH = "32", "04"
DEPARTMENTS = {NORTH: "59", SOUTH: "974"}


def people(table: dict[tuple[str, str], int]) -> list[Counted]:
    """One sum for each profession and region, ten acts each."""
    return [
        Counted(NOVEMBER, Place(profession=profession, department=DEPARTMENTS[region]), Sum(number * 10, number))
        for (profession, region), number in table.items()
        if number
    ]


def ask(counted: list[Counted], dimension: Dimension, measure: str = "mails_in", **filters: str) -> Report:
    return _report(counted, Question(measure, dimension, NOVEMBER, NOVEMBER, **filters), [NOVEMBER])


def value_of(report: Report, code: str) -> object:
    return next((line.value for line in report.lines if line.code == code), 0)


def test_one_person_is_not_what_is_left_when_a_filter_is_subtracted() -> None:
    counted = people({("10", NORTH): 9, ("60", NORTH): 1, ("10", SOUTH): 8, ("60", SOUTH): 20})
    for measure in ("mails_in", USERS):
        everybody = ask(counted, Dimension.REGION, measure)
        assert value_of(everybody, NORTH) == 100
        doctors = ask(counted, Dimension.REGION, measure, profession="10")
        assert isinstance(value_of(doctors, NORTH), Hidden), "100 less 90 is one nurse"
        assert isinstance(
            value_of(ask(counted, Dimension.REGION, measure, region=NORTH, profession="10"), NORTH), Hidden
        )


def test_the_curve_and_the_total_are_kept_back_as_well() -> None:
    counted = people({("10", NORTH): 30, ("60", NORTH): 1})
    report = ask(counted, Dimension.REGION, profession="10")
    assert [line.value for line in report.series] == [Hidden.KEPT_BACK]
    assert report.total is Hidden.KEPT_BACK


def test_many_people_on_both_sides_are_shown() -> None:
    counted = people({("10", NORTH): 9, ("60", NORTH): 7, ("10", SOUTH): 8, ("60", SOUTH): 20})
    report = ask(counted, Dimension.REGION, profession="10")
    assert {line.code: line.value for line in report.lines} == {NORTH: 90, SOUTH: 80}
    assert (report.total, report.series[0].value) == (170, 170)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_what_two_views_leave_is_nobody_or_enough_people(numbers: list[int]) -> None:
    places = [(profession, region) for profession in ("10", "60") for region in (NORTH, SOUTH)]
    table = dict(zip(places, numbers, strict=True))
    counted = people(table)
    everybody = ask(counted, Dimension.REGION)
    for profession, other in (("10", "60"), ("60", "10")):
        filtered = ask(counted, Dimension.REGION, profession=profession)
        for region in (NORTH, SOUTH):
            whole, part = value_of(everybody, region), value_of(filtered, region)
            if not isinstance(whole, Hidden) and not isinstance(part, Hidden) and table[profession, region]:
                assert table[other, region] == 0 or table[other, region] >= FEW
