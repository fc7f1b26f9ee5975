"""Months, sums, and what of them may be shown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, OrganizationId, PractitionerId
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.practitioners.model import from_establishment, from_staff
from miss.directory.staff_people import StaffPerson
from miss.server.console.statistics.model import (
    FEW,
    PARTY,
    STAFF,
    USERS,
    Counted,
    Dimension,
    Hidden,
    Month,
    Place,
    Sum,
    add_up,
    bounds,
    by_code,
    by_month,
    month_of,
    months_until,
    place_of,
    show,
    show_alone,
)
from miss.server.console.statistics.regions import COLLECTIVITIES, REGIONS

LILLE = Place("10", "SM15", "59", "ch-lille")
ARRAS = Place("10", "SM54", "62", "")
OCTOBER, NOVEMBER = Month("2026-10"), Month("2026-11")


def people(*numbers: int) -> list[Sum]:
    return [Sum(number * 10, number) for number in numbers]


def test_a_month_is_a_calendar_month() -> None:
    assert month_of(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == "2026-11"
    assert bounds(Month("2026-12")) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert months_until(Month("2027-02"), 4) == ["2026-11", "2026-12", "2027-01", "2027-02"]


@given(st.integers(1970, 9998), st.integers(1, 12))
def test_months_follow_one_another_without_a_gap(year: int, number: int) -> None:
    month = Month(f"{year:04}-{number:02}")
    start, end = bounds(month)
    assert month_of(start) == month
    assert months_until(month_of(end), 2) == [month, month_of(end)]


def test_everybody_is_counted_in_one_place() -> None:
    anne, paul, gone, nobody = (PractitionerId(one) for one in ("anne", "paul", "gone", ""))
    sums = add_up({anne: 3, paul: 2, gone: 1, nobody: 7}, {anne: LILLE, paul: LILLE})
    assert sums == {LILLE: Sum(5, 2), Place(): Sum(8, 8)}
    assert add_up({anne: 0}, {anne: LILLE}) == {}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((20, 10, 5), [200, 100, 50]),
        ((20, 10, 4), [200, Hidden.KEPT_BACK, Hidden.FEW]),
        ((20, 10, 4, 3), [200, 100, Hidden.FEW, Hidden.FEW]),
        ((20, 10, 1, 1), [200, Hidden.KEPT_BACK, Hidden.FEW, Hidden.FEW]),
        ((4,), [Hidden.FEW]),
        ((20, 0), [200, 0]),
        ((20, 4, 0), [Hidden.KEPT_BACK, Hidden.FEW, 0]),
        ((), []),
    ],
)
def test_few_people_are_hidden_and_cannot_be_worked_out(counts: tuple[int, ...], shown: list[object]) -> None:
    assert show(people(*counts)) == shown


@given(st.lists(st.integers(0, 12), max_size=12))
def test_what_is_hidden_is_never_one_number_nor_few_people(counts: list[int]) -> None:
    shown = show(people(*counts))
    hidden = [number for number, value in zip(counts, shown, strict=True) if isinstance(value, Hidden)]
    assert all(number == 0 or number >= FEW for number, value in zip(counts, shown, strict=True) if value != Hidden.FEW)
    if hidden and sum(hidden) < sum(counts):
        assert len(hidden) > 1
        assert sum(hidden) >= FEW
    assert [show_alone(one) for one in people(0, 4, 5)] == [0, Hidden.FEW, 50]


def test_flows_add_up_over_months_and_users_do_not() -> None:
    counted = [
        Counted(OCTOBER, LILLE, Sum(100, 8)),
        Counted(NOVEMBER, LILLE, Sum(50, 9)),
        Counted(NOVEMBER, ARRAS, Sum(30, 6)),
    ]
    months = [OCTOBER, NOVEMBER]
    assert by_month(counted, months) == [Sum(100, 8), Sum(80, 15)]
    assert by_code(counted, Dimension.DEPARTMENT, months, "messages") == {"59": Sum(150, 9), "62": Sum(30, 6)}
    assert by_code(counted, Dimension.DEPARTMENT, months, USERS) == {"59": Sum(50, 9), "62": Sum(30, 6)}
    assert by_code(counted, Dimension.REGION, months, "messages") == {"32": Sum(180, 15)}
    assert by_code(counted, Dimension.ESTABLISHMENT, months, "messages") == {"ch-lille": Sum(150, 9), "": Sum(30, 6)}
    assert by_code(counted, Dimension.PROFESSION, [], USERS) == {}


def test_there_are_18_regions_and_every_department_lies_in_one_place() -> None:
    assert len(REGIONS) == 18
    metropolitan = [f"{number:02}" for number in range(1, 96) if number != 20] + ["2A", "2B"]
    overseas = ["971", "972", "973", "974", "976"]
    regions = {
        department: Place(department=department).code(Dimension.REGION) for department in metropolitan + overseas
    }
    assert set(regions.values()) == set(REGIONS)
    assert (regions["59"], regions["2A"], regions["974"]) == ("32", "94", "04")
    assert {Place(department=one).code(Dimension.REGION) for one in ("975", "977", "978")} == set(COLLECTIVITIES)
    assert Place(department="99").code(Dimension.REGION) == ""


def test_who_is_not_of_the_register_is_counted_as_what_they_are() -> None:
    staff = StaffPerson(
        id=PractitionerId("3590000014/0001"),
        family="Buvard",
        given="Odile",
        function="secrétaire",
        employer="CH fictif",
        email="odile@contact.example",
        invited_by=AccountId(b"a" * 16),
        since=datetime(2026, 11, 20, tzinfo=UTC),
    )
    assert place_of(from_staff(staff)) == Place(STAFF, "", "59", "")
    assert place_of(from_staff(replace(staff, id=PractitionerId("699900000011/0001")))) == Place(STAFF)
    home = Establishment(
        id=OrganizationId("F970400024"), name="EHPAD fictif", kind=EstablishmentKind.CARE_HOME, finess="970400024"
    )
    assert place_of(from_establishment(home)) == Place(PARTY, "", "974", "F970400024")
