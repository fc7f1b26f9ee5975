"""Runs of many processes on one pool: with its lock, and without."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from bench.dispatch.judge import Verdict, judge
from bench.dispatch.worker import Task
from bench.dispatch.world import Place, list_requests, make_world, opened
from bench.engines import OUR_PYTHON, PostgreSQL

COMMAND = (sys.executable, "-m", "bench.dispatch.worker")


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement."""

    store: str
    """`postgresql` or `sqlite`."""
    is_locked: bool
    workers: int
    run: int
    requests: int
    seconds: float
    """From the sign to begin to the end of the last process."""
    verdict: Verdict

    @property
    def per_s(self) -> float:
        return self.verdict.assigned / self.seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session measures."""

    requests: int
    workers: int
    runs: int


def run_session(plan: Plan, tell: Callable[[Run], None]) -> list[Run]:
    """The variants in turn, A B C A B C …; SQLite has no unlocked one: a transaction holds the file itself."""
    runs = []
    with tempfile.TemporaryDirectory(prefix="miss-bench-dispatch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = PostgreSQL(folder / "postgresql", 0)
        for number in range(1, plan.runs + 1):
            for store, is_locked in (("postgresql", True), ("postgresql", False), ("sqlite", True)):
                data = folder / f"{store}-{is_locked}-{number}"
                data.mkdir()
                with _server(cluster, store) as url:
                    runs.append(asyncio.run(_measure(Place(data, url), plan, store, is_locked, number)))
                tell(runs[-1])
    return runs


@contextmanager
def _server(cluster: PostgreSQL, store: str) -> Iterator[str]:
    """A server with two empty databases; empty on SQLite."""
    if store == "sqlite":
        yield ""
        return
    with cluster.running() as (url, _):
        for name in ("miss", "keys"):
            cluster.sql(url, "postgres", f"DROP DATABASE IF EXISTS {name}; ")
            cluster.sql(url, "postgres", f"CREATE DATABASE {name}")
        yield url


async def _measure(place: Place, plan: Plan, store: str, is_locked: bool, number: int) -> Run:
    await make_world(place, plan.requests)
    async with opened(place) as built:
        waiting = await list_requests(built, plan.requests)
    shares = [waiting[first :: plan.workers] for first in range(plan.workers)]
    tasks = [Task(str(place.folder), place.postgresql, [*share], is_locked=is_locked) for share in shares]
    seconds = await asyncio.to_thread(_work, tasks)
    async with opened(place) as built:
        verdict = await judge(built)
    return Run(store, is_locked, plan.workers, number, plan.requests, seconds, verdict)


def _work(tasks: Sequence[Task]) -> float:
    """All processes at once; the seconds of the slowest."""
    with ExitStack() as stack:
        processes = [stack.enter_context(start(task)) for task in tasks]
        for process in processes:
            wait_for(process, "ready")
        for process in processes:
            begin(process)
        return max(float(wait_for(process, "done").split()[1]) for process in processes)


def start(task: Task) -> subprocess.Popen[str]:
    """A process that has read its task and says `ready` when it could begin."""
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **OUR_PYTHON}
    )
    pipe(process.stdin).write(msgspec.json.encode(task).decode() + "\n")
    pipe(process.stdin).flush()
    return process


def begin(process: subprocess.Popen[str]) -> None:
    """The sign for which a process that is ready waits."""
    pipe(process.stdin).write("go\n")
    pipe(process.stdin).flush()


def wait_for(process: subprocess.Popen[str], word: str) -> str:
    """The first line that begins so.  Raises RuntimeError if the process ended before."""
    for line in pipe(process.stdout):
        if line.startswith(word):
            return line
    raise RuntimeError(f"a worker ended with {process.wait()} before it was {word}")


def pipe(stream: IO[str] | None) -> IO[str]:
    """A pipe that was asked for."""
    if stream is None:
        raise RuntimeError("the process was started without that pipe")
    return stream
