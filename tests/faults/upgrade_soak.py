"""The long form of experiment 14: an earlier version out of git's history, and this one.

    python3 run.py soak --upgrade [--from COMMIT] [--front nginx.conf] [--groups 8] [--think 0.05]

Without a commit, the one before revisions were added last.  Writes its figures to standard output; exit code 1 if a
message was lost or refused, or somebody waited too long for a lock.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.engines import ROOT
from bench.seed import Plan as SeedPlan
from tests.faults.drill import Outcome, drill
from tests.faults.platform import Style
from tests.faults.scene import Plan, Store
from tests.faults.upgrade import LOCK_S, LOCK_WAIT, upgrade_to
from tests.faults.versions import REVISIONS, NoHistory, copy_tree, make_seed_as, take_earlier

GROUP = 5


def main(arguments: Sequence[str]) -> int:
    """Run what was asked."""
    asked = _parse(arguments)
    folder = Path(tempfile.mkdtemp(prefix="miss-upgrade-"))
    folder.chmod(0o755)
    try:
        commit = asked.commit or _before_the_last_revisions()
        outcome = _run(asked, commit, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _tell(outcome, commit)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 run.py soak --upgrade")
    parser.add_argument("--from", dest="commit", default="", help="commit or tag of the earlier version")
    parser.add_argument("--front", default="nginx.conf", choices=["nginx.conf", "haproxy.cfg"])
    parser.add_argument("--groups", type=int, default=8, help="conversations of five that write all the time")
    parser.add_argument("--think", type=float, default=0.05, help="seconds from an ack to the next message")
    return parser.parse_args(arguments)


def _before_the_last_revisions() -> str:
    """Raises NoHistory, as in a shallow clone."""
    git = ["git", "-C", str(ROOT)]
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--", *REVISIONS], capture_output=True, text=True, check=False
    )
    if changed.stdout.strip():
        return "HEAD"
    last = subprocess.run(
        [*git, "log", "-1", "--format=%H", "--", *REVISIONS], capture_output=True, text=True, check=False
    )
    if not last.stdout.strip():
        raise NoHistory("this checkout has no history: name a commit with --from")
    return f"{last.stdout.strip()}^"


def _run(asked: argparse.Namespace, commit: str, folder: Path) -> Outcome:
    earlier, today = take_earlier(commit, folder / "earlier"), copy_tree(folder / "today")
    people = asked.groups * GROUP
    seed = make_seed_as(earlier, folder / "seeds", SeedPlan(people=people, group=GROUP, payload_bytes=100))
    (folder / "run").mkdir()
    plan = Plan(
        Store.POSTGRESQL,
        groups=asked.groups,
        style=Style(1, asked.think),
        package=earlier,
        front=asked.front,
        is_older=True,
    )
    return asyncio.run(drill(plan, seed, folder / "run", upgrade_to(today)))


def _tell(outcome: Outcome, commit: str) -> int:
    refused = [event for event in outcome.events if event.startswith("refused")]
    is_right = outcome.is_right and not refused and outcome.recoveries_s[LOCK_WAIT][0] <= LOCK_S
    figures = {
        "from": commit,
        "seconds": round(outcome.seconds, 1),
        "acknowledged": outcome.acked,
        "shown": outcome.shown,
        "violations": outcome.violations,
        "problems": outcome.problems,
        "refused": refused,
        **{name: [round(one, 3) for one in taken] for name, taken in outcome.recoveries_s.items()},
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return 0 if is_right else 1
