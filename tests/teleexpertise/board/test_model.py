"""The figures, by their properties and by examples that can be counted by hand."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import PractitionerId
from teleexpertise.board.model import (
    WEEKS,
    Answered,
    Choice,
    Records,
    Turn,
    ages,
    choice_of,
    figures,
    gap,
    jain,
    longest_idle,
    percentile,
    weeks,
)
from teleexpertise.dispatch.attempts.model import AttemptState, DeclineReason
from teleexpertise.dispatch.model import Candidate, Decision, Exclusion

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANNE, KARIM, LEA = (PractitionerId(one) for one in ("anne", "karim", "lea"))
SHARES = st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=40)
DELAYS = st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), min_size=1, max_size=60)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


@given(SHARES)
def test_jain_lies_above_the_least_it_can_be_and_never_above_one(shares: list[float]) -> None:
    index = jain(shares)
    if max(shares) == 0:
        assert index is None
    else:
        assert index is not None
        assert 1 / len(shares) * (1 - 1e-9) <= index <= 1


@given(st.floats(1e-6, 1e12), st.integers(1, 40))
def test_equal_shares_are_perfectly_even(share: float, count: int) -> None:
    assert jain([share] * count) == pytest.approx(1)
    assert gap([share] * count) == 0


@given(SHARES, st.floats(1e-3, 1e3))
def test_jain_does_not_depend_on_how_much_there_was(shares: list[float], factor: float) -> None:
    index, scaled = jain(shares), jain([share * factor for share in shares])
    assert (index is None) == (scaled is None)
    assert index is None or scaled == pytest.approx(index)


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=40))
def test_giving_from_the_most_to_the_least_is_never_less_even(shares: list[float]) -> None:
    most, least = shares.index(max(shares)), shares.index(min(shares))
    moved = shares.copy()
    given_ = (shares[most] - shares[least]) / 4
    moved[most] -= given_
    moved[least] += given_
    before, after = jain(shares), jain(moved)
    assert before is not None
    assert after is not None
    assert after >= before - 1e-9


def test_one_who_has_it_all() -> None:
    assert jain([3, 0, 0]) == pytest.approx(1 / 3)
    assert gap([3, 0, 1]) == 3
    assert jain([]) is None
    assert gap([]) == 0


@given(DELAYS, st.floats(0.01, 1))
def test_a_percentile_is_one_of_them_and_leaves_no_more_than_the_rest_above(
    delays: list[timedelta], share: float
) -> None:
    found = percentile(delays, share)
    assert found in delays
    assert found is not None
    at_most = sum(delay <= found for delay in delays)
    assert at_most >= share * len(delays) - 1e-9
    assert sum(delay < found for delay in delays) < math.ceil(share * len(delays))


def test_the_median_of_two_is_the_lesser() -> None:
    assert percentile([timedelta(hours=3), timedelta(hours=1)], 0.5) == timedelta(hours=1)
    assert percentile([], 0.5) is None


def choice(hours: float, chosen: PractitionerId | None, eligible: set[PractitionerId], *away: PractitionerId) -> Choice:
    return Choice(ago(hours=hours), chosen, frozenset(eligible), frozenset(away))


def test_the_longest_idle_time_ends_with_a_turn_and_pauses_for_absence() -> None:
    choices = [
        choice(10, ANNE, {ANNE, KARIM}),
        choice(8, ANNE, {ANNE, KARIM, LEA}),
        choice(7, KARIM, {ANNE, KARIM, LEA}),  # Karim waited 3 h
        choice(6, ANNE, {ANNE}, LEA),  # Léa went away: she waited from 8 h ago to 7 h ago
        choice(2, ANNE, {ANNE, LEA}, KARIM),  # back: she waits until now
    ]
    idle = longest_idle(choices, [ANNE, KARIM, LEA], NOW)
    assert idle == {ANNE: timedelta(hours=1), KARIM: timedelta(hours=3), LEA: timedelta(hours=2)}


def test_a_choice_that_found_nobody_makes_nobody_wait() -> None:
    assert longest_idle([choice(5, None, set(), ANNE)], [ANNE], NOW) == {ANNE: timedelta(0)}


def test_who_is_set_aside_for_one_request_is_not_away() -> None:
    decision = Decision(
        (Candidate(ANNE), Candidate(KARIM, (Exclusion.CONFLICT,)), Candidate(LEA, (Exclusion.CAP,))), chosen=ANNE
    )
    made = choice_of(NOW, decision)
    assert made == Choice(NOW, ANNE, frozenset({ANNE}), frozenset({LEA}))


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=30)), max_size=50))
def test_every_open_request_is_of_one_age(lengths: list[timedelta]) -> None:
    assert sum(ages([NOW - length for length in lengths], NOW)) == len(lengths)


def test_ages_at_their_bounds() -> None:
    assert ages([ago(hours=3.9), ago(hours=4), ago(hours=24), ago(hours=72)], NOW) == (1, 1, 1, 1)


@given(st.lists(st.floats(0, 24 * 7 * WEEKS - 0.001), max_size=40))
def test_every_answer_of_the_last_weeks_is_in_one_of_them(hours: list[float]) -> None:
    answered = [Answered(ANNE, ago(hours=one + 5), ago(hours=one)) for one in hours]
    found = weeks(answered, NOW)
    assert len(found) == WEEKS
    assert sum(week.answered for week in found) == len(answered)
    assert all(week.median == timedelta(hours=5) for week in found if week.answered)
    assert [week.start for week in found] == sorted(week.start for week in found)


def test_a_window_counts_what_happened_in_it() -> None:
    records = Records(
        weights={ANNE: 1, KARIM: 2},
        turns=[
            Turn(ANNE, ago(days=1), AttemptState.OFFERED),
            Turn(ANNE, ago(days=2), AttemptState.ANSWERED, ago(days=1)),
            Turn(KARIM, ago(days=3), AttemptState.DECLINED, ago(days=2), DeclineReason.SCOPE, is_refunded=True),
            Turn(KARIM, ago(days=3), AttemptState.EXPIRED, ago(days=2)),
            Turn(KARIM, ago(days=20), AttemptState.ANSWERED, ago(days=19)),
            Turn(LEA, ago(days=3), AttemptState.ANSWERED, ago(days=2)),  # has left the pool
        ],
        answered=[
            Answered(ANNE, ago(days=2), ago(days=1), "insuffisante", 240, was_clarified=True),
            Answered(ANNE, ago(days=3), ago(days=1), "suffisante", 60),
            Answered(KARIM, ago(days=6), ago(days=1)),
            Answered(KARIM, ago(days=21), ago(days=19), "limite"),
        ],
        choices=[],
        open_since=[ago(hours=1)],
    )
    seven, month = figures(records, NOW).windows
    anne, karim = seven.experts
    assert (anne.turns, anne.share, anne.answered, anne.writing) == (2, 2.0, 2, timedelta(minutes=5))
    assert (karim.turns, karim.share, karim.declined, karim.expired) == (1, 0.5, 1, 1)
    assert seven.gap == 1.5
    assert seven.jain == pytest.approx(2.5**2 / (2 * 4.25))
    assert seven.reasons == {DeclineReason.SCOPE: 1}
    assert (seven.answered, seven.median, seven.p90) == (3, timedelta(days=2), timedelta(days=5))
    assert seven.clarified == pytest.approx(1 / 3)
    assert seven.uninterpretable == 0.5
    assert month.experts[1].turns == 2
    assert month.uninterpretable == pytest.approx(1 / 3)
