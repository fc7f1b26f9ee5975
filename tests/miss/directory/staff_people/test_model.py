"""Identifiers of people without an RPPS number, as PS_IdNat numbers them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import PractitionerId
from miss.directory.staff_people import Issuer, compose_staff_id, is_staff_id, parse_staff_id
from miss.directory.staff_people.model import MAX_RANK

HOSPITAL, PRACTICE = "599990009", PractitionerId("899900000011")


def test_an_establishment_and_a_practice_number_their_people() -> None:
    assert compose_staff_id(Issuer.establishment(HOSPITAL), 1) == "3599990009/0001"
    assert compose_staff_id(Issuer.practice(PRACTICE), 42) == "699900000011/0042"


@pytest.mark.parametrize("finess", ["", "599990008", "59999000", "F599990009", "5999900090", "3599990009"])
def test_no_forged_finess_numbers_anybody(finess: str) -> None:
    with pytest.raises(ValueError, match="FINESS"):
        Issuer.establishment(finess)


@pytest.mark.parametrize("identifier", ["0599999999", "699900000011", "99900000011", "8999", "699900000011/0001"])
def test_only_somebody_with_an_rpps_number_has_a_practice(identifier: str) -> None:
    with pytest.raises(ValueError, match="RPPS"):
        Issuer.practice(PractitionerId(identifier))


@pytest.mark.parametrize("rank", [0, -1, MAX_RANK + 1])
def test_internal_numbers_are_bounded(rank: int) -> None:
    with pytest.raises(ValueError, match="internal number"):
        compose_staff_id(Issuer.practice(PRACTICE), rank)


@given(rank=st.integers(1, MAX_RANK), spaces=st.integers(0, 3))
@settings(max_examples=40)
def test_what_is_composed_is_read_back_however_it_is_typed(rank: int, spaces: int) -> None:
    composed = compose_staff_id(Issuer("32A9990003"), rank)
    assert is_staff_id(composed)
    assert parse_staff_id(f" {composed[:4]}{' ' * spaces}{composed[4:].lower()} ") == composed


@pytest.mark.parametrize(
    "typed",
    ["", "99900000011", "899900000011", "3599990009", "3599990009/1", "8999/0001", "a@b/0001", "3599990009/00011"],
)
def test_nothing_else_is_an_identifier_of_theirs(typed: str) -> None:
    assert parse_staff_id(typed) is None
