"""Dispatch under faults: processes that assign the same requests at the same time, and are killed in the middle.

    python3 run.py soak --dispatch [--claims 200] [--rounds 1000] [--kills 100] [--stores sqlite postgresql]

Every request is claimed by two processes at once; `claims` are under way all the time, `claims × rounds` in all.  A
process that was killed (SIGKILL) is started again with the rest of its share, as a server's job runner would take it
up.  At the end every request has one expert, who was counted one turn, and no expert was ever more than one turn ahead
of another (teleexpertise.md §4).  Exit code 1 if not.
"""

import argparse
import asyncio
import random
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.dispatch.judge import Verdict, judge
from bench.dispatch.measure import begin, pipe, start, wait_for
from bench.dispatch.worker import Task
from bench.dispatch.world import Place, list_requests, make_world, opened
from tests import servers
from tests.faults.scene import Store

CLAIMED_BY = 2
"""Processes that have each request in their share."""


@dataclass(frozen=True, slots=True)
class Storm:
    """What is done to one installation."""

    requests: int
    processes: int
    claims: int
    """Under way at the same time, over all processes."""
    kills: int
    seed: int = 1


async def storm(place: Place, plan: Storm) -> Verdict:
    """Fill an empty installation, have its requests assigned under kills, and judge."""
    await make_world(place, plan.requests)
    async with opened(place) as built:
        waiting = await list_requests(built, plan.requests)
    shares: list[list[str]] = [[] for _ in range(plan.processes)]
    for number, request_id in enumerate(waiting):
        for copy in range(CLAIMED_BY):
            shares[(number + copy) % plan.processes].append(request_id)
    chance = random.Random(plan.seed)
    # Each process dies a few times, after so many claims of its share; the last life goes to its end.
    deaths = [0] * plan.processes
    for _ in range(plan.kills):
        deaths[chance.randrange(plan.processes)] += 1
    lives = [
        asyncio.to_thread(_live, place, share, plan.claims // plan.processes, kills, random.Random(plan.seed + number))
        for number, (share, kills) in enumerate(zip(shares, deaths, strict=True))
    ]
    await asyncio.gather(*lives)
    async with opened(place) as built:
        return await judge(built)


def _live(place: Place, share: Sequence[str], claims: int, kills: int, chance: random.Random) -> None:
    """One process after another on a share; each but the last is killed while it works."""
    left = [*share]
    for life in range(kills + 1):
        with start(Task(str(place.folder), place.postgresql, left, claims=claims)) as process:
            wait_for(process, "ready")
            begin(process)
            if life == kills:
                wait_for(process, "done")
                return
            dealt_with = _watch(process, chance.randint(1, max(1, len(left) // (kills - life + 1))))
            process.kill()
        left = [request_id for request_id in left if request_id not in dealt_with]


def _watch(process: subprocess.Popen[str], count: int) -> set[str]:
    """The next requests that a process dealt with; fewer if it is done."""
    dealt_with: set[str] = set()
    for line in pipe(process.stdout):
        if line.startswith("done"):
            break
        dealt_with.add(line.strip())
        if len(dealt_with) >= count:
            break
    return dealt_with


def main(arguments: Sequence[str]) -> int:
    """Run what was asked, on each store in turn."""
    parser = argparse.ArgumentParser(prog="python3 run.py soak --dispatch")
    parser.add_argument("--claims", type=int, default=200, help="under way at the same time")
    parser.add_argument("--rounds", type=int, default=1000, help="claims in all: this many times as many")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stores", type=Store, nargs="*", default=list(Store), choices=list(Store))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    plan = Storm(asked.claims * asked.rounds // CLAIMED_BY, asked.processes, asked.claims, asked.kills, asked.seed)
    is_right = True
    for store in asked.stores:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="miss-dispatch-soak-"))
            url = stack.enter_context(servers.postgresql()) if store is Store.POSTGRESQL else ""
            verdict = asyncio.run(_run(Path(folder), url, plan))
        print(f"{store}: {plan.requests:,} requests, {plan.kills} kills: {verdict}", flush=True)
        is_right = is_right and verdict.is_right and verdict.assigned == plan.requests
    return 0 if is_right else 1


async def _run(folder: Path, url: str, plan: Storm) -> Verdict:
    if url:
        await make_databases(url)
    return await storm(Place(folder, url), plan)


async def make_databases(url: str) -> None:
    """The two empty databases of an installation, on a PostgreSQL server."""
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        for name in ("miss", "keys"):
            await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
