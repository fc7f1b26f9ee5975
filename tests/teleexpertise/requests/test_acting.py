"""The one table of what may be done for somebody else, said again act by act: a change of it is a change here."""

import pytest

from teleexpertise.requests.acting import Act, Capacity, may_act

FOR_ALL = {Act.ASK, Act.READ, Act.SETTLE_APPOINTMENT, Act.INFORM, Act.FOLLOW_UP, Act.EXPORT}
OWN = {Act.ANSWER, Act.COORDINATE, Act.SET_UP}


@pytest.mark.parametrize("act", Act)
def test_in_one_s_own_name_everything_may_be_done(act: Act) -> None:
    assert may_act(Capacity.OWN_NAME, act)


@pytest.mark.parametrize("act", Act)
def test_a_secretary_does_what_asking_takes(act: Act) -> None:
    assert may_act(Capacity.SECRETARY, act) is (act in FOR_ALL)


@pytest.mark.parametrize("act", Act)
def test_a_member_judges_too_and_never_answers(act: Act) -> None:
    assert may_act(Capacity.MEMBER, act) is (act in FOR_ALL | {Act.JUDGE})
    assert FOR_ALL | {Act.JUDGE} | OWN == set(Act)
