"""The long way: other random stories each time, until the time is up or one fails.

    python -m tests.e2e.entitlement.long [--seconds 600] [--steps 40] [--seed N]

Ends with what was seen.  A failing story is printed act by act with its seed, which tells it again (as far as the
order of concurrent programs lets it), and ends the run with exit code 1.
"""

import argparse
import sys
import traceback
from random import SystemRandom

from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from miss.base.clock import monotonic_s
from tests.e2e.entitlement.machine import Stories
from tests.e2e.entitlement.stories import STORIES, sqlite
from tests.e2e.entitlement.world import Tally

AT_ONCE = 3
"""Stories under one seed; the first is always the plainest."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.entitlement.long")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--steps", type=int, default=40, help="acts of a story, at most")
    parser.add_argument("--seed", type=int, help="one seed, once")
    asked = parser.parse_args(arguments)
    tally, deadline_s = Tally(), monotonic_s() + asked.seconds
    while True:
        number = SystemRandom().randrange(2**32) if asked.seed is None else asked.seed
        if not _tell(number, asked.steps, tally):
            return 1
        print(f"seed {number}: {tally}", flush=True)
        if asked.seed is not None or monotonic_s() >= deadline_s:
            return 0


def _tell(number: int, steps: int, tally: Tally) -> bool:
    """The stories of one seed; False if one went wrong."""

    @seed(number)
    class Seeded(Stories):
        def __init__(self) -> None:
            super().__init__(sqlite, tally)

    try:
        run_state_machine_as_test(Seeded, settings=settings(STORIES, max_examples=AT_ONCE, stateful_step_count=steps))
    except Exception:
        traceback.print_exc()
        print(f"FAILED: --seed {number} --steps {steps}", flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
