"""`python3 run.py bench costs --json FILE`: measure the unit costs.  Some three minutes on an idle machine.

Everything the server consists of runs on one core, the load on another, as in the bench.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.capacity.calls import Call
from bench.capacity.costs import LOAD, Costs, Point, Window, write_costs
from bench.capacity.disk import Bulk, measure_disk
from bench.capacity.hearing import measure_hearing
from bench.capacity.installation import Installation, Lab
from bench.capacity.primitives import measure_fdatasync_ms, measure_primitives
from bench.capacity.talk import Act, Talk
from bench.engines import OUR_PYTHON, ROOT, NotStarted
from bench.figures import percentile
from bench.machine import describe
from bench.seed import Plan

GROUP, PAIR, TEAM = 10, 2, 50
_LOAD_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How long and how large."""

    people: int = 200
    warm_up_s: float = 1.5
    measure_s: float = 4.0
    publications: int = 4_000
    bulk: Bulk = field(default_factory=Bulk)
    fsyncs: int = 1_000


FULL = Extent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One point to measure."""

    name: str
    group: int = GROUP
    processes: int = 1
    under_way: int = 0
    per_s: float = 0.0
    act: str = ""
    every_s: float = 1.0


TASKS = (
    Task(name="nothing"),
    Task(name="100/s", per_s=100),
    Task(name="300/s", per_s=300),
    Task(name="1 under way", under_way=1),
    Task(name="8 under way", under_way=8),
    Task(name="64 under way", under_way=64),
    Task(name="400 under way", under_way=400),
    Task(name="pairs, 1 under way", group=PAIR, under_way=1),
    Task(name="pairs, 64 under way", group=PAIR, under_way=64),
    Task(name="pairs, 400 under way", group=PAIR, under_way=400),
    Task(name="teams, 1 under way", group=TEAM, under_way=1),
    Task(name="teams, 64 under way", group=TEAM, under_way=64),
    Task(name="two processes, 100/s", per_s=100, processes=2),
    Task(name="two processes, 64 under way", under_way=64, processes=2),
    # One message a second in each conversation, so that everybody has something to report every second.
    Task(name="received", per_s=FULL.people / GROUP, act=Act.RECV),
    Task(name="read", per_s=FULL.people / GROUP, act=Act.READ),
    Task(name="typing", act=Act.TYPING, every_s=3),
    Task(name="presence", act=Act.PRESENCE, every_s=3),
    Task(name="pull", per_s=FULL.people / GROUP, act=Act.PULL, every_s=3),
    Task(name="login", act=Act.LOGIN),
    *(Task(name=call, act=call) for call in Call),
)


def main(arguments: Sequence[str]) -> int:
    """Measure and write.  1 if something does not start."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench costs", description=__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the costs go")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    parser.add_argument("--seeds", type=Path, default=ROOT / "var" / "bench", help="worlds kept between sessions")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="miss-costs-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        # PostgreSQL refuses to run as root and has to get in here as somebody else.
        place.chmod(0o755)
        try:
            lab = Lab(place, asked.seeds.resolve(), asked.server_core)
            write_costs(asked.json, measure(lab, place, asked.load_core, TASKS, FULL))
        except (NotStarted, LoadFailed) as error:
            print(error, file=sys.stderr)
            return 1
    return 0


class LoadFailed(RuntimeError):
    """The load ended with an error: its text."""


def measure(lab: Lab, folder: Path, load_core: int, tasks: Sequence[Task], extent: Extent) -> Costs:
    """Everything, in turn.  Raises NotStarted, LoadFailed."""
    load = f"{os.getloadavg()[0]:.1f}"
    groups = {GROUP, *(task.group for task in tasks)}
    seeds = {group: lab.seed(Plan(people=extent.people, group=group)) for group in groups}
    with lab.postgresql.running() as (url, database_pid):
        points = []
        for task in tasks:
            with lab.installed(url, database_pid, seeds[task.group], task.processes) as installation:
                window = run(task, installation, load_core, extent)
                points.append(_point(task, window, extent.people))
            print(_line(points[-1]), flush=True)
        with lab.installed(url, database_pid, seeds[GROUP], 2) as installation:
            assert installation.broker_pid is not None
            hearing = asyncio.run(measure_hearing(installation, installation.broker_pid, extent.publications))
        print("bytes on disk", flush=True)
        disk = measure_disk(lab, url, seeds[GROUP], extent.people, folder, extent.bulk)
    syncs = measure_fdatasync_ms(extent.fsyncs, folder)
    return Costs(
        machine=describe() | {"postgresql": lab.postgresql.version, LOAD: load},
        points=tuple(points),
        disk=disk,
        hearing=hearing,
        primitives_us=measure_primitives(),
        fdatasync_ms=tuple(percentile(syncs, percent) or 0.0 for percent in range(101)),
    )


def run(task: Task, installation: Installation, core: int, extent: Extent) -> Window:
    """One task in a process of its own.  Raises LoadFailed."""
    talk = Talk(
        ports=installation.ports,
        world=str(installation.world),
        database_url=installation.database_url,
        server_pids=installation.server_pids,
        database_pid=installation.database_pid,
        broker_pid=installation.broker_pid,
        users=extent.people,
        warm_up_s=extent.warm_up_s,
        measure_s=extent.measure_s,
        under_way=task.under_way,
        per_s=task.per_s,
        act=task.act,
        every_s=task.every_s,
    )
    done = subprocess.run(
        ["taskset", "-c", str(core), sys.executable, "-m", "bench.capacity.talk"],
        input=msgspec.json.encode(talk),
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **OUR_PYTHON},
        timeout=_LOAD_TIMEOUT_S,
    )
    if done.returncode:
        raise LoadFailed(f"{task.name}: {done.stderr.decode(errors='replace').strip()[-1500:]}")
    return msgspec.json.decode(done.stdout, type=Window)


def _point(task: Task, window: Window, people: int) -> Point:
    return Point(
        name=task.name,
        group=task.group,
        conversations=people // task.group,
        processes=task.processes,
        act=task.act,
        window=window,
    )


def _line(point: Point) -> str:
    """One point, for whoever watches: per message or per act, in microseconds."""
    window = point.window
    count = window.acts if point.act else window.messages
    if not count:
        return f"{point.name:28} server {1e3 * window.server_cpu_s / window.seconds:.1f} ms a second"
    by = f"{1e6 * window.server_cpu_s / count:8,.0f} µs server {1e6 * window.database_cpu_s / count:8,.0f} µs database"
    batch = f"  {window.messages / window.flushes:.1f} a flush" if window.flushes else ""
    return f"{point.name:28} {count / window.seconds:8,.0f}/s {by}{batch}"
