"""Runs due jobs, one process among several.

Asleep until the earliest due job, a `wake()` after a commit that scheduled one, or `poll_s` (another process may
have scheduled something): an idle server does nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.storage.database import Database
from miss.storage.errors import DatabaseUnreachable
from miss.storage.jobs import store
from miss.storage.jobs.model import Job, RetryPolicy

log = structlog.get_logger("miss.jobs")

JobRun = Callable[[Job], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class JobHandler:
    """What to do for one kind of job.  `run` opens its own transactions and may be called again after a crash."""

    kind: str
    run: JobRun
    retry: RetryPolicy = field(default_factory=RetryPolicy)


class JobRunner:
    """Takes due jobs and hands each to its handler; failures wait and come back, then die visibly."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, *, poll_s: float = 5.0) -> None:
        self._db = db
        self._clock = clock
        self._lease = new_row_id(clock.now(), random_bytes)
        self._poll_s = poll_s
        self._handlers: dict[str, JobHandler] = {}
        self._wake = asyncio.Event()
        self._stopping = False

    def register(self, handler: JobHandler) -> None:
        """Make a kind known.  Raises ValueError if it is known already."""
        if handler.kind in self._handlers:
            raise ValueError(f"two handlers for the job kind {handler.kind!r}")
        self._handlers[handler.kind] = handler

    def wake(self) -> None:
        """Look for due jobs now: called after a commit that scheduled one, and when a clock was moved."""
        self._wake.set()

    async def count_by_fate(self) -> dict[str, int]:
        """How many jobs are `waiting`, and how many are `dead`: given up, for an operator to look at."""
        async with self._db.snapshot() as tx:
            return await store.count_by_fate(tx)

    async def lateness_s(self) -> float:
        """For how many seconds the job that has waited longest should have been done already; 0: none is late."""
        async with self._db.snapshot() as tx:
            due_at = await store.oldest_due(tx)
        return max(0.0, (self._clock.now() - due_at).total_seconds()) if due_at else 0.0

    def stop(self) -> None:
        """Have `run` end once the job under way is done; what else is due waits for the next start."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until stopped.  A database that is away is waited for."""
        while not self._stopping:
            self._wake.clear()
            try:
                if await self.run_due():
                    continue
                wait_s = await self._sleep_s()
            except DatabaseUnreachable:
                log.warning("jobs.database_unreachable")
                wait_s = self._poll_s
            try:
                await asyncio.wait_for(self._wake.wait(), wait_s)
            except TimeoutError:
                continue

    async def run_due(self) -> int:
        """Run what is due now; how many jobs were taken."""
        async with self._db.transaction() as tx:
            jobs = await store.take_due(tx, self._handlers.keys(), self._clock.now(), lease=self._lease)
        for job in jobs:
            if self._stopping:
                break  # its lease ends by itself
            await self._run_one(job)
        return len(jobs)

    async def _run_one(self, job: Job) -> None:
        handler = self._handlers[job.kind]
        try:
            await handler.run(job)
        except Exception as error:
            now = self._clock.now()
            due_at = handler.retry.next_due(job.attempts + 1, now)
            # The text of an unknown error may quote what it was working on; its type may not.
            reason = str(error) if isinstance(error, MissError) else type(error).__name__
            expected = isinstance(error, MissError) and error.temporary
            (log.warning if expected else log.error)(
                "jobs.failed",
                kind=job.kind,
                key=job.key,
                reason=reason,
                again_at=due_at,
                exc_info=not expected,
            )
            async with self._db.transaction() as tx:
                await store.fail(tx, job, reason, due_at, now, lease=self._lease)
        else:
            async with self._db.transaction() as tx:
                await store.finish(tx, job, lease=self._lease)

    async def _sleep_s(self) -> float:
        async with self._db.snapshot() as tx:
            due_at = await store.next_due_at(tx, self._handlers.keys())
        if due_at is None:
            return self._poll_s
        return min(max((due_at - self._clock.now()).total_seconds(), 0.05), self._poll_s)
