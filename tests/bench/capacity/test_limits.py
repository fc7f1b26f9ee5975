"""Limits are named in the order in which they are reached."""

import pytest

from bench.capacity.limits import LIMITS, MOST, Limit, in_order, reached_at
from bench.capacity.population import Population
from bench.capacity.sizing import Model


def test_a_limit_is_reached_where_its_share_is_one(model: Model) -> None:
    limit = Limit("half a million", "", lambda _, population: population.accounts / 500_000)
    assert reached_at(limit, model) == pytest.approx(500_000, rel=0.02)


def test_a_limit_that_nobody_reaches(model: Model) -> None:
    assert reached_at(Limit("never", "", lambda _, population: 0.5), model) == float("inf")


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_more_people_use_more_of_every_limit(model: Model, limit: Limit) -> None:
    shares = [limit.share(model, Population(accounts, "", "")) for accounts in (10_000, 1_000_000, MOST)]
    assert 0 <= shares[0] < shares[1] < shares[2]
    assert limit.remedy


def test_the_first_to_break_comes_first(model: Model) -> None:
    reached = [accounts for _, accounts in in_order(model)]
    assert reached == sorted(reached)
    assert len(reached) == len(LIMITS)
