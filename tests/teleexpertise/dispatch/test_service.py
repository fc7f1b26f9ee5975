import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.ids import PoolId, PractitionerId
from miss.base.random import RandomBytes
from miss.storage import Database
from teleexpertise.availability import Availabilities, Availability
from teleexpertise.availability.errors import NeverOpen, UnknownZone
from teleexpertise.dispatch import (
    Assigned,
    Attempt,
    AttemptState,
    Choice,
    Decision,
    DeclineReason,
    Dispatch,
    Exclusion,
    Need,
    Pool,
    Terms,
    explain,
)
from teleexpertise.dispatch.attempts import store as attempt_store
from teleexpertise.dispatch.errors import AlreadyAssigned, AttemptUnknown, NotHolder, PoolUnknown
from teleexpertise.dispatch.model import TURN
from tests.teleexpertise.dispatch.pools import (
    ANNE,
    BRUNO,
    CAROL,
    DAVID,
    DAY,
    EMMA,
    HOUR,
    NEVER,
    NOW,
    OFFICE,
    PARIS,
    POOL,
    a_need,
)

EXPERTS = (ANNE, BRUNO, CAROL, DAVID, EMMA)


class Desk:
    """What `requests` does around dispatch: transactions."""

    def __init__(self, db: Database, dispatch: Dispatch, pool: Pool) -> None:
        self.db, self.dispatch, self.pool = db, dispatch, pool

    async def assign(self, need: Need, after: timedelta = timedelta(0)) -> Assigned:
        async with self.db.transaction() as tx:
            return await self.dispatch.assign(tx, self.pool.id, need, NOW + after)

    async def offer(self, need: Need, after: timedelta = timedelta(0)) -> Attempt:
        attempt = (await self.assign(need, after)).attempt
        assert attempt is not None
        return attempt

    async def decline(self, attempt: Attempt, reason: DeclineReason) -> Attempt:
        async with self.db.transaction() as tx:
            return await self.dispatch.decline(tx, attempt.id, attempt.practitioner_id, reason, NOW)

    async def close(self, attempt: Attempt, state: AttemptState = AttemptState.ANSWERED) -> Attempt:
        async with self.db.transaction() as tx:
            return await self.dispatch.close(tx, attempt.id, state, NOW)

    async def credits(self) -> dict[PractitionerId, int]:
        async with self.db.snapshot() as tx:
            members = await self.dispatch.list_members(tx, self.pool, NOW)
        return {member.practitioner_id: member.credit for member in members}


@pytest.fixture
def availabilities(db: Database, clock: MovableClock) -> Availabilities:
    return Availabilities(db, clock)


@pytest.fixture
def dispatch(db: Database, clock: MovableClock, random_bytes: RandomBytes, availabilities: Availabilities) -> Dispatch:
    return Dispatch(db, clock, random_bytes, availabilities)


async def a_pool(dispatch: Dispatch, questionnaire: str = "dermatologie", hours: Availability = OFFICE) -> Pool:
    return await dispatch.create_pool(
        name=POOL.name,
        questionnaire=questionnaire,
        coordinator_id=POOL.coordinator_id,
        hours=hours,
        zone=PARIS,
        answer_within=POOL.answer_within,
        accept_within=POOL.accept_within,
        answer_time=POOL.answer_time,
    )


@pytest.fixture
async def desk(db: Database, dispatch: Dispatch) -> Desk:
    """Anne and Bruno, who declared nothing."""
    pool = await a_pool(dispatch)
    for expert in (ANNE, BRUNO):
        await dispatch.put_member(pool.id, expert)
    return Desk(db, dispatch, pool)


# --- pools and members


async def test_a_pool_is_found_by_its_form(dispatch: Dispatch, db: Database) -> None:
    pool, other = await a_pool(dispatch), await a_pool(dispatch, "cardiologie")
    async with db.snapshot() as tx:
        assert await dispatch.get_pool(tx, pool.id) == pool == replace(POOL, id=pool.id)
        assert await dispatch.list_pools(tx, questionnaire="cardiologie") == [other]
        assert [found.id for found in await dispatch.list_pools(tx)] == sorted([pool.id, other.id])
        with pytest.raises(PoolUnknown):
            await dispatch.get_pool(tx, PoolId("nowhere"))


async def test_a_pool_that_can_meet_no_deadline_is_refused(dispatch: Dispatch) -> None:
    with pytest.raises(NeverOpen):
        await a_pool(dispatch, hours=Availability())


async def test_a_pool_lies_in_a_known_zone(dispatch: Dispatch) -> None:
    with pytest.raises(UnknownZone):
        await dispatch.create_pool(
            name="",
            questionnaire="",
            coordinator_id=POOL.coordinator_id,
            hours=OFFICE,
            zone="Europe/Lille",
            answer_within=HOUR,
            accept_within=HOUR,
            answer_time=HOUR,
        )


async def test_terms_change_and_the_place_stays(desk: Desk) -> None:
    await desk.offer(a_need())
    terms = Terms(weight=2, competences=frozenset({"child", "adult"}), cap=3, weekly_quota=9, active=False)
    await desk.dispatch.put_member(desk.pool.id, ANNE, terms)
    async with desk.db.snapshot() as tx:
        anne, bruno = await desk.dispatch.list_members(tx, desk.pool, NOW)
    assert (anne.terms, anne.credit, anne.last_turn) == (terms, TURN, NOW)
    assert bruno.terms == Terms()
    with pytest.raises(PoolUnknown):
        await desk.dispatch.put_member(PoolId("nowhere"), ANNE)


async def test_whoever_joins_begins_where_the_others_are(desk: Desk) -> None:
    for number in range(8):
        await desk.offer(a_need(number))
    await desk.dispatch.put_member(desk.pool.id, CAROL)
    assert await desk.credits() == {ANNE: 4 * TURN, BRUNO: 4 * TURN, CAROL: 3 * TURN}
    assert (await desk.offer(a_need(8))).practitioner_id == CAROL


# --- assigning


async def test_requests_go_in_turn_and_each_offer_says_all(desk: Desk) -> None:
    first = await desk.assign(a_need(1))
    assert first.attempt is not None
    assert first.attempt == Attempt(
        id=first.attempt.id,
        request_id=a_need(1).request_id,
        pool_id=desk.pool.id,
        practitioner_id=ANNE,
        choice=Choice.ROTATION,
        charge=TURN,
        offered_at=NOW,
        expires_at=NOW + POOL.accept_within,
    )
    assert (first.wake_at, first.tell_coordinator) == (None, None)
    assert [(await desk.offer(a_need(number))).practitioner_id for number in (2, 3)] == [BRUNO, ANNE]
    async with desk.db.snapshot() as tx:
        assert await desk.dispatch.get_attempt(tx, first.attempt.id) == first.attempt
        assert await desk.dispatch.find_live_attempt(tx, first.attempt.request_id) == first.attempt


async def test_nobody_waits_and_the_coordinator_is_named(desk: Desk, availabilities: Availabilities) -> None:
    for expert in (ANNE, BRUNO):
        await availabilities.replace_week(expert, NEVER.weekly, None)
    waiting = await desk.assign(a_need(deadline=NOW + DAY))
    assert waiting.attempt is None
    assert waiting.wake_at is not None
    assert waiting.tell_coordinator == POOL.coordinator_id
    again = await desk.assign(a_need(deadline=NOW + DAY), waiting.wake_at - NOW)
    assert again.attempt is not None
    async with desk.db.snapshot() as tx:
        kept = await desk.dispatch.list_decisions(tx, a_need().request_id)
    assert [(at, decision.chosen) for at, decision in kept] == [(NOW, None), (waiting.wake_at, ANNE)]


async def test_the_calendar_of_each_counts(desk: Desk, availabilities: Availabilities) -> None:
    await availabilities.replace_week(ANNE, NEVER.weekly, None)
    assigned = await desk.assign(a_need(deadline=NOW + DAY))
    assert [candidate.reasons for candidate in assigned.decision.candidates] == [(Exclusion.UNAVAILABLE,), ()]


async def test_every_choice_is_kept_with_its_candidates(desk: Desk) -> None:
    await desk.dispatch.put_member(desk.pool.id, CAROL, Terms(active=False))
    assigned = await desk.assign(a_need(named=DAVID))
    assert assigned.attempt is not None
    async with desk.db.snapshot() as tx:
        kept = await desk.dispatch.find_decision(tx, assigned.attempt.id)
        assert await desk.dispatch.find_decision(tx, "no-such-attempt") is None
    assert kept == assigned.decision
    assert explain(kept) == explain(assigned.decision)


async def test_a_request_is_with_one_expert_at_a_time(desk: Desk) -> None:
    attempt = await desk.offer(a_need())
    with pytest.raises(AlreadyAssigned):
        await desk.assign(a_need())
    await desk.close(attempt, AttemptState.WITHDRAWN)
    assert (await desk.offer(a_need())).practitioner_id == BRUNO


async def test_the_table_itself_holds_one_live_attempt_a_request(desk: Desk) -> None:
    attempt = await desk.offer(a_need())
    with pytest.raises(AlreadyAssigned):
        async with desk.db.transaction() as tx:
            await attempt_store.insert(tx, replace(attempt, id="another", practitioner_id=BRUNO))


async def test_a_cap_counts_what_is_held_and_a_quota_the_week(desk: Desk) -> None:
    await desk.dispatch.put_member(desk.pool.id, ANNE, Terms(cap=1, weekly_quota=2))
    await desk.dispatch.put_member(desk.pool.id, BRUNO, Terms(active=False))
    held = await desk.offer(a_need(1))
    assert (await desk.assign(a_need(2))).decision.candidates[0].reasons == (Exclusion.CAP,)
    await desk.close(held)
    await desk.close(await desk.offer(a_need(2)))
    assert (await desk.assign(a_need(3))).decision.candidates[0].reasons == (Exclusion.QUOTA,)
    next_week = a_need(3, deadline=NOW + 14 * DAY)
    assert (await desk.offer(next_week, after=3 * DAY)).practitioner_id == ANNE


async def test_pools_count_apart(desk: Desk) -> None:
    other = Desk(desk.db, desk.dispatch, await a_pool(desk.dispatch, "cardiologie"))
    await desk.dispatch.put_member(other.pool.id, ANNE, Terms(cap=1, weekly_quota=1))
    assert (await desk.offer(a_need(1))).practitioner_id == ANNE
    assert (await other.offer(a_need(2))).practitioner_id == ANNE
    assert (await desk.credits(), await other.credits()) == ({ANNE: TURN, BRUNO: 0}, {ANNE: TURN})


# --- attempts


async def test_accepting_is_for_whoever_was_asked(desk: Desk) -> None:
    attempt = await desk.offer(a_need())
    async with desk.db.transaction() as tx:
        accepted = await desk.dispatch.accept(tx, attempt.id, ANNE, NOW + HOUR)
    assert (accepted.state, accepted.accepted_at) == (AttemptState.ACCEPTED, NOW + HOUR)
    async with desk.db.transaction() as tx:
        assert await desk.dispatch.get_attempt(tx, attempt.id) == accepted
        with pytest.raises(NotHolder):
            await desk.dispatch.accept(tx, attempt.id, BRUNO, NOW)
        with pytest.raises(AttemptUnknown):
            await desk.dispatch.accept(tx, "no-such-attempt", ANNE, NOW)
        assert await desk.dispatch.list_live(tx, ANNE) == [accepted]
        assert await desk.dispatch.list_live(tx, BRUNO) == []


async def test_a_refusal_out_of_scope_gives_the_turn_back(desk: Desk) -> None:
    await desk.dispatch.put_member(desk.pool.id, ANNE, Terms(weight=2, weekly_quota=1))
    attempt = await desk.offer(a_need(1))
    assert await desk.credits() == {ANNE: TURN // 2, BRUNO: 0}
    declined = await desk.decline(attempt, DeclineReason.SCOPE)
    assert (declined.charge, await desk.credits()) == (0, {ANNE: 0, BRUNO: 0})
    assert (await desk.offer(a_need(1))).practitioner_id == BRUNO
    assert (await desk.offer(a_need(2))).practitioner_id == ANNE  # neither the turn nor the week's quota is used up


async def test_another_refusal_keeps_the_turn(desk: Desk) -> None:
    await desk.decline(await desk.offer(a_need(1)), DeclineReason.IN_PERSON)
    assert await desk.credits() == {ANNE: TURN, BRUNO: 0}


async def test_declining_and_assigning_anew_are_one_transaction(desk: Desk) -> None:
    attempt = await desk.offer(a_need())
    async with desk.db.transaction() as tx:
        await desk.dispatch.lock_pool(tx, desk.pool.id)
        await desk.dispatch.decline(tx, attempt.id, ANNE, DeclineReason.CONFLICT, NOW)
        assigned = await desk.dispatch.assign(tx, desk.pool.id, a_need(), NOW)
    assert assigned.attempt is not None
    assert assigned.attempt.practitioner_id == BRUNO
    anne, _ = assigned.decision.candidates
    assert (anne.credit, anne.reasons) == (0, (Exclusion.DECLINED,))
    async with desk.db.snapshot() as tx:
        states = [asked.state for asked in await desk.dispatch.list_attempts(tx, a_need().request_id)]
    assert states == [AttemptState.DECLINED, AttemptState.OFFERED]


async def test_an_offer_that_ran_out_goes_to_the_next_and_never_back(desk: Desk) -> None:
    attempt = await desk.offer(a_need())
    async with desk.db.transaction() as tx:
        assert await desk.dispatch.expire(tx, attempt.id, attempt.expires_at - HOUR) is None
        expired = await desk.dispatch.expire(tx, attempt.id, attempt.expires_at)
    assert expired is not None
    second = await desk.offer(a_need())
    async with desk.db.transaction() as tx:
        await desk.dispatch.expire(tx, second.id, second.expires_at)
    third = await desk.assign(a_need())
    assert third.attempt is None
    assert {candidate.reasons for candidate in third.decision.candidates} == {(Exclusion.TIMED_OUT,)}
    assert third.tell_coordinator == POOL.coordinator_id


# --- at the same time


async def test_sixty_requests_claimed_twice_by_six_tasks(db: Database, dispatch: Dispatch) -> None:
    """In real parallel transactions: none double, none lost, and nobody ever more than one turn ahead."""
    pool = await a_pool(dispatch)
    for expert in EXPERTS:
        await dispatch.put_member(pool.id, expert)
    desk = Desk(db, dispatch, pool)
    claims = [number for number in range(60) for _ in range(2)]
    decisions: list[Decision] = []
    refused: list[MissError] = []

    async def work() -> None:
        while claims:
            number = claims.pop()
            try:
                decisions.append((await desk.assign(a_need(number))).decision)
            except AlreadyAssigned as error:
                refused.append(error)

    await asyncio.gather(*(work() for _ in range(6)))
    async with db.snapshot() as tx:
        held = {expert: await dispatch.list_live(tx, expert) for expert in EXPERTS}
    assert (len(decisions), len(refused)) == (60, 60)
    assert len({attempt.request_id for attempts in held.values() for attempt in attempts}) == 60
    assert Counter({expert: len(attempts) for expert, attempts in held.items()}) == dict.fromkeys(EXPERTS, 12)
    assert await desk.credits() == dict.fromkeys(EXPERTS, 12 * TURN)
    for decision in decisions:
        standing = [candidate.credit for candidate in decision.candidates]
        assert max(standing) - min(standing) <= TURN


async def test_caps_hold_under_parallel_requests(db: Database, dispatch: Dispatch) -> None:
    pool = await a_pool(dispatch)
    for expert in EXPERTS:
        await dispatch.put_member(pool.id, expert, Terms(cap=2))
    desk = Desk(db, dispatch, pool)
    assigned = await asyncio.gather(*(desk.assign(a_need(number)) for number in range(15)))
    counts = Counter(one.attempt.practitioner_id for one in assigned if one.attempt)
    assert counts == dict.fromkeys(EXPERTS, 2)
    assert sum(one.attempt is None and one.tell_coordinator == POOL.coordinator_id for one in assigned) == 5


async def test_refusals_among_parallel_requests_end_in_a_fair_place(db: Database, dispatch: Dispatch) -> None:
    """Declining and assigning anew while others assign: no deadlock, and credit is what was taken and kept."""
    pool = await a_pool(dispatch)
    for expert in EXPERTS:
        await dispatch.put_member(pool.id, expert)
    desk = Desk(db, dispatch, pool)

    async def ask(number: int) -> Attempt:
        attempt = await desk.offer(a_need(number))
        async with db.transaction() as tx:
            await dispatch.lock_pool(tx, pool.id)
            await dispatch.decline(tx, attempt.id, attempt.practitioner_id, DeclineReason.SCOPE, NOW)
            again = (await dispatch.assign(tx, pool.id, a_need(number), NOW)).attempt
        assert again is not None
        return again

    attempts = await asyncio.gather(*(ask(number) for number in range(20)))
    kept = Counter(attempt.practitioner_id for attempt in attempts)
    assert await desk.credits() == {expert: kept[expert] * TURN for expert in EXPERTS}
    # Offers in hand at the same moment and given back leave a gap; the turns that follow close it.
    for number in range(20, 40):
        kept[(await desk.offer(a_need(number))).practitioner_id] += 1
    assert max(kept.values()) - min(kept[expert] for expert in EXPERTS) <= 1
