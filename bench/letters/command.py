"""`python3 run.py bench letters`: how many letters one core composes in a second, in each form.

python3 run.py bench letters --json FILE [--seconds 3] [--runs 3] [--write]

--write: its section of docs/performance.md too.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.engines import ROOT
from bench.letters.measure import Run, measure
from bench.letters.report import SECTION, compose_report


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench letters", description=__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the rows go")
    parser.add_argument("--seconds", type=float, default=3.0, help="of processor time for each form and run")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    runs: list[Run] = []
    for run in measure(asked.seconds, asked.runs):
        runs.append(run)
        print(f"{run.form}, run {run.run}: {run.per_s:.0f}/s", flush=True)
    asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(runs)))
    print(compose_report(runs))
    if asked.write:
        SECTION.write(ROOT, compose_report(runs))
    return 0
