from datetime import timedelta

from teleexpertise.dispatch.model import TURN
from teleexpertise.dispatch.pools.standing import standings
from tests.teleexpertise.dispatch.pools import (
    ALWAYS,
    ANNE,
    BRUNO,
    CAROL,
    DAVID,
    EMMA,
    NOW,
    POOL,
    REQUESTER,
    a_member,
    slot,
)


def test_who_can_be_asked_now_and_who_next() -> None:
    members = [
        a_member(ANNE, ALWAYS, active=False),
        a_member(BRUNO, ALWAYS, cap=1, open_count=1),
        a_member(CAROL, slot(1, 9, 12)),
        a_member(DAVID, ALWAYS, credit=TURN),
        a_member(EMMA, credit=0),
        a_member(REQUESTER, ALWAYS, weekly_quota=2, week_count=2),
    ]
    found = standings(POOL, members, NOW)
    assert [one.member.practitioner_id for one in found] == [EMMA, DAVID, CAROL, BRUNO, REQUESTER, ANNE]
    assert [one.is_ready(NOW) for one in found] == [True, True, False, False, False, False]
    assert [one.is_full for one in found] == [False, False, False, True, True, False]
    carol, anne = found[2], found[-1]
    assert carol.opens_at == NOW + timedelta(days=3, hours=23)
    assert anne.opens_at is None


def test_among_equals_whose_turn_was_longest_ago_is_asked_first() -> None:
    members = [
        a_member(ANNE, ALWAYS, last_turn=NOW - timedelta(hours=1)),
        a_member(BRUNO, ALWAYS, last_turn=NOW - timedelta(hours=3)),
        a_member(CAROL, ALWAYS),
    ]
    assert [one.member.practitioner_id for one in standings(POOL, members, NOW)] == [CAROL, BRUNO, ANNE]
