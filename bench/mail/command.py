"""`python3 run.py bench mail`: queued mails drained over real SMTP, at one connection toward each destination.

python3 run.py bench mail --json FILE [--mails 5000] [--runs 3] [--write]

--write: its section of docs/performance.md too.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.engines import ROOT
from bench.mail.measure import Run, measure
from bench.mail.report import SECTION, compose_report


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench mail", description=__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the rows go")
    parser.add_argument("--mails", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    runs: list[Run] = asyncio.run(measure(asked.mails, asked.runs))
    asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(runs)))
    print(compose_report(runs))
    if asked.write:
        SECTION.write(ROOT, compose_report(runs))
    return 0
