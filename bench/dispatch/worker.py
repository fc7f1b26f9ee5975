"""A process that has requests assigned, as a server's job runner does: `python -m bench.dispatch.worker`.

First line of its input: a `Task` as JSON; it answers `ready`, and begins at the next line.  It writes the identifier of
each request that it dealt with, then `done` and the seconds it took.  It may be killed at any moment.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from bench.dispatch.world import Place, opened
from miss.base.clock import monotonic_s
from miss.storage.errors import DatabaseUnreachable
from miss.storage.jobs import Job, JobHandler
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.record import ASSIGN


class Task(msgspec.Struct, frozen=True):
    """What one process is to do."""

    folder: str
    postgresql: str
    requests: list[str]
    claims: int = 1
    """How many it deals with at the same time."""
    is_locked: bool = True


async def main() -> None:
    """Read, wait for the sign, work."""
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    async with opened(Place(Path(task.folder), task.postgresql), is_locked=task.is_locked) as built:
        handler = next(one for one in built.assignment.job_handlers() if one.kind == ASSIGN)
        async with built.parts.db.snapshot():
            _say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        began_s, waiting = monotonic_s(), iter(task.requests)
        await asyncio.gather(*(_claim(built, handler, waiting) for _ in range(task.claims)))
        _say(f"done {monotonic_s() - began_s:.3f}")


async def _claim(built: Teleexpertise, handler: JobHandler, waiting: Iterator[str]) -> None:
    """One claimer: the next request, until there is none."""
    for request_id in waiting:
        job = Job(request_id, ASSIGN, request_id, {}, built.parts.clock.now(), 0)
        # As the job runner does: a job that finds the database away or too busy is tried again.
        while not await _is_dealt_with(handler, job):
            continue
        _say(request_id)


async def _is_dealt_with(handler: JobHandler, job: Job) -> bool:
    try:
        await handler.run(job)
    except DatabaseUnreachable:
        return False
    return True


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
