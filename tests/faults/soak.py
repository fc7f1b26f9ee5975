"""The long form: as many messages and faults as asked, on both stores, judged and written down.

    python3 run.py soak [--messages 1000000] [--faults 500] [--seconds 1500] [--crowd 10000] …
    python3 run.py soak --dispatch …        assignments under kills (dispatch_soak)
    python3 run.py soak --upgrade …         one version takes over from another (upgrade_soak)
    python3 run.py soak --desktop …         an hour at the desktop client: memory and handles (desktop_soak)

Both stores run at the same time and share messages and faults.  Then comes the negative control: a server that
acknowledges before it commits, which the oracle must catch.  Writes JSON, and the tables of docs/reliability.md between
its two marks.  Exit code 1 if a promise was broken, the control was not caught, or the time was too short for what was
asked.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import ceil
from pathlib import Path

import msgspec

from bench.engines import ROOT
from bench.machine import describe
from bench.peers.seeds import find_or_make
from bench.seed import Plan as SeedPlan
from tests.faults.control import copy_that_acknowledges_first, kill_after_acks
from tests.faults.crowd import allow_many_connections, reconnect_crowd
from tests.faults.desktop_soak import main as soak_desktop
from tests.faults.dispatch_soak import main as soak_dispatch
from tests.faults.drill import Outcome, Record, as_many_as, drill
from tests.faults.platform import Style
from tests.faults.report import Soak, compose_markdown, put_between_marks
from tests.faults.scene import Plan, Scene, Store
from tests.faults.tally import now_s
from tests.faults.upgrade_soak import main as soak_upgrade

GROUP = 5
TELL_EVERY_S = 10.0
DISK_MB = 2500
LASTING_S = (0.3, 2.0)
CONTROL_GROUPS = 4
AT_ONCE = {Store.SQLITE: 2, Store.POSTGRESQL: 4}
"""Faults at a time: one process has fewer parts that may fail apart from each other…"""
SHARE_OF_FAULTS = {Store.SQLITE: 1, Store.POSTGRESQL: 3}
"""… and fewer faults."""
SNAPSHOT = ("miss", "teleexpertise", "forms")
"""What servers run from a copy: each start has the same code, whatever happens to the checkout meanwhile."""


def main(arguments: Sequence[str]) -> int:
    """Run what was asked."""
    if arguments[:1] == ["--dispatch"]:
        return soak_dispatch(arguments[1:])
    if arguments[:1] == ["--upgrade"]:
        return soak_upgrade(arguments[1:])
    if arguments[:1] == ["--desktop"]:
        return soak_desktop(arguments[1:])
    asked = _parse(arguments)
    allow_many_connections()
    version = _version()
    seed = find_or_make(asked.seeds, SeedPlan(people=_people(asked), group=GROUP, payload_bytes=100))
    with tempfile.TemporaryDirectory(prefix="miss-soak-package-") as package:
        for part in SNAPSHOT:
            shutil.copytree(ROOT / part, Path(package) / part)
        run = partial(_run_store, asked=asked, seed=seed, package=Path(package))
        with ProcessPoolExecutor(len(asked.stores)) as processes:
            outcomes = list(processes.map(run, asked.stores))
    control = _run_control(asked, seed)
    command = " ".join(("python3 run.py soak", *arguments))
    soak = Soak(command, {"MiSS": version, **describe()}, outcomes, control, asked.messages, asked.faults)
    _write(asked.json, soak)
    put_between_marks(asked.report, compose_markdown(soak))
    print(compose_markdown(soak))
    return 0 if soak.is_right else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 run.py soak")
    parser.add_argument("--messages", type=int, default=1_000_000, help="acknowledged, over both stores")
    parser.add_argument("--faults", type=int, default=500, help="over both stores")
    parser.add_argument("--seconds", type=float, default=1_500.0, help="at most, storm and judgement apart")
    parser.add_argument("--stores", type=Store, nargs="*", default=list(Store), choices=list(Store))
    parser.add_argument("--groups", type=int, default=30, help="conversations of five that write all the time")
    parser.add_argument("--window", type=int, default=8, help="unanswered messages of one writer")
    parser.add_argument("--think", type=float, default=0.05, help="seconds from an ack to the next message")
    parser.add_argument(
        "--crowd", type=int, default=10_000, help="people of the mass reconnection, the writers included"
    )
    parser.add_argument("--seed", type=int, default=1, help="decides the schedule")
    parser.add_argument("--seeds", type=Path, default=ROOT / "var/faults/seeds", help="where made-up people are kept")
    parser.add_argument("--json", type=Path, default=ROOT / "var/faults/soak.json")
    parser.add_argument("--logs", type=Path, help="keep what the servers say in this folder, a folder per store")
    parser.add_argument("--report", type=Path, default=ROOT / "docs/reliability.md")
    return parser.parse_args(arguments)


def _people(asked: argparse.Namespace) -> int:
    groups: int = asked.groups
    crowd: int = asked.crowd
    return max(groups * GROUP, crowd)


def _run_store(store: Store, asked: argparse.Namespace, seed: Path, package: Path) -> Outcome:
    messages = ceil(asked.messages / len(asked.stores))
    faults = ceil(asked.faults * SHARE_OF_FAULTS[store] / sum(SHARE_OF_FAULTS[each] for each in asked.stores))
    schedule = as_many_as(faults, messages, asked.seconds, AT_ONCE[store], _teller(store, messages))

    async def strikes(scene: Scene, record: Record) -> None:
        await schedule(scene, record)
        if scene.crowd:
            print(f"{store}: {len(scene.crowd)} people lose their connections at once", flush=True)
            taken_s = await reconnect_crowd(scene)
            record.recoveries_s[f"{len(scene.crowd):,} people reconnect at once"] = [taken_s]

    def run(folder: Path) -> Outcome:
        plan = Plan(
            store,
            groups=asked.groups,
            style=Style(asked.window, asked.think),
            seed=asked.seed,
            disk_mb=DISK_MB,
            lasting_s=LASTING_S,
            package=package,
            logs=_open_logs(asked.logs, store),
        )
        return asyncio.run(drill(plan, seed, folder, strikes))

    outcome = _in_folder(run)
    # Kept whatever becomes of the other store.
    _write(asked.json.with_suffix(f".{store}.json"), outcome)
    return outcome


def _run_control(asked: argparse.Namespace, seed: Path) -> Outcome:
    """What the oracle finds on a server that breaks its word."""

    def run(folder: Path) -> Outcome:
        package = copy_that_acknowledges_first(folder / "control")
        plan = Plan(
            Store.SQLITE,
            CONTROL_GROUPS,
            Style(1, 0.2),
            seed=asked.seed,
            disk_mb=DISK_MB,  # the people of the storm lie on it too
            package=package,
            settle_s=1,
        )
        return asyncio.run(drill(plan, seed, folder, kill_after_acks))

    return _in_folder(run)


def _open_logs(folder: Path | None, store: Store) -> Path | None:
    if folder is None:
        return None
    logs = folder / store
    logs.mkdir(parents=True, exist_ok=True)
    return logs.absolute()


def _write(file: Path, result: msgspec.Struct) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


def _version() -> str:
    """The commit, and whether the checkout differs from it."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=, with changes"]
    found = subprocess.run(git, check=False, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def _in_folder(run: Callable[[Path], Outcome]) -> Outcome:
    """In a folder that PostgreSQL's user may enter, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="miss-soak-"))
    folder.chmod(0o755)
    try:
        return run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _teller(store: Store, wanted: int) -> Callable[[Scene, Record], None]:
    """Says how far it is, now and then."""
    began_s = told_s = now_s()

    def tell(scene: Scene, record: Record) -> None:
        nonlocal told_s
        at_s = now_s()
        if at_s - told_s >= TELL_EVERY_S:
            told_s = at_s
            tally = scene.tally
            problems = f", PROBLEMS {dict(tally.problems)}" if tally.problems else ""
            print(
                f"{store} {at_s - began_s:4.0f} s: {tally.acked:,} of {wanted:,} messages, "
                f"{record.struck} faults over{problems}",
                flush=True,
            )

    return tell


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
