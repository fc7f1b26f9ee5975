"""Timers and outbox, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes, system_random
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable
from miss.storage.jobs import Job, JobHandler, JobRunner, RetryPolicy, cancel, list_dead, revive, schedule
from miss.storage.jobs.store import LEASE, take_due
from tests.conditions import WAIT_S

TWICE = RetryPolicy(first_wait=timedelta(minutes=1), max_attempts=2)


async def _schedule(db: Database, clock: MovableClock, key: str, wait: timedelta = timedelta(0)) -> None:
    async with db.transaction() as tx:
        await schedule(tx, "notice", key, clock.now() + wait, random_bytes=system_random, payload={"about": key})


class _Recorder:
    """A handler that remembers, and fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.jobs: list[Job] = []
        self.failures = failures

    async def run(self, job: Job) -> None:
        self.jobs.append(job)
        if len(self.jobs) <= self.failures:
            raise DatabaseUnreachable


async def test_a_due_job_runs_once_and_leaves_no_row(db: Database, jobs: JobRunner, clock: MovableClock) -> None:
    done = _Recorder()
    jobs.register(JobHandler("notice", done.run))
    await _schedule(db, clock, "request-1")
    assert await jobs.run_due() == 1
    assert [(job.key, job.payload) for job in done.jobs] == [("request-1", {"about": "request-1"})]
    assert await jobs.run_due() == 0


async def test_a_job_waits_for_its_instant(db: Database, jobs: JobRunner, clock: MovableClock) -> None:
    done = _Recorder()
    jobs.register(JobHandler("notice", done.run))
    await _schedule(db, clock, "later", timedelta(hours=2))
    assert await jobs.run_due() == 0
    clock.advance(timedelta(hours=2))
    assert await jobs.run_due() == 1


async def test_scheduling_again_moves_the_job(db: Database, jobs: JobRunner, clock: MovableClock) -> None:
    done = _Recorder()
    jobs.register(JobHandler("notice", done.run))
    await _schedule(db, clock, "request-1")
    await _schedule(db, clock, "request-1", timedelta(hours=1))
    assert await jobs.run_due() == 0
    clock.advance(timedelta(hours=1))
    assert await jobs.run_due() == 1
    assert len(done.jobs) == 1


async def test_a_cancelled_job_never_runs(db: Database, jobs: JobRunner, clock: MovableClock) -> None:
    jobs.register(JobHandler("notice", _Recorder().run))
    await _schedule(db, clock, "request-1")
    async with db.transaction() as tx:
        await cancel(tx, "notice", "request-1")
    assert await jobs.run_due() == 0


async def test_a_failure_waits_then_dies_and_can_be_revived(db: Database, jobs: JobRunner, clock: MovableClock) -> None:
    flaky = _Recorder(failures=2)
    jobs.register(JobHandler("notice", flaky.run, TWICE))
    await _schedule(db, clock, "request-1")
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0, "it waits before the second try"
    clock.advance(timedelta(minutes=1))
    assert await jobs.run_due() == 1
    clock.advance(timedelta(days=1))
    assert await jobs.run_due() == 0, "it is dead"
    async with db.snapshot() as tx:
        [(dead, reason)] = await list_dead(tx)
    assert (dead.key, reason) == ("request-1", "database_unreachable")
    async with db.transaction() as tx:
        assert await revive(tx, dead.id, clock.now())
    assert await jobs.run_due() == 1
    assert len(flaky.jobs) == 3


async def test_an_unknown_error_is_recorded_by_its_type_only(
    db: Database, jobs: JobRunner, clock: MovableClock
) -> None:
    async def fail(_job: Job) -> None:
        raise ValueError("patient DUPONT")

    jobs.register(JobHandler("notice", fail, RetryPolicy(max_attempts=1)))
    await _schedule(db, clock, "request-1")
    await jobs.run_due()
    async with db.snapshot() as tx:
        [(_, reason)] = await list_dead(tx)
    assert reason == "ValueError"


async def test_two_workers_never_take_the_same_job(db: Database, clock: MovableClock) -> None:
    for number in range(20):
        await _schedule(db, clock, f"request-{number}")

    async def take(worker: str) -> list[str]:
        taken: list[str] = []
        while True:
            async with db.transaction() as tx:
                batch = await take_due(tx, ["notice"], clock.now(), lease=worker, limit=3)
            if not batch:
                return taken
            taken += [job.key for job in batch]

    shares = await asyncio.gather(*(take(f"worker-{number}") for number in range(4)))
    everything = [key for share in shares for key in share]
    assert sorted(everything) == sorted(f"request-{number}" for number in range(20))


async def test_a_dead_workers_job_is_taken_over(
    db: Database, jobs: JobRunner, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    done = _Recorder()
    jobs.register(JobHandler("notice", done.run))
    await _schedule(db, clock, "request-1")
    async with db.transaction() as tx:
        await take_due(tx, ["notice"], clock.now(), lease="killed")
    assert await jobs.run_due() == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert await jobs.run_due() == 1


async def test_a_job_scheduled_anew_while_it_runs_runs_again(
    db: Database, jobs: JobRunner, clock: MovableClock
) -> None:
    runs: list[str] = []

    async def run(job: Job) -> None:
        runs.append(job.key)
        if len(runs) == 1:
            await _schedule(db, clock, job.key)

    jobs.register(JobHandler("notice", run))
    await _schedule(db, clock, "request-1")
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0


async def test_stopping_waits_for_the_job_under_way_and_takes_no_other(
    db: Database, jobs: JobRunner, clock: MovableClock
) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def run(job: Job) -> None:
        started.set()
        await may_end.wait()
        done.append(job.key)

    jobs.register(JobHandler("notice", run))
    await _schedule(db, clock, "request-1")
    await _schedule(db, clock, "request-2")
    running = asyncio.create_task(jobs.run())
    await started.wait()
    jobs.stop()
    may_end.set()
    async with asyncio.timeout(WAIT_S):
        await running
    assert len(done) == 1


async def test_the_runner_sleeps_until_woken(db: Database, jobs: JobRunner, clock: MovableClock) -> None:
    ran = asyncio.Event()

    async def run(_job: Job) -> None:
        ran.set()

    jobs.register(JobHandler("notice", run))
    running = asyncio.create_task(jobs.run())
    await _schedule(db, clock, "request-1")
    jobs.wake()
    async with asyncio.timeout(WAIT_S):
        await ran.wait()
    jobs.stop()
    async with asyncio.timeout(WAIT_S):
        await running


def test_two_handlers_for_one_kind_are_a_mistake(db: Database, jobs: JobRunner) -> None:
    jobs.register(JobHandler("notice", _Recorder().run))
    with pytest.raises(ValueError, match="two handlers"):
        jobs.register(JobHandler("notice", _Recorder().run))


@given(attempts=st.integers(0, 40))
def test_waits_grow_up_to_their_limit(attempts: int) -> None:
    policy = RetryPolicy()
    now = datetime(2026, 11, 20, tzinfo=UTC)
    due = policy.next_due(attempts, now)
    if attempts >= policy.max_attempts:
        assert due is None
    else:
        assert due is not None
        assert policy.first_wait <= due - now <= policy.longest_wait
