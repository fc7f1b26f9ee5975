"""`python3 run.py bench year`: a year of requests by the service's own rules, on a virtual clock.

python3 run.py bench year [--requests 30000] [--seed 1] [--write]     --write: into docs/teleexpertise.md
"""

import argparse
from collections.abc import Sequence
from random import Random

from bench.engines import ROOT
from bench.year.report import compose_report, write_report
from bench.year.simulation import Simulation
from bench.year.world import Behaviour, make_world


def main(arguments: Sequence[str]) -> int:
    """Play the year; exit code 1 if a request was stuck at its end."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench year", description=__doc__)
    parser.add_argument("--requests", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    behaviour, random = Behaviour(), Random(asked.seed)
    year = Simulation(make_world(random, behaviour), behaviour, random).play(asked.requests)
    if asked.write:
        write_report(year, behaviour, ROOT)
    print(compose_report(year, behaviour))
    return 1 if year.stuck else 0
