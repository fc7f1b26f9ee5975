"""The year's simulation keeps the service's rules, and sees a request that is stuck."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from bench.year.report import compose_report, response_times
from bench.year.simulation import Simulation, Year
from bench.year.world import Behaviour, make_world
from teleexpertise.dispatch.attempts.model import AttemptState
from teleexpertise.dispatch.model import Choice
from teleexpertise.requests.model import State

REQUESTS = 150
HARSH = Behaviour(declines=0.3, lets_pass=0.3, asks=0.3, stays_silent=0.5, sick_spells=20)


def play(behaviour: Behaviour, *, experts: int = 40) -> Year:
    random = Random(7)
    return Simulation(make_world(random, behaviour, experts), behaviour, random).play(REQUESTS)


@pytest.fixture(scope="module")
def harsh() -> Year:
    return play(HARSH, experts=12)


def test_nobody_is_forgotten_however_people_behave(harsh: Year) -> None:
    assert len(harsh.cases) == REQUESTS
    assert harsh.stuck == []
    assert {case.request.state for case in harsh.cases} == {State.ANSWERED, State.CLOSED}
    assert harsh.happened.keys() == {
        "clarified",
        "closed for silence",
        "coordinator told",
        "declined",
        "given by hand",
        "let pass",
    }


def test_nobody_in_turn_is_asked_twice_for_one_request(harsh: Year) -> None:
    for case in harsh.cases:
        in_turn = Counter(one.practitioner_id for one in case.attempts if one.choice is not Choice.BY_HAND)
        assert max(in_turn.values()) == 1
        ended = [one.state for one in case.attempts]
        assert set(ended[:-1]) <= {AttemptState.DECLINED, AttemptState.EXPIRED}
        assert ended[-1] in {AttemptState.ANSWERED, AttemptState.LAPSED}
    assert all(expert.held == 0 for experts in harsh.world.experts.values() for expert in experts)


def test_the_same_seed_is_the_same_year() -> None:
    one, other = (play(Behaviour()) for _ in range(2))
    assert response_times(one.cases) == response_times(other.cases)
    assert one.happened == other.happened


def test_a_request_that_is_stuck_is_said(harsh: Year) -> None:
    stuck = replace(harsh.cases[0].request, state=State.READY)
    year = Year([replace(harsh.cases[0], request=stuck), *harsh.cases[1:]], harsh.world, harsh.happened)
    assert len(year.stuck) == 1
    assert "Stuck at the end: **1**" in compose_report(year, HARSH)
    assert "Stuck at the end: **0**" in compose_report(harsh, HARSH)
