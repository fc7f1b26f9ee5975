from typing import Any

import pytest

from teleexpertise.dispatch import Choice, Exclusion, choose, explain
from teleexpertise.dispatch.by_hand import choose_by_hand
from teleexpertise.dispatch.errors import NotAssignable
from teleexpertise.dispatch.model import TURN
from tests.teleexpertise.dispatch.pools import ANNE, BRUNO, CAROL, DAY, NEVER, NOW, POOL, REQUESTER, a_member, a_need


@pytest.mark.parametrize(
    ("member", "need"),
    [
        ({"availability": NEVER}, {"deadline": NOW + DAY}),
        ({"cap": 1, "open_count": 1}, {}),
        ({"weekly_quota": 1, "week_count": 1}, {}),
        ({}, {"competences": frozenset({"child"})}),
        ({}, {"declined": frozenset({ANNE})}),
        ({}, {"taken_back": frozenset({ANNE})}),
    ],
)
def test_the_coordinator_goes_before_turn_slots_and_limits(member: dict[str, Any], need: dict[str, Any]) -> None:
    members = [a_member(ANNE, credit=5 * TURN, weight=2, **member), a_member(BRUNO)]
    decision = choose_by_hand(POOL, members, a_need(**need), ANNE, NOW)
    assert (decision.chosen, decision.choice) == (ANNE, Choice.BY_HAND)
    assert (decision.credits, decision.virtual_time) == ({ANNE: 5 * TURN + TURN // 2}, POOL.virtual_time)
    [anne, _] = decision.candidates
    assert anne.reasons, "what the coordinator went over stays on record"
    assert explain(decision)[0] == "Le coordinateur du groupe vous a choisi pour cette demande."


@pytest.mark.parametrize(
    ("member", "need"),
    [
        ({"active": False}, {}),
        ({}, {"conflicts": frozenset({ANNE})}),
        ({}, {"objections": frozenset({ANNE})}),
    ],
)
def test_what_protects_a_person_goes_before_the_coordinator(member: dict[str, Any], need: dict[str, Any]) -> None:
    with pytest.raises(NotAssignable):
        choose_by_hand(POOL, [a_member(ANNE, **member), a_member(BRUNO)], a_need(**need), ANNE, NOW)


def test_neither_a_stranger_nor_the_requester() -> None:
    for who in (CAROL, REQUESTER):
        with pytest.raises(NotAssignable):
            choose_by_hand(POOL, [a_member(ANNE), a_member(REQUESTER)], a_need(), who, NOW)


def test_what_was_taken_back_is_not_offered_again() -> None:
    need = a_need(taken_back=frozenset({ANNE}))
    decision = choose(POOL, [a_member(ANNE), a_member(BRUNO, credit=TURN)], need, NOW)
    assert decision.chosen == BRUNO
    assert decision.candidates[0].reasons == (Exclusion.TAKEN_BACK,)
