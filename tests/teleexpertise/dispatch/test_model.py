from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import PractitionerId
from teleexpertise.availability import Availability, DayException, Leave, WeeklySlot
from teleexpertise.dispatch.errors import BadTerms
from teleexpertise.dispatch.model import (
    MAX_WEIGHT,
    TURN,
    Candidate,
    Choice,
    Decision,
    Exclusion,
    Member,
    Pool,
    Terms,
    choose,
    offer_expires_at,
)
from tests.teleexpertise.dispatch.pools import (
    ALWAYS,
    ANNE,
    BRUNO,
    CAROL,
    DAVID,
    DAY,
    DEADLINE,
    HOUR,
    NEVER,
    NOW,
    OFFICE,
    PARIS,
    POOL,
    REQUESTER,
    a_member,
    a_need,
    slot,
)

FRIDAY_NIGHT = datetime(2026, 11, 20, 22, tzinfo=UTC)
MONDAY_8 = datetime(2026, 11, 23, 7, tzinfo=UTC)
TOMORROW = NOW + DAY


def reasons(decision: Decision) -> dict[PractitionerId, tuple[Exclusion, ...]]:
    return {candidate.practitioner_id: candidate.reasons for candidate in decision.candidates}


# --- eligibility


@pytest.mark.parametrize(
    ("member", "need", "reason"),
    [
        ({"active": False}, {}, Exclusion.INACTIVE),
        ({"competences": frozenset({"adult"})}, {"competences": frozenset({"child", "adult"})}, Exclusion.COMPETENCE),
        ({"availability": NEVER}, {"deadline": TOMORROW}, Exclusion.UNAVAILABLE),
        ({"cap": 3, "open_count": 3}, {}, Exclusion.CAP),
        ({"weekly_quota": 5, "week_count": 5}, {}, Exclusion.QUOTA),
        ({}, {"declined": frozenset({ANNE})}, Exclusion.DECLINED),
        ({}, {"timed_out": frozenset({ANNE})}, Exclusion.TIMED_OUT),
        ({}, {"conflicts": frozenset({ANNE})}, Exclusion.CONFLICT),
        ({}, {"objections": frozenset({ANNE})}, Exclusion.OBJECTION),
    ],
)
def test_each_reason_sets_aside_alone(member: dict[str, Any], need: dict[str, Any], reason: Exclusion) -> None:
    decision = choose(POOL, [a_member(ANNE, **member), a_member(BRUNO, credit=TURN)], a_need(**need), NOW)
    assert reasons(decision)[ANNE] == (reason,)
    assert decision.chosen == BRUNO if "competences" not in need else decision.chosen is None


def test_nobody_gives_advice_to_themselves() -> None:
    decision = choose(POOL, [a_member(REQUESTER), a_member(BRUNO, credit=TURN)], a_need(), NOW)
    assert decision.chosen == BRUNO
    assert reasons(decision)[REQUESTER] == (Exclusion.REQUESTER,)


def test_limits_are_reached_not_approached() -> None:
    anne = a_member(ANNE, cap=3, open_count=2, weekly_quota=5, week_count=4, competences=frozenset({"child", "adult"}))
    assert choose(POOL, [anne], a_need(competences=frozenset({"child"})), NOW).chosen == ANNE


def test_every_reason_is_kept() -> None:
    anne = a_member(ANNE, NEVER, active=False, cap=1, open_count=1)
    decision = choose(POOL, [anne], a_need(deadline=TOMORROW, declined=frozenset({ANNE})), NOW)
    assert reasons(decision)[ANNE] == (
        Exclusion.INACTIVE,
        Exclusion.UNAVAILABLE,
        Exclusion.CAP,
        Exclusion.DECLINED,
    )


# --- available


def test_a_slot_that_opens_in_time_counts_as_one_that_is_open() -> None:
    tuesday = slot(1, 9, 12)  # 08:00 UTC on the 24th
    opens_at = datetime(2026, 11, 24, 8, tzinfo=UTC)
    in_time = choose(POOL, [a_member(ANNE, tuesday)], a_need(deadline=opens_at + 3 * HOUR), NOW)
    assert (in_time.chosen, in_time.candidates[0].opens_at) == (ANNE, opens_at)
    too_late = choose(POOL, [a_member(ANNE, tuesday)], a_need(deadline=opens_at + POOL.answer_time), NOW)
    assert (too_late.chosen, reasons(too_late)[ANNE]) == (None, (Exclusion.UNAVAILABLE,))


def test_a_slot_open_now_counts_even_past_the_deadline() -> None:
    assert choose(POOL, [a_member(ANNE)], a_need(deadline=NOW - DAY), NOW).chosen == ANNE
    assert choose(POOL, [a_member(ANNE)], a_need(deadline=NOW - DAY), FRIDAY_NIGHT).chosen is None


def test_whoever_declared_nothing_follows_the_pool() -> None:
    member = a_member(ANNE, Availability())
    assert choose(POOL, [member], a_need(deadline=NOW + HOUR), NOW).chosen == ANNE
    assert choose(POOL, [member], a_need(deadline=FRIDAY_NIGHT + HOUR), FRIDAY_NIGHT).chosen is None
    on_leave = a_member(ANNE, Availability(leaves=(Leave(date(2026, 11, 16), date(2026, 11, 30)),)))
    assert choose(POOL, [on_leave], a_need(), NOW).chosen is None


def test_a_pool_may_ask_for_an_open_slot_only() -> None:
    strict = replace(POOL, open_now_only=True)
    members = [a_member(ANNE, slot(1, 9, 12)), a_member(BRUNO, credit=TURN)]
    decision = choose(strict, members, a_need(), NOW)
    assert (decision.chosen, reasons(decision)[ANNE]) == (BRUNO, (Exclusion.UNAVAILABLE,))


# --- order


def test_smallest_credit_then_oldest_turn_then_identifier() -> None:
    early, late = NOW - 2 * DAY, NOW - DAY
    members = [
        a_member(ANNE, credit=TURN, last_turn=early),
        a_member(BRUNO, credit=0, last_turn=late),
        a_member(CAROL, credit=0, last_turn=early),
        a_member(DAVID, credit=0, last_turn=early),
    ]
    order = []
    while members:
        chosen = choose(POOL, members, a_need(), NOW).chosen
        order.append(chosen)
        members = [member for member in members if member.practitioner_id != chosen]
    assert order == [CAROL, DAVID, BRUNO, ANNE]


def test_never_asked_goes_before_asked_long_ago() -> None:
    members = [a_member(ANNE, last_turn=datetime(1960, 1, 1, tzinfo=UTC)), a_member(BRUNO)]
    assert choose(POOL, members, a_need(), NOW).chosen == BRUNO


def test_named_goes_first_then_continuity_then_the_turn() -> None:
    members = [a_member(ANNE), a_member(BRUNO, credit=5 * TURN), a_member(CAROL, credit=9 * TURN)]
    both = choose(POOL, members, a_need(named=CAROL, continuity=BRUNO), NOW)
    assert (both.chosen, both.choice) == (CAROL, Choice.NAMED)
    declined = choose(POOL, members, a_need(named=CAROL, continuity=BRUNO, declined=frozenset({CAROL})), NOW)
    assert (declined.chosen, declined.choice, declined.named) == (BRUNO, Choice.CONTINUITY, CAROL)
    neither = frozenset({BRUNO, CAROL})
    pool = choose(POOL, members, a_need(named=CAROL, continuity=BRUNO, timed_out=neither), NOW)
    assert (pool.chosen, pool.choice) == (ANNE, Choice.ROTATION)
    assert not pool.breaks_deadline, "somebody was found"


def test_a_named_stranger_is_recorded_and_not_asked() -> None:
    decision = choose(POOL, [a_member(ANNE)], a_need(named=DAVID, continuity=DAVID), NOW)
    assert decision.chosen == ANNE
    assert decision.candidates[1:] == (Candidate(DAVID, (Exclusion.NOT_MEMBER,)),)
    assert decision.candidates[1].credit == 0


def test_who_joins_has_had_no_turn() -> None:
    new = Member(ANNE)
    assert (new.credit, new.open_count, new.week_count, new.last_turn) == (0, 0, 0, None)


# --- credit and virtual time


def test_a_turn_costs_one_over_weight_named_or_not() -> None:
    members = [a_member(ANNE, weight=4, credit=TURN), a_member(BRUNO, credit=TURN)]
    assert choose(POOL, members, a_need(), NOW).credits == {ANNE: TURN + TURN // 4}
    assert choose(POOL, members, a_need(named=BRUNO), NOW).credits == {BRUNO: 2 * TURN}


@pytest.mark.parametrize("weight", range(1, MAX_WEIGHT + 1))
def test_one_over_weight_is_exact(weight: int) -> None:
    assert Terms(weight=weight).charge * weight == TURN


def test_the_rotation_moves_virtual_time_and_carries_along_whoever_is_away() -> None:
    away = a_member(CAROL, NEVER, credit=TURN)
    ahead = a_member(DAVID, NEVER, credit=9 * TURN)
    declined = a_member(ANNE, credit=TURN)
    need = a_need(deadline=TOMORROW, declined=frozenset({ANNE}))
    decision = choose(POOL, [away, ahead, declined, a_member(BRUNO, credit=3 * TURN)], need, NOW)
    assert decision.virtual_time == 3 * TURN
    assert decision.credits == {BRUNO: 4 * TURN, CAROL: 3 * TURN}


def test_virtual_time_does_not_go_back() -> None:
    refunded = a_member(ANNE, credit=TURN)
    assert choose(replace(POOL, virtual_time=2 * TURN), [refunded], a_need(), NOW).virtual_time == 2 * TURN


def test_a_named_turn_does_not_move_virtual_time() -> None:
    """Else whoever comes back would wait until all have caught up with the one who is often named."""
    members = [a_member(ANNE, credit=9 * TURN), a_member(BRUNO, NEVER)]
    decision = choose(POOL, members, a_need(deadline=TOMORROW, named=ANNE), NOW)
    assert (decision.virtual_time, decision.credits) == (0, {ANNE: 10 * TURN})


# --- nobody


def test_nobody_waits_for_the_next_opening_and_breaks_the_deadline() -> None:
    members = [a_member(ANNE, slot(3, 9, 12)), a_member(BRUNO, slot(1, 9, 12))]
    decision = choose(POOL, members, a_need(deadline=TOMORROW), NOW)
    assert (decision.chosen, decision.choice, decision.credits) == (None, None, {})
    assert decision.wake_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert decision.breaks_deadline
    gone = replace(slot(2, 9, 12), leaves=(Leave(NOW.date(), date(2029, 1, 1)),))
    never = choose(POOL, [*members, a_member(CAROL, gone)], a_need(deadline=TOMORROW), NOW)
    assert never.wake_at == decision.wake_at, "who never opens keeps nobody from the others"


def test_who_only_lacks_an_opening_is_waited_for_this_week() -> None:
    # Friday 10:00; the slot of the afternoon is too late for the deadline and opens before the week is over.
    decision = choose(POOL, [a_member(ANNE, slot(4, 15, 16))], a_need(deadline=NOW + HOUR), NOW)
    assert decision.wake_at == datetime(2026, 11, 20, 14, tzinfo=UTC)


def test_waking_for_an_open_slot_may_meet_the_deadline() -> None:
    strict = replace(POOL, open_now_only=True)
    decision = choose(strict, [a_member(ANNE)], a_need(), FRIDAY_NIGHT)
    assert (decision.wake_at, decision.breaks_deadline) == (MONDAY_8, False)
    at_the_edge = a_need(deadline=MONDAY_8 + POOL.answer_time)
    assert choose(strict, [a_member(ANNE)], at_the_edge, FRIDAY_NIGHT).breaks_deadline


def test_the_opening_of_somebody_excluded_otherwise_wakes_nobody() -> None:
    need = a_need(deadline=TOMORROW, conflicts=frozenset({ANNE}))
    members = [a_member(ANNE, slot(0, 9, 12)), a_member(BRUNO, slot(0, 9, 12), cap=1, open_count=1)]
    decision = choose(POOL, members, need, NOW)
    assert (decision.wake_at, decision.breaks_deadline) == (None, True)
    with_carol = choose(POOL, [*members, a_member(CAROL, slot(2, 9, 12))], need, NOW)
    assert with_carol.wake_at == datetime(2026, 11, 25, 8, tzinfo=UTC)


def test_a_quota_starts_anew_on_monday_of_the_pools_zone() -> None:
    full = a_member(ANNE, ALWAYS, weekly_quota=1, week_count=1)
    decision = choose(POOL, [full], a_need(), NOW)
    assert decision.wake_at == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert not decision.breaks_deadline


def test_an_empty_pool_waits_for_a_change() -> None:
    decision = choose(POOL, [], a_need(), NOW)
    assert (decision.chosen, decision.wake_at, decision.breaks_deadline) == (None, None, True)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_at_the_instant_of_waking_somebody_is_eligible(data: st.DataObject) -> None:
    """So that a request never sleeps through its chance, nor wakes for nothing."""
    pool = replace(POOL, open_now_only=data.draw(st.booleans()))
    members = [
        a_member(
            PractitionerId(f"expert-{number}"),
            data.draw(st.sampled_from([NEVER, OFFICE, slot(5, 20, 23), slot(6, 1, 4), Availability()])),
            active=data.draw(st.booleans()),
            weekly_quota=2,
            week_count=data.draw(st.integers(0, 2)),
        )
        for number in range(data.draw(st.integers(0, 4)))
    ]
    now = NOW + data.draw(st.integers(0, 14 * 24)) * HOUR
    need = a_need(deadline=now + data.draw(st.integers(-24, 240)) * HOUR)
    decision = choose(pool, members, need, now)
    if decision.wake_at is None:
        return
    assert decision.chosen is None
    assert decision.wake_at > now
    new_week = decision.wake_at >= pool.week_start(now, weeks=1)
    then = [replace(member, week_count=0 if new_week else member.week_count) for member in members]
    assert choose(pool, then, need, decision.wake_at).chosen is not None
    assert choose(pool, members, need, decision.wake_at - datetime.resolution).chosen is None


# --- fairness


@dataclass
class Rota:
    """A pool over many requests: what the store does with decisions, in memory."""

    members: dict[PractitionerId, Member]
    pool: Pool = POOL
    count: int = 0

    def serve(self, away: frozenset[PractitionerId] = frozenset(), **need: Any) -> PractitionerId | None:
        self.count += 1
        now = NOW + self.count * timedelta(seconds=1)
        standing = [
            replace(member, availability=NEVER if id_ in away else ALWAYS) for id_, member in self.members.items()
        ]
        decision = choose(self.pool, standing, a_need(deadline=now + DAY, **need), now)
        self.pool = replace(self.pool, virtual_time=decision.virtual_time)
        for id_, credit in decision.credits.items():
            self.members[id_] = replace(self.members[id_], credit=credit)
        if decision.chosen:
            self.members[decision.chosen] = replace(self.members[decision.chosen], last_turn=now)
        return decision.chosen

    def join(self, practitioner_id: PractitionerId) -> None:
        self.members[practitioner_id] = a_member(practitioner_id, credit=self.pool.virtual_time)


def a_rota(*weights: int) -> Rota:
    return Rota({id_: a_member(id_, weight=w) for id_, w in zip((ANNE, BRUNO, CAROL, DAVID), weights, strict=False)})


@given(st.lists(st.frozensets(st.sampled_from([CAROL, DAVID])), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_whoever_always_is_there_is_at_most_one_turn_apart(story: list[frozenset[PractitionerId]]) -> None:
    rota, served = a_rota(1, 1, 1, 1), Counter[PractitionerId | None]()
    for away in story:
        served[rota.serve(away)] += 1
        assert abs(served[ANNE] - served[BRUNO]) <= 1


@given(st.lists(st.frozensets(st.sampled_from([ANNE, BRUNO, CAROL, DAVID]), max_size=3), min_size=1, max_size=80))
@settings(max_examples=150, deadline=None)
def test_nobody_gets_a_run_of_requests_nor_is_starved_after_an_absence(story: list[frozenset[PractitionerId]]) -> None:
    """However each comes and goes: as long as two are both there, neither gains more than two turns on the other."""
    rota = a_rota(1, 1, 1, 1)
    gained: dict[tuple[PractitionerId, PractitionerId], int] = {}
    for away in story:
        chosen = rota.serve(away)
        there = [id_ for id_ in rota.members if id_ not in away]
        assert chosen in there
        gained = {
            (one, other): gained.get((one, other), 0) + (chosen == one) - (chosen == other)
            for one, other in combinations(there, 2)
        }
        assert all(abs(turns) <= 2 for turns in gained.values())


def test_back_from_a_long_leave_one_takes_turns_like_the_others() -> None:
    rota = a_rota(1, 1, 1, 1)
    for _ in range(135):
        assert rota.serve(frozenset({DAVID})) != DAVID
    after = [rota.serve() for _ in range(8)]
    assert Counter(after) == dict.fromkeys((ANNE, BRUNO, CAROL, DAVID), 2)


def test_who_joins_takes_turns_like_the_others() -> None:
    rota = a_rota(1, 1, 1)
    for _ in range(100):
        rota.serve()
    rota.join(DAVID)
    assert Counter(rota.serve() for _ in range(8))[DAVID] == 2


def test_whoever_is_often_named_waits_and_whoever_comes_back_does_not() -> None:
    rota = a_rota(1, 1, 1, 1)
    away = frozenset({DAVID})
    for _ in range(10):
        assert rota.serve(away, named=ANNE) == ANNE
    following = [rota.serve() for _ in range(9)]
    assert Counter(following) == {BRUNO: 3, CAROL: 3, DAVID: 3}


def test_weights_share_exactly() -> None:
    rota = a_rota(1, 2, 3)
    assert Counter(rota.serve() for _ in range(60)) == {ANNE: 10, BRUNO: 20, CAROL: 30}


def test_equal_weights_rotate_strictly() -> None:
    rota = a_rota(1, 1, 1, 1)
    assert [rota.serve() for _ in range(8)] == [ANNE, BRUNO, CAROL, DAVID] * 2


# --- terms, deadlines, offers


@pytest.mark.parametrize("terms", [{"weight": 0}, {"weight": MAX_WEIGHT + 1}, {"cap": 0}, {"weekly_quota": -1}])
def test_terms_outside_their_bounds_are_refused(terms: dict[str, int]) -> None:
    with pytest.raises(BadTerms) as refused:
        Terms(**terms)  # type: ignore[arg-type]
    assert refused.value.params["field"] in terms


def test_deadlines_run_in_working_hours_and_a_red_flag_in_time() -> None:
    assert POOL.due_at(NOW) == datetime(2026, 11, 27, 9, tzinfo=UTC)  # 5 days of 10 hours
    assert POOL.due_at(NOW, at_most=DAY) == NOW + DAY
    assert POOL.due_at(NOW, at_most=100 * DAY) == POOL.due_at(NOW)


def test_weeks_begin_on_monday_in_the_pools_zone_in_summer_too() -> None:
    assert POOL.week_start(NOW) == datetime(2026, 11, 15, 23, tzinfo=UTC)
    sunday_night = datetime(2026, 7, 19, 22, 30, tzinfo=UTC)  # Monday in Paris
    assert POOL.week_start(sunday_night) == datetime(2026, 7, 19, 22, tzinfo=UTC)
    assert POOL.week_start(datetime(2026, 10, 24, 12, tzinfo=UTC), weeks=1) == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_an_offer_runs_in_the_experts_hours() -> None:
    thursday = slot(3, 9, 18)
    assert offer_expires_at(POOL, thursday, DEADLINE, NOW) == datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert offer_expires_at(POOL, Availability(), DEADLINE, NOW) == NOW + 4 * HOUR


def test_an_offer_ends_with_its_deadline_unless_that_has_passed() -> None:
    assert offer_expires_at(POOL, OFFICE, NOW + HOUR, NOW) == NOW + HOUR
    assert offer_expires_at(POOL, OFFICE, NOW - HOUR, NOW) == NOW + 4 * HOUR
    assert offer_expires_at(POOL, OFFICE, NOW, NOW) == NOW + 4 * HOUR, "an offer that ended as it began is none"


def test_an_offer_to_hours_that_hold_too_little_still_ends() -> None:
    one_day = DayException(date(2026, 11, 20), (slot(4, 10, 11).weekly[0].slot,))
    gone = Availability((WeeklySlot(4, time(10), time(11), PARIS),), (Leave(NOW.date(), date(2028, 1, 1)),), (one_day,))
    assert offer_expires_at(POOL, gone, DEADLINE, NOW) == NOW + 4 * HOUR
