"""The steps of a file: written down and read again, refused beforehand if one of them could not be done."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import MovableClock
from miss.directory.establishments.errors import StaffExists, TooManyStaff
from miss.directory.establishments.staff import MAX_STAFF, StaffFacts, StaffMember
from miss.directory.establishments.uploads.plan import SLICE_STEPS, Plan, Step, require_possible
from tests.miss.directory.establishments.conftest import LILLE

WORDS = st.text(max_size=8)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
FACTS = st.builds(StaffFacts, family=WORDS, site=WORDS, rpps=WORDS, is_published=st.booleans(), ends_on=DAYS)
STEPS = st.lists(st.builds(Step, st.uuids().map(str), FACTS), max_size=3).map(tuple)
GONE = st.lists(st.builds(Step, st.uuids().map(str), st.none()), max_size=3).map(tuple)


@given(st.builds(Plan, GONE, STEPS, STEPS))
def test_a_plan_is_read_as_it_was_written(plan: Plan) -> None:
    assert Plan.from_json(plan.to_json()) == plan


def test_slices_are_all_steps_in_order() -> None:
    steps = tuple(Step(str(number), StaffFacts()) for number in range(SLICE_STEPS + 1))
    slices = list(Plan((Step("gone", None),), (), steps).slices())
    assert [len(one) for one in slices] == [SLICE_STEPS, 2]
    assert [step.member_id for one in slices for step in one] == ["gone", *(step.member_id for step in steps)]


def member(clock: MovableClock, name: str, **facts: Any) -> StaffMember:
    now = clock.now()
    return StaffMember(
        id=name, establishment_id=LILLE, facts=StaffFacts(family=name, **facts), created_at=now, updated_at=now
    )


def test_a_number_is_taken_only_once_it_is_free(clock: MovableClock) -> None:
    list_ = [member(clock, "a", rpps="1", external_id="A"), member(clock, "b", rpps="2")]
    free, take = Step("a", StaffFacts(rpps="3")), Step("b", StaffFacts(rpps="1"))
    require_possible(Plan((), (free, take), (Step("c", StaffFacts(external_id="A")),)), list_)
    require_possible(Plan((Step("a", None),), (take,), ()), list_)
    require_possible(Plan((), (Step("b", StaffFacts(adeli="1")),), ()), list_)
    for changed, added in (((take, free), ()), ((), (Step("c", StaffFacts(external_id="A")),))):
        with pytest.raises(StaffExists):
            require_possible(Plan((), changed, added), list_)


def test_a_list_has_an_end(clock: MovableClock) -> None:
    added = tuple(Step(str(number), StaffFacts()) for number in range(MAX_STAFF))
    require_possible(Plan((Step("a", None),), (), added), [member(clock, "a")])
    with pytest.raises(TooManyStaff):
        require_possible(Plan((), (), added), [member(clock, "a")])
