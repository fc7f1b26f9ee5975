"""Which absences are accepted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.errors import MissError
from miss.base.ids import AccountId, PractitionerId
from miss.directory.absence import (
    Absence,
    AbsenceMessageTooLong,
    AbsenceOverlaps,
    AbsencePast,
    AbsencesFull,
    AbsenceTooLong,
    AbsenceUpsideDown,
)
from miss.directory.absence.model import MAX_ABSENCES, MAX_DAYS, MAX_MESSAGE, require_sane

TODAY = date(2026, 11, 20)


def away(first: int, last: int, message: str = "") -> Absence:
    """Days counted from today."""
    return Absence(
        id="a",
        uid=AccountId(bytes(16)),
        practitioner_id=PractitionerId("899900000011"),
        first_day=TODAY + timedelta(days=first),
        last_day=TODAY + timedelta(days=last),
        message=message,
        colleague=None,
    )


@pytest.mark.parametrize(
    ("absence", "others", "refusal"),
    [
        (away(0, 0), [], None),
        (away(-10, 0), [], None),
        (away(5, 4), [], AbsenceUpsideDown),
        (away(-3, -1), [], AbsencePast),
        (away(0, MAX_DAYS - 1), [], None),
        (away(0, MAX_DAYS), [], AbsenceTooLong),
        (away(0, 1, "m" * MAX_MESSAGE), [], None),
        (away(0, 1, "m" * (MAX_MESSAGE + 1)), [], AbsenceMessageTooLong),
        (away(3, 5), [away(1, 2), away(6, 9)], None),
        (away(3, 5), [away(5, 9)], AbsenceOverlaps),
        (away(3, 5), [away(1, 9)], AbsenceOverlaps),
        (away(900, 901), [away(n, n) for n in range(MAX_ABSENCES)], AbsencesFull),
    ],
)
def test_what_is_accepted(absence: Absence, others: list[Absence], refusal: type[MissError] | None) -> None:
    if refusal is None:
        require_sane(absence, others, TODAY)
    else:
        with pytest.raises(refusal):
            require_sane(absence, others, TODAY)


@given(*[st.integers(-20, 20)] * 4)
def test_two_absences_overlap_exactly_if_a_day_is_in_both(a: int, b: int, c: int, d: int) -> None:
    one, other = away(min(a, b), max(a, b)), away(min(c, d), max(c, d))
    days = [TODAY + timedelta(days=n) for n in range(-20, 21)]
    assert one.overlaps(other) is any(one.covers(day) and other.covers(day) for day in days)
    assert one.overlaps(other) is other.overlaps(one)
