"""Months, the sums that are kept of each, and which of them may be shown.  Pure.

Everybody is counted in one place: one profession, specialty, department and establishment, the first that the register
names for them.  So the people of several sums of one month may be added up.

A sum behind which there are fewer than `FEW` people is not shown, and neither is another one from which, with the
total, it could be worked out (statistical disclosure control: primary and secondary suppression).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NewType

from miss.base.ids import PractitionerId
from miss.directory.practitioners.model import Practitioner, department_of_finess
from miss.directory.search.towns import region_of
from miss.directory.staff_people.model import FINESS_TYPE

Month = NewType("Month", str)
"""`2026-11`: a calendar month, UTC.  Months compare as text."""

FEW: Final = 5
"""People; CNIL and Insee ask for about as many before health figures are published."""
USERS: Final = "users"
"""The measure whose sums are a state at the end of the month; those of the others add up over months."""


def month_of(at: datetime) -> Month:
    """The month of an aware instant."""
    return Month(at.astimezone(UTC).strftime("%Y-%m"))


def bounds(month: Month) -> tuple[datetime, datetime]:
    """Its first instant, and that of the next month."""
    year, number = map(int, month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)
    return start, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def months_until(last: Month, count: int) -> list[Month]:
    """`count` months, the earliest first, `last` the last of them."""
    year, number = map(int, last.split("-"))
    total = year * 12 + number - 1
    return [Month(f"{one // 12:04}-{one % 12 + 1:02}") for one in range(total - count + 1, total + 1)]


class Dimension(StrEnum):
    """What a sum can be broken down by."""

    PROFESSION = "profession"
    SPECIALTY = "specialty"
    REGION = "region"
    DEPARTMENT = "department"
    ESTABLISHMENT = "establishment"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is counted: codes as in the register, empty where it says nothing."""

    profession: str = ""
    specialty: str = ""
    department: str = ""
    establishment: str = ""

    def code(self, dimension: Dimension) -> str:
        """This place along one dimension; a region is INSEE's code."""
        if dimension is Dimension.REGION:
            return region_of(self.department)
        code: str = getattr(self, dimension.value)
        return code


NOWHERE: Final = Place()
STAFF: Final = "staff"
"""For a profession, of people whom the register does not know: each function would be a person by itself."""
PARTY: Final = "party"
"""For a profession, of what is done in an establishment's name."""


def place_of(practitioner: Practitioner) -> Place:
    """The first profession, specialty, department and establishment that the register has; of who is not of the
    register, what they are, and where their employer's number says.
    """
    if practitioner.is_staff:
        return Place(profession=STAFF, department=_department_of_staff(practitioner.id))
    organization = next((role.organization for role in practitioner.roles if role.organization), None)
    return Place(
        profession=PARTY if practitioner.is_organization else practitioner.profession.code,
        specialty=next((one.code for one in practitioner.specialties), ""),
        department=next(iter(practitioner.departments), ""),
        establishment=organization.id if organization else "",
    )


def _department_of_staff(identifier: PractitionerId) -> str:
    """Where the establishment lies that numbers somebody; empty for those of a practice."""
    return department_of_finess(identifier[1:10]) if identifier.startswith(FINESS_TYPE) else ""


@dataclass(frozen=True, slots=True)
class Sum:
    """How often something happened, and how many people did it."""

    value: int
    people: int


def add_up(tallies: Mapping[PractitionerId, int], places: Mapping[PractitionerId, Place]) -> dict[Place, Sum]:
    """One sum for each place; who is unknown, or not in `places`, is counted `NOWHERE`, each act a person."""
    values: dict[Place, int] = defaultdict(int)
    people: dict[Place, int] = defaultdict(int)
    for practitioner_id, count in tallies.items():
        if count <= 0:
            continue
        place = places.get(practitioner_id, NOWHERE)
        values[place] += count
        people[place] += 1 if practitioner_id else count
    return {place: Sum(value, people[place]) for place, value in values.items()}


class Hidden(StrEnum):
    """Why a number is not shown."""

    FEW = "few"
    """Fewer than `FEW` people are behind it."""
    KEPT_BACK = "kept_back"
    """With it and the total, one that is hidden could be worked out."""


Shown = int | Hidden


def show(sums: Sequence[Sum], kept_back: Collection[int] = ()) -> list[Shown]:
    """What is shown of sums that stand beside their total, in the same order; those at `kept_back` are not.

    Those that are hidden are two at least and have `FEW` people together, or nobody could tell less than their sum.
    """
    shown: list[Shown] = [Hidden.FEW if 0 < one.people < FEW else one.value for one in sums]
    for place in kept_back:
        if sums[place].people >= FEW:
            shown[place] = Hidden.KEPT_BACK
    hidden = [place for place, value in enumerate(shown) if isinstance(value, Hidden)]
    others = sorted(
        (place for place in range(len(sums)) if place not in set(hidden) and sums[place].people),
        key=lambda place: (sums[place].people, sums[place].value, place),
    )
    for place in others:
        if not hidden or (len(hidden) > 1 and sum(sums[one].people for one in hidden) >= FEW):
            break
        shown[place] = Hidden.KEPT_BACK
        hidden.append(place)
    return shown


def show_alone(one: Sum) -> Shown:
    """What is shown of a sum beside which there is no other."""
    return Hidden.FEW if 0 < one.people < FEW else one.value


@dataclass(frozen=True, slots=True)
class Counted:
    """One sum that was kept."""

    month: Month
    place: Place
    sum: Sum


def by_month(counted: Iterable[Counted], months: Sequence[Month]) -> list[Sum]:
    """The sum of each of `months`."""
    values: dict[Month, int] = defaultdict(int)
    people: dict[Month, int] = defaultdict(int)
    for one in counted:
        values[one.month] += one.sum.value
        people[one.month] += one.sum.people
    return [Sum(values[month], people[month]) for month in months]


def by_code(counted: Iterable[Counted], dimension: Dimension, months: Sequence[Month], measure: str) -> dict[str, Sum]:
    """The sum of each code over `months`: of users, as they were in the last of them; else all that happened.

    Who acted in two months is not counted twice: of people, the month with the most stands for all.
    """
    wanted = set(months[-1:] if measure == USERS else months)
    values: dict[str, int] = defaultdict(int)
    people: dict[str, dict[Month, int]] = defaultdict(lambda: defaultdict(int))
    for one in counted:
        if one.month in wanted:
            code = one.place.code(dimension)
            values[code] += one.sum.value
            people[code][one.month] += one.sum.people
    return {code: Sum(value, max(people[code].values())) for code, value in values.items()}
