from dataclasses import replace
from datetime import timedelta

import pytest

from miss.base.ids import RequestId
from teleexpertise.dispatch import Choice
from teleexpertise.dispatch.attempts.model import Attempt, AttemptState, DeclineReason
from teleexpertise.dispatch.errors import AttemptEnded, NotHolder
from teleexpertise.dispatch.model import TURN
from tests.teleexpertise.dispatch.pools import ANNE, BRUNO, HOUR, NOW, POOL

LATER = NOW + HOUR
OFFERED = Attempt(
    id="attempt-1",
    request_id=RequestId("request-1"),
    pool_id=POOL.id,
    practitioner_id=ANNE,
    choice=Choice.ROTATION,
    charge=TURN,
    offered_at=NOW,
    expires_at=NOW + 4 * HOUR,
)
ACCEPTED = OFFERED.accept(ANNE, LATER)
ENDED = [
    OFFERED.decline(ANNE, DeclineReason.SCOPE, LATER),
    replace(OFFERED, state=AttemptState.EXPIRED),
    OFFERED.close(AttemptState.WITHDRAWN, LATER),
    ACCEPTED.close(AttemptState.ANSWERED, LATER),
]


def test_an_expert_accepts_once() -> None:
    assert (ACCEPTED.state, ACCEPTED.accepted_at, ACCEPTED.live) == (AttemptState.ACCEPTED, LATER, True)
    assert ACCEPTED.accept(ANNE, LATER + HOUR) == ACCEPTED


@pytest.mark.parametrize("attempt", [OFFERED, ACCEPTED], ids=lambda attempt: attempt.state)
def test_an_expert_gives_back_before_or_after_accepting(attempt: Attempt) -> None:
    declined = attempt.decline(ANNE, DeclineReason.IN_PERSON, LATER)
    assert (declined.state, declined.reason, declined.ended_at) == (
        AttemptState.DECLINED,
        DeclineReason.IN_PERSON,
        LATER,
    )
    assert not declined.live


@pytest.mark.parametrize("reason", DeclineReason)
def test_scope_and_conflict_refund_the_turn_and_nothing_else_does(reason: DeclineReason) -> None:
    refunded = reason in {DeclineReason.SCOPE, DeclineReason.CONFLICT}
    assert OFFERED.decline(ANNE, reason, LATER).charge == (0 if refunded else TURN)


@pytest.mark.parametrize("attempt", [OFFERED, *ENDED], ids=lambda attempt: attempt.state)
def test_only_whoever_was_asked_answers(attempt: Attempt) -> None:
    with pytest.raises(NotHolder):
        attempt.accept(BRUNO, LATER)
    with pytest.raises(NotHolder):
        attempt.decline(BRUNO, DeclineReason.SCOPE, LATER)


@pytest.mark.parametrize("attempt", ENDED, ids=lambda attempt: attempt.state)
def test_what_ended_has_ended(attempt: Attempt) -> None:
    with pytest.raises(AttemptEnded):
        attempt.accept(ANNE, LATER)
    with pytest.raises(AttemptEnded):
        attempt.decline(ANNE, DeclineReason.SCOPE, LATER)
    assert attempt.expire(attempt.expires_at) is None
    for state in {AttemptState.ANSWERED, AttemptState.WITHDRAWN} - {attempt.state}:
        with pytest.raises(AttemptEnded):
            attempt.close(state, LATER)


def test_an_offer_expires_when_its_time_is_over_and_not_before() -> None:
    assert OFFERED.expire(OFFERED.expires_at - timedelta.resolution) is None
    expired = OFFERED.expire(OFFERED.expires_at)
    assert expired is not None
    assert (expired.state, expired.ended_at) == (AttemptState.EXPIRED, OFFERED.expires_at)
    assert ACCEPTED.expire(OFFERED.expires_at) is None


def test_the_same_close_twice_is_once() -> None:
    answered = ACCEPTED.close(AttemptState.ANSWERED, LATER)
    assert answered.close(AttemptState.ANSWERED, LATER + HOUR) == answered


def test_an_attempt_closes_answered_or_withdrawn() -> None:
    with pytest.raises(ValueError, match="expired"):
        OFFERED.close(AttemptState.EXPIRED, LATER)
