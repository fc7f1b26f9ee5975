"""The whole life of a request, on a virtual clock: any act at any time, over the pure model and over the service.

What must hold: a state allows its acts alone; a deadline moves by pauses and by nothing else; whoever has to move has a
timer, and who need not has none.
"""

import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.storage.jobs.tables import JobRow
from teleexpertise.availability import add_working_time, working_time_between
from teleexpertise.dispatch import DeclineReason
from teleexpertise.follow_up.model import inform
from teleexpertise.reminders.model import Stage, stage_of
from teleexpertise.requests import model, moves
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.deadlines import next_reminder, reminders_at, resume
from teleexpertise.requests.errors import CallOffTooLate, NotHolder, NotRequester, ReopenTooLate, StateForbids
from teleexpertise.requests.model import ENDED, ExpertiseRequest, Fact, FactKind, Move, Sent, State
from teleexpertise.requests.record import ASSIGN, EXPIRE, REMIND
from tests.teleexpertise.office import Office
from tests.teleexpertise.requests.test_deadlines import POOL
from tests.teleexpertise.requests.test_model import ATTEMPT, DRAFT

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAUL, ANNE, KARIM = PractitionerId("paul"), PractitionerId("anne"), PractitionerId("karim")
WORK = timedelta(hours=45)
ACTS = (
    "accept", "answer", "ask", "assign", "call_off", "clarify", "correct", "decline", "expire", "inform", "reassign",
    "reopen", "reorient", "revoke",
)  # fmt: skip
FORBIDDEN = (StateForbids, NotHolder, NotRequester, CallOffTooLate, ReopenTooLate)


class Life(RuleBasedStateMachine):
    """Acts in any order by anybody, and a clock that goes on; the reminder rings whenever it is due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.request = DRAFT
        self.facts: list[Fact] = []

    @initialize()
    def send(self) -> None:
        deadline_at = add_working_time(self.now, WORK, POOL.hours)
        sent = Sent(POOL.id, self.now, deadline_at, reminders_at(self.now, deadline_at, POOL.hours))
        self._do(lambda r: model.submit(r, "url|1", sent))

    @rule(by=st.sampled_from([PAUL, ANNE, KARIM]), act=st.sampled_from(ACTS))
    def act(self, by: PractitionerId, act: str) -> None:
        """Allowed or not: what is not is refused by name, and changes nothing."""
        self._do(lambda request: self._move(act, request, by))

    @rule(hours=st.integers(1, 96))
    def wait(self, hours: int) -> None:
        """Time passes; every timer that is due rings, in order, as the job runner has it."""
        until = self.now + timedelta(hours=hours)
        while (due_at := next_reminder(self.request, POOL)) is not None and due_at <= until:
            self.now = max(self.now, due_at)
            self._ring()
        self.now = until

    @precondition(lambda self: self.request.state is State.ON_HOLD)
    @rule()
    def stay_silent(self) -> None:
        self.wait(24 * 20)
        assert self.request.state is State.CLOSED

    @invariant()
    def is_whole(self) -> None:
        request, held = self.request, {State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD, State.CLOSED, *model.TOLD}
        assert (request.holder is not None) is (request.state in held)
        assert (request.offer_expires_at is not None) is (request.state is State.ASSIGNED)
        assert (request.held_since is not None) is (request.state in {State.ON_HOLD, State.CLOSED})
        assert (request.ended_at is not None) is (request.state in ENDED)

    @invariant()
    def whoever_has_to_move_has_a_timer(self) -> None:
        due_at = next_reminder(self.request, POOL)
        runs = self.request.state not in {*ENDED, State.DRAFT}
        assert (due_at is not None) is runs
        if due_at is not None:
            assert due_at > self.now or stage_of(self.request, POOL, self.now) is not None

    @invariant()
    def what_is_overdue_was_told(self) -> None:
        if self.request.state in {State.READY, State.ASSIGNED, State.IN_PROGRESS} and self.request.sent:
            late = self.now > self.request.sent.deadline_at and stage_of(self.request, POOL, self.now) is None
            assert not late or any(fact.kind is FactKind.OVERDUE for fact in self.facts)

    def _ring(self) -> None:
        stage = stage_of(self.request, POOL, self.now)
        assert stage is not None, "it rings when something is due"
        if stage is Stage.TOO_SILENT:
            self._do(lambda request: moves.close(request, self.now))
            return
        kind = FactKind.OVERDUE if stage is Stage.OVERDUE else FactKind.REMINDED
        self._do(lambda request: moves.remind(request, Fact(kind, self.now, reason=stage)))

    def _move(self, act: str, request: ExpertiseRequest, by: PractitionerId) -> Move:
        now, sent = self.now, request.require_sent()
        attempt = replace(ATTEMPT, practitioner_id=ANNE, expires_at=now + timedelta(hours=4))
        if request.held_since is not None:
            sent = resume(request, POOL.hours, now)
        match act:
            case "assign":
                return model.assign(request, attempt, now)
            case "expire":
                return model.expire(request, now)
            case "decline":
                return model.decline(request, by, DeclineReason.SCOPE, now)
            case "reorient":
                return moves.reorient(request, by, DeclineReason.SCOPE, now)
            case "clarify":
                return model.clarify(request, by, sent=sent, now=now)
            case "reopen":
                return moves.reopen(request, by, sent=sent, now=now)
            case "reassign":
                return moves.reassign(request, by, sent=sent, now=now)
            case "inform":
                return inform(request, now)
            case "call_off":
                return moves.call_off(request, by, now)
            case "correct":
                return moves.correct(request, by, now)
            case _:
                return getattr(model, act)(request, by, now)  # type: ignore[no-any-return]

    def _do(self, move: Callable[[ExpertiseRequest], Move]) -> None:
        before = self.request
        try:
            self.request, fact = move(before)
        except FORBIDDEN:
            assert self.request == before
            return
        self.facts.append(fact)
        assert fact.at <= self.now
        assert before.state not in ENDED or fact.kind in {
            FactKind.CORRECTED, FactKind.PATIENT_INFORMED, FactKind.REOPENED,
        }  # fmt: skip
        self._deadline_moved_by_the_pause_alone(before)

    def _deadline_moved_by_the_pause_alone(self, before: ExpertiseRequest) -> None:
        if before.sent is None or self.request.sent is None:
            return
        earlier, later = before.sent.deadline_at, self.request.sent.deadline_at
        assert later >= earlier
        ends_pause = before.held_since is not None and self.request.held_since is None
        if not ends_pause or before.held_since is None or earlier <= before.held_since or self.request.state in ENDED:
            assert later == earlier
            return
        left = working_time_between(before.held_since, earlier, POOL.hours)
        assert working_time_between(self.now, later, POOL.hours) >= left, "the working time that was left is left"


Life.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase


@pytest.mark.parametrize("seed", [26])
async def test_any_acts_on_the_service_leave_each_state_its_timers(
    office: Office, clock: MovableClock, seed: int
) -> None:
    chance = random.Random(seed)
    await office.deliver(office.letter())
    visited = set()
    for step in range(26):
        request = await office.request()
        who = chance.choice([office.paul, office.anne, office.karim])
        act = chance.choice(service_acts(office, request, who.id, step))
        # What contradicts the state is refused by a named error, and nothing else ever goes wrong.
        with contextlib.suppress(MissError):
            await act()
        if chance.random() < 0.4:
            clock.advance(timedelta(hours=chance.choice([1, 5, 30, 400])))
        await office.run_jobs()
        request = await office.request()
        visited.add(request.state)
        await each_state_has_its_timers(office, request)
        if request.state in ENDED and request.state is not State.CLOSED:
            break
    assert len(visited) > 3, "a life worth looking at"
    assert await office.dead_jobs() == []


def service_acts(
    office: Office, request: ExpertiseRequest, who: PractitionerId, step: int
) -> list[Callable[[], Awaitable[object]]]:
    """What anybody may try; what fits the state is tried more often."""
    requests, id_ = office.service.requests, request.id
    word = Word(source=f"mot-{step:08}", author=who, text="d.diametre : 8")
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: requests.accept(id_, request.holder or who),
        lambda: requests.accept(id_, who),
        lambda: requests.decline(id_, who, DeclineReason.SCOPE),
        lambda: requests.ask(id_, request.holder or who, "Et le diamètre ?", ["d.diametre"]),
        lambda: requests.add(id_, word),
        lambda: requests.add(id_, replace(word, author=office.paul.id)),
        lambda: office.service.second_readings.ask(id_, request.holder or who, "Votre avis ?"),
    ]
    fitting = {State.ASSIGNED: 0, State.IN_PROGRESS: 3, State.ON_HOLD: 5, State.CLOSED: 5}.get(request.state)
    if fitting is not None:
        acts += [acts[fitting]] * 3
    return acts


async def each_state_has_its_timers(office: Office, request: ExpertiseRequest) -> None:
    async with office.house.db.snapshot() as tx:
        rows = await tx.exec(select(JobRow).where(JobRow.key == request.id))
        timers = {row.kind: row.due_at for row in rows}
        live = await office.service.dispatch.find_live_attempt(tx, request.id)
    assert timers.get(REMIND) == next_reminder(request, office.pool)
    assert timers.get(EXPIRE) == request.offer_expires_at
    assert ASSIGN not in timers or request.state is State.READY
    is_held = request.state in {State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD}
    assert (live is not None) is is_held
    assert live is None or (live.practitioner_id, live.id) == (request.holder, request.attempt_id)
