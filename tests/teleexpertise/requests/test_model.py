"""States and moves: what each state allows, and that nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.dispatch import Attempt, Choice, DeclineReason
from teleexpertise.follow_up.model import inform
from teleexpertise.requests import model, moves
from teleexpertise.requests.errors import NotHolder, NotRequester, StateForbids
from teleexpertise.requests.labels import DECLINE_LABELS, FACT_LABELS, STATE_LABELS
from teleexpertise.requests.model import (
    ENDED,
    FHIR_STATUS,
    TOLD,
    ExpertiseRequest,
    Fact,
    FactKind,
    Move,
    Sent,
    State,
    compose_number,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAUL, ANNE, KARIM = PractitionerId("paul"), PractitionerId("anne"), PractitionerId("karim")
SENT = Sent(PoolId("pool"), NOW, NOW + timedelta(hours=72))
LATER = SENT.moved(lambda instant: NOW + timedelta(days=9))
DRAFT = ExpertiseRequest(
    id=RequestId("r1"), number="TE26000417", requester=PAUL, state=State.DRAFT, canonical="", created_at=NOW
)
ATTEMPT = Attempt(
    id="a1",
    request_id=RequestId("r1"),
    pool_id=PoolId("pool"),
    practitioner_id=ANNE,
    choice=Choice.ROTATION,
    charge=1,
    offered_at=NOW,
    expires_at=NOW + timedelta(hours=4),
)

MOVES: dict[str, Callable[[ExpertiseRequest], Move]] = {
    "submit": lambda r: model.submit(r, "url|1", SENT),
    "assign": lambda r: model.assign(r, ATTEMPT, NOW),
    "accept": lambda r: model.accept(r, ANNE, NOW),
    "decline": lambda r: model.decline(r, ANNE, DeclineReason.SCOPE, NOW),
    "expire": lambda r: model.expire(r, NOW),
    "ask": lambda r: model.ask(r, ANNE, NOW),
    "clarify": lambda r: model.clarify(r, PAUL, sent=LATER, now=NOW),
    "answer": lambda r: model.answer(r, ANNE, NOW),
    "revoke": lambda r: model.revoke(r, PAUL, NOW),
    "remind": lambda r: moves.remind(r, Fact(FactKind.REMINDED, NOW)),
    "close": lambda r: moves.close(r, NOW),
    "reopen": lambda r: moves.reopen(r, PAUL, sent=LATER, now=NOW),
    "call_off": lambda r: moves.call_off(r, PAUL, NOW),
    "reassign": lambda r: moves.reassign(r, KARIM, sent=LATER, now=NOW),
    "reorient": lambda r: moves.reorient(r, ANNE, DeclineReason.SCOPE, NOW),
    "correct": lambda r: moves.correct(r, ANNE, NOW),
    "inform": lambda r: inform(r, NOW),
}
ALLOWED = {
    State.DRAFT: {"submit": State.READY, "revoke": State.REVOKED},
    State.READY: {
        "assign": State.ASSIGNED, "revoke": State.REVOKED, "remind": State.READY, "call_off": State.IN_ERROR,
        "reassign": State.READY,
    },
    State.ASSIGNED: {
        "accept": State.IN_PROGRESS, "decline": State.READY, "expire": State.READY, "revoke": State.REVOKED,
        "remind": State.ASSIGNED, "call_off": State.IN_ERROR, "reassign": State.READY,
    },
    State.IN_PROGRESS: {
        "ask": State.ON_HOLD, "decline": State.READY, "answer": State.ANSWERED, "revoke": State.REVOKED,
        "remind": State.IN_PROGRESS, "reassign": State.READY, "reorient": State.READY,
    },
    State.ON_HOLD: {
        "clarify": State.IN_PROGRESS, "answer": State.ANSWERED, "revoke": State.REVOKED, "remind": State.ON_HOLD,
        "close": State.CLOSED, "reassign": State.READY,
    },
    State.ANSWERED: {"correct": State.ANSWERED, "inform": State.INFORMED},
    State.INFORMED: {"correct": State.ANSWERED},
    State.REVOKED: {},
    State.CLOSED: {"reopen": State.READY},
    State.IN_ERROR: {},
}  # fmt: skip


def reach(*names: str) -> ExpertiseRequest:
    """The request after these moves."""
    request = DRAFT
    for name in names:
        request, _ = MOVES[name](request)
    return request


PATHS = {
    State.DRAFT: (),
    State.READY: ("submit",),
    State.ASSIGNED: ("submit", "assign"),
    State.IN_PROGRESS: ("submit", "assign", "accept"),
    State.ON_HOLD: ("submit", "assign", "accept", "ask"),
    State.ANSWERED: ("submit", "assign", "accept", "answer"),
    State.REVOKED: ("revoke",),
    State.CLOSED: ("submit", "assign", "accept", "ask", "close"),
    State.IN_ERROR: ("submit", "call_off"),
    State.INFORMED: ("submit", "assign", "accept", "answer", "inform"),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", MOVES)
def test_each_state_allows_its_moves_and_no_other(state: State, name: str) -> None:
    request = reach(*PATHS[state])
    assert request.state is state
    expected = ALLOWED[state].get(name)
    if expected is not None:
        assert MOVES[name](request)[0].state is expected
        return
    with pytest.raises((StateForbids, NotHolder)):
        MOVES[name](request)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=25))
def test_whatever_is_tried_the_request_stays_consistent(names: list[str]) -> None:
    request = DRAFT
    for name in names:
        try:
            request, fact = MOVES[name](request)
        except (StateForbids, NotHolder, NotRequester):
            continue
        assert fact.at == NOW
        held = {State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD, State.CLOSED, *TOLD}
        assert (request.holder is not None) is (request.state in held)
        assert (request.attempt_id != "") is (request.state in held)
        assert (request.offer_expires_at is not None) is (request.state is State.ASSIGNED)
        assert (request.held_since is not None) is (request.state in {State.ON_HOLD, State.CLOSED})
        assert (request.ended_at is not None) is (request.state in ENDED)
        assert request.sent is not None or request.state in {State.DRAFT, State.REVOKED}


@pytest.mark.parametrize("name", ["accept", "decline"])
def test_only_the_holder_acts_on_an_offer(name: str) -> None:
    held_by_karim = replace(reach("submit", "assign"), holder=KARIM)
    with pytest.raises(NotHolder):
        MOVES[name](held_by_karim)


@pytest.mark.parametrize("name", ["ask", "answer"])
def test_only_the_holder_asks_and_answers(name: str) -> None:
    held_by_karim = replace(reach("submit", "assign", "accept"), holder=KARIM)
    with pytest.raises(NotHolder):
        MOVES[name](held_by_karim)


def test_only_the_requester_clarifies_and_takes_back() -> None:
    with pytest.raises(NotRequester):
        model.clarify(reach("submit", "assign", "accept", "ask"), KARIM, sent=SENT, now=NOW)
    with pytest.raises(NotRequester):
        model.revoke(reach("submit"), ANNE, NOW)


def test_a_clarification_moves_the_deadline() -> None:
    resumed = reach("submit", "assign", "accept", "ask", "clarify")
    assert resumed.require_sent().deadline_at == NOW + timedelta(days=9)


def test_a_decline_keeps_its_reason() -> None:
    _, fact = MOVES["decline"](reach("submit", "assign"))
    assert (fact.kind, fact.actor, fact.reason) == (FactKind.DECLINED, ANNE, "scope")


def test_every_state_fact_and_reason_has_its_words() -> None:
    assert STATE_LABELS.keys() == {*State}
    assert FHIR_STATUS.keys() == {*State}
    assert FACT_LABELS.keys() == {*FactKind}
    assert DECLINE_LABELS.keys() == {*DeclineReason}


def test_a_number_fits_the_first_line_of_hprim() -> None:
    assert compose_number(2026, 417) == "TE26000417"
    assert len(compose_number(2099, 999_999)) == 10
