"""The year itself: events on a heap, each handled by the service's own rules."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

from bench.year.world import Behaviour, Expert, World, arrivals
from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.availability import add_working_time
from teleexpertise.dispatch.attempts import Attempt, DeclineReason
from teleexpertise.dispatch.attempts.model import AttemptState
from teleexpertise.dispatch.model import Choice, Decision, Member, Need, choose, offer_expires_at
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse
from teleexpertise.requests import model, moves
from teleexpertise.requests.deadlines import WISH, due_at, reminders_at, resume, silent_at
from teleexpertise.requests.model import ENDED, ExpertiseRequest, Sent, State

COORDINATOR_ACTS_IN = timedelta(hours=4)
"""Working time of the pool from being told to giving the request to somebody by hand."""
AFTER_YEAR = timedelta(days=60)
"""What is under way on New Year's Eve is followed to its end."""


@dataclass
class Case:
    """One request and everything that happened to it."""

    pool_id: PoolId
    request: ExpertiseRequest
    asks: bool
    attempts: list[Attempt] = field(default_factory=list)
    by_hand: int = 0
    was_told: bool = False


@dataclass
class Year:
    """What came of it."""

    cases: list[Case]
    world: World
    happened: Counter[str] = field(default_factory=Counter)

    @property
    def stuck(self) -> list[Case]:
        """Requests that nobody will ever end."""
        return [case for case in self.cases if case.request.state not in ENDED]


class Simulation:
    """Draws a year and plays it."""

    def __init__(self, world: World, behaviour: Behaviour, random: Random) -> None:
        self._world = world
        self._behaviour = behaviour
        self._random = random
        self._events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._order = count()
        self._waiting: dict[PoolId, list[Case]] = {pool_id: [] for pool_id in world.pools}
        self._happened: Counter[str] = Counter()

    def play(self, requests: int) -> Year:
        """A year with so many requests, followed to the end of each."""
        cases: list[Case] = []
        sent_at = arrivals(self._random, requests)
        for rank, at in enumerate(sent_at, start=1):
            self._at(at, lambda now, rank=rank: cases.append(self._send(rank, now)))  # type: ignore[misc]
        end = sent_at[-1] + AFTER_YEAR
        while self._events and self._events[0][0] <= end:
            now, _, happens = heapq.heappop(self._events)
            happens(now)
        return Year(cases, self._world, self._happened)

    def _at(self, when: datetime, happens: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), happens))

    def _send(self, rank: int, now: datetime) -> Case:
        random = self._random
        pool = self._world.pools[random.choice(list(self._world.pools))]
        codes, weights = zip(*self._behaviour.wishes, strict=True)
        wish = random.choices(codes, weights)[0]
        red_flag = 24 if random.random() < self._behaviour.red_flags else None
        response = QuestionnaireResponse("form|1", {WISH: (Coding(wish),)})
        deadline_at = due_at(pool, response, red_flag_hours=red_flag, sent_at=now)
        draft = ExpertiseRequest(
            id=RequestId(f"request-{rank}"),
            number=model.compose_number(now.year, rank),
            requester=PractitionerId(f"gp-{random.randrange(900)}"),
            state=State.DRAFT,
            canonical="form|1",
            created_at=now,
        )
        sent = Sent(pool.id, now, deadline_at, reminders_at(now, deadline_at, pool.hours))
        request, _ = model.submit(draft, "form|1", sent)
        case = Case(pool.id, request, asks=random.random() < self._behaviour.asks)
        self._assign(case, now)
        return case

    def _assign(self, case: Case, now: datetime) -> None:
        if case.request.state is not State.READY:
            return
        pool, experts = self._world.pools[case.pool_id], self._world.experts[case.pool_id]
        if case in self._waiting[pool.id]:
            self._waiting[pool.id].remove(case)
        decision = choose(pool, [self._member(expert, now) for expert in experts], self._need(case), now)
        if decision.chosen is None:
            self._wait(case, decision, now)
        else:
            self._world.pools[pool.id] = replace(pool, virtual_time=decision.virtual_time)
            for expert in experts:
                expert.credit = decision.credits.get(expert.id, expert.credit)
            self._offer(case, self._expert(case, decision.chosen), decision.choice or Choice.ROTATION, now)

    def _member(self, expert: Expert, now: datetime) -> Member:
        week = self._world.pools[self._pool_of(expert)].week_start(now) if expert.terms.weekly_quota else None
        return Member(
            expert.id,
            expert.terms,
            expert.availability,
            credit=expert.credit,
            last_turn=expert.last_turn,
            open_count=expert.held,
            week_count=sum(turn >= week for turn in expert.turns) if week else 0,
        )

    def _need(self, case: Case) -> Need:
        def those(state: AttemptState) -> frozenset[PractitionerId]:
            return frozenset(attempt.practitioner_id for attempt in case.attempts if attempt.state is state)

        return Need(
            case.request.id,
            case.request.requester,
            case.request.require_sent().deadline_at,
            declined=those(AttemptState.DECLINED),
            timed_out=those(AttemptState.EXPIRED),
        )

    def _wait(self, case: Case, decision: Decision, now: datetime) -> None:
        pool = self._world.pools[case.pool_id]
        self._waiting[pool.id].append(case)
        if decision.wake_at is not None:
            self._at(decision.wake_at, lambda then: self._assign(case, then))
        if decision.breaks_deadline and not case.was_told:
            case.was_told = True
            self._happened["coordinator told"] += 1
            self._at(
                add_working_time(now, COORDINATOR_ACTS_IN, pool.hours), lambda then: self._give_by_hand(case, then)
            )

    def _give_by_hand(self, case: Case, now: datetime) -> None:
        """To whoever opens next, whatever they did before: a coordinator calls them first."""
        case.was_told = False
        if case.request.state is not State.READY:
            return
        pool = self._world.pools[case.pool_id]
        if case in self._waiting[pool.id]:
            self._waiting[pool.id].remove(case)
        by_opening = []
        for expert in self._world.experts[pool.id]:
            hours = expert.availability.following(pool.hours)
            if opens_at := hours.next_opening(expert.back_after(now), now + timedelta(days=60)):
                by_opening.append((opens_at, expert.id, expert))
        _, _, expert = min(by_opening)
        case.by_hand += 1
        expert.credit += expert.terms.charge
        self._happened["given by hand"] += 1
        self._offer(case, expert, Choice.BY_HAND, now)

    def _offer(self, case: Case, expert: Expert, choice: Choice, now: datetime) -> None:
        pool, random = self._world.pools[case.pool_id], self._random
        hours = expert.availability.following(pool.hours)
        attempt = Attempt(
            id=f"{case.request.id}-{len(case.attempts)}",
            request_id=case.request.id,
            pool_id=pool.id,
            practitioner_id=expert.id,
            choice=choice,
            charge=expert.terms.charge,
            offered_at=now,
            expires_at=offer_expires_at(pool, hours, case.request.require_sent().deadline_at, now),
        )
        case.attempts.append(attempt)
        expert.held += 1
        expert.last_turn = now
        expert.turns.append(now)
        case.request, _ = model.assign(case.request, attempt, now)
        self._at(attempt.expires_at, lambda then: self._expire(case, attempt.id, then))
        # A coordinator who gives it by hand has called: it is taken.
        is_agreed = choice is Choice.BY_HAND
        if not is_agreed and random.random() < self._behaviour.lets_pass:
            return
        delay = timedelta(seconds=random.expovariate(1 / self._behaviour.accepts_in.total_seconds()))
        looks_at = add_working_time(expert.back_after(now), delay, hours)
        looks_at = looks_at if not is_agreed else min(looks_at, attempt.expires_at - timedelta(seconds=1))
        declines = not is_agreed and random.random() < self._behaviour.declines
        self._at(max(looks_at, now), lambda then: self._look(case, attempt.id, declines, then))

    def _look(self, case: Case, attempt_id: str, declines: bool, now: datetime) -> None:
        if case.request.attempt_id != attempt_id or case.request.state is not State.ASSIGNED:
            return
        attempt = case.attempts[-1]
        expert = self._expert(case, attempt.practitioner_id)
        if declines:
            reason = self._random.choice(self._behaviour.reasons)
            self._give_back(case, attempt.decline(expert.id, reason, now), expert)
            case.request, _ = model.decline(case.request, expert.id, DeclineReason(reason), now)
            self._happened["declined"] += 1
            self._assign(case, now)
            return
        case.attempts[-1] = attempt.accept(expert.id, now)
        case.request, _ = model.accept(case.request, expert.id, now)
        self._work(case, expert, now)

    def _expire(self, case: Case, attempt_id: str, now: datetime) -> None:
        attempt = case.attempts[-1]
        expired = attempt.expire(now) if attempt.id == attempt_id else None
        if expired is None or case.request.state is not State.ASSIGNED:
            return
        self._give_back(case, expired, self._expert(case, attempt.practitioner_id))
        case.request, _ = model.expire(case.request, now)
        self._happened["let pass"] += 1
        self._assign(case, now)

    def _give_back(self, case: Case, ended: Attempt, expert: Expert) -> None:
        expert.credit -= case.attempts[-1].charge - ended.charge
        expert.held -= 1
        case.attempts[-1] = ended

    def _work(self, case: Case, expert: Expert, now: datetime) -> None:
        hours = expert.availability.following(self._world.pools[case.pool_id].hours)
        delay = timedelta(seconds=self._random.expovariate(1 / self._behaviour.answers_in.total_seconds()))
        at = expert.back_after(add_working_time(expert.back_after(now), delay, hours))
        self._at(at, lambda then: self._ask(case, expert, then) if case.asks else self._answer(case, expert, then))

    def _ask(self, case: Case, expert: Expert, now: datetime) -> None:
        case.asks = False
        case.request, _ = model.ask(case.request, expert.id, now)
        self._happened["clarified"] += 1
        if self._random.random() < self._behaviour.stays_silent:
            self._at(silent_at(now, self._world.pools[case.pool_id])[-1], lambda then: self._close(case, expert, then))
            return
        delay = timedelta(seconds=self._random.expovariate(1 / self._behaviour.clarifies_in.total_seconds()))
        self._at(now + delay, lambda then: self._clarify(case, expert, then))

    def _clarify(self, case: Case, expert: Expert, now: datetime) -> None:
        sent = resume(case.request, self._world.pools[case.pool_id].hours, now)
        case.request, _ = model.clarify(case.request, case.request.requester, sent=sent, now=now)
        self._work(case, expert, now)

    def _close(self, case: Case, expert: Expert, now: datetime) -> None:
        case.request, _ = moves.close(case.request, now)
        case.attempts[-1] = case.attempts[-1].close(AttemptState.LAPSED, now)
        self._happened["closed for silence"] += 1
        self._free(case, expert, now)

    def _answer(self, case: Case, expert: Expert, now: datetime) -> None:
        case.request, _ = model.answer(case.request, expert.id, now)
        case.attempts[-1] = case.attempts[-1].close(AttemptState.ANSWERED, now)
        self._free(case, expert, now)

    def _free(self, case: Case, expert: Expert, now: datetime) -> None:
        """Somebody has room again: whatever waits in the pool is tried."""
        expert.held -= 1
        for waiting in list(self._waiting[case.pool_id]):
            self._assign(waiting, now)

    def _expert(self, case: Case, id_: PractitionerId) -> Expert:
        return next(expert for expert in self._world.experts[case.pool_id] if expert.id == id_)

    def _pool_of(self, expert: Expert) -> PoolId:
        return next(pool_id for pool_id, experts in self._world.experts.items() if expert in experts)
