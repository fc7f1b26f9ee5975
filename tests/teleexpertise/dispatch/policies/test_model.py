"""Which pool takes a request, whom it asks for, and when others help."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from miss.base.ids import PoolId
from miss.storage import Database
from teleexpertise.availability import Availability
from teleexpertise.dispatch import store as dispatch_store
from teleexpertise.dispatch.errors import BadTerms
from teleexpertise.dispatch.policies import Origin, Policy, Requirement, Served, Taker, fallback_at, store, take
from tests.teleexpertise.dispatch.pools import ANNE, BRUNO, DAY, NOW, POOL, slot

LILLE = Origin(frozenset({"590780193"}), frozenset({"59"}))
NORTH, CHU = Policy(departments=frozenset({"59", "62"})), Policy(establishments=frozenset({"590780193"}))


def a_taker(name: str, policy: Policy | None = None, *members: Any) -> Taker:
    return Taker(replace(POOL, id=PoolId(name)), policy or Policy(), frozenset(members))


def taken(takers: list[Taker], origin: Origin = LILLE, named: Any = None) -> tuple[str, Served]:
    """By whom and why, in whatever order the pools are listed."""
    [found] = {(one[0].pool.id, one[1]) for order in permutations(takers) if (one := take(order, origin, named))}
    return found


def test_the_establishment_goes_before_the_department_and_that_before_everybody() -> None:
    everybody, north, chu = a_taker("1"), a_taker("2", NORTH), a_taker("3", CHU)
    assert taken([everybody, north, chu]) == ("3", Served.ESTABLISHMENT)
    assert taken([everybody, north]) == ("2", Served.DEPARTMENT)
    assert taken([everybody, north], Origin(departments=frozenset({"974"}))) == ("1", Served.EVERYBODY)


def test_the_pool_of_the_expert_asked_for_goes_before_all() -> None:
    assert taken([a_taker("1", None, ANNE), a_taker("3", CHU, BRUNO)], named=ANNE) == ("1", Served.NAMED)


def test_among_equals_the_oldest_and_no_request_without_a_pool() -> None:
    assert taken([a_taker("2"), a_taker("1")]) == ("1", Served.EVERYBODY)
    assert taken([a_taker("5", CHU), a_taker("4", NORTH)], Origin()) == ("4", Served.ONLY)
    assert take([], LILLE) is None
    assert taken([a_taker("4", NORTH), a_taker("5")], Origin()) == ("5", Served.EVERYBODY)
    assert taken([a_taker("4", CHU), a_taker("5")], Origin()) == ("5", Served.EVERYBODY)


def test_competences_are_asked_by_the_pool_or_by_an_answer() -> None:
    policy = Policy(requirements=(Requirement("adulte"), Requirement("onco", "d.type", "pigmentee")))
    assert policy.competences_for({("d.type", "eruption")}) == {"adulte"}
    assert policy.competences_for({("d.type", "pigmentee")}) == {"adulte", "onco"}
    assert policy.competences_for({("d.siege", "pigmentee")}) == {"adulte"}


def test_others_help_after_a_share_of_the_working_time() -> None:
    deadline = POOL.due_at(NOW)
    assert fallback_at(POOL, Policy(), NOW, deadline) is None
    # Half of fifty working hours from Friday 10:00: 8 left on Friday, then Monday and 7 hours of Tuesday.
    half = fallback_at(POOL, Policy(fallback_percent=50), NOW, deadline)
    assert half == datetime(2026, 11, 24, 14, tzinfo=UTC)
    closed = replace(POOL, hours=Availability(slot(6, 1, 2).weekly))
    assert fallback_at(closed, Policy(fallback_percent=50), NOW, NOW + DAY) == NOW + DAY / 2


@pytest.mark.parametrize(
    "said",
    [
        {"fallback_percent": 0},
        {"fallback_percent": 100},
        {"fallbacks": (PoolId("a"), PoolId("a"))},
        {"fallbacks": tuple(map(PoolId, "abcdef"))},
        {"departments": frozenset(map(str, range(201)))},
    ],
)
def test_a_policy_outside_its_bounds_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        Policy(**said)


def test_a_policy_at_its_bounds_is_taken() -> None:
    assert Policy(fallback_percent=1).fallback_percent == 1
    assert Policy(fallback_percent=99).fallback_percent == 99
    assert Policy(fallbacks=tuple(map(PoolId, "abcde"))).fallbacks
    assert Policy(departments=frozenset(map(str, range(200)))).departments


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_a_policy_survives_its_json(db: Database) -> None:
    policy = Policy(
        frozenset({"590780193"}), frozenset({"2A"}), (PoolId("b"), PoolId("a")), 60, (Requirement("onco", "d", "x"),)
    )
    async with db.transaction() as tx:
        await dispatch_store.insert_pool(tx, POOL, NOW)
        await store.put(tx, POOL.id, Policy(), NOW)
        await store.put(tx, POOL.id, policy, NOW)
    async with db.snapshot() as tx:
        silent = PoolId("silent")
        assert await store.load(tx, [POOL.id, silent]) == {POOL.id: policy, silent: Policy()}
