"""`python3 run.py bench dispatch`: how many requests a second find their expert.

python3 run.py bench dispatch --json FILE [--requests 1200] [--workers 8] [--runs 3]
python3 run.py bench dispatch report FILE      write its section of docs/performance.md
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.dispatch.measure import Plan, Run, run_session
from bench.dispatch.report import SECTION, compose_report
from bench.engines import ROOT


def main(arguments: Sequence[str]) -> int:
    """Measure, or write the section; exit code 1 if the locked rotation was not right."""
    if len(arguments) == 2 and arguments[0] == "report":
        runs = msgspec.json.decode(Path(arguments[1]).read_bytes(), type=list[Run])
        SECTION.write(ROOT, compose_report(runs))
        return 0
    parser = argparse.ArgumentParser(prog="python3 run.py bench dispatch", description=__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the rows go")
    parser.add_argument("--requests", type=int, default=1200)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(arguments)
    runs = run_session(Plan(asked.requests, asked.workers, asked.runs), _tell)
    asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(runs)))
    print(compose_report(runs))
    return 0 if all(run.verdict.is_right for run in runs if run.is_locked) else 1


def _tell(run: Run) -> None:
    lock = "locked" if run.is_locked else "unlocked"
    print(f"{run.store} {lock}, run {run.run}: {run.per_s:.0f}/s, {run.verdict}", flush=True)
