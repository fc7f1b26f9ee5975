"""Does the time of a refusal tell whether somebody has an account?  Welch's t-test over the real pages.

    python -m bench.sign_in_timing [TRIES]

Refusals for somebody with an account, for one whose account is suspended, for a practitioner without one, and for a
number in no directory, in random order, on the embedded default; as many again that were throttled.  |t| below 4.5 is
asked for (security.md §2, row 22; the bound is that of side-channel testing, TVLA).  About nine minutes for 5,000 tries
of each kind, so no part of the suite: what the suite counts is the work (tests/miss/directory/sign_in/test_service.py).
"""

import asyncio
import math
import random
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from miss.base.clock import MovableClock, SystemClock, monotonic_s
from miss.base.errors import MissError
from miss.base.random import system_random
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import people
from miss.directory.sign_in import SignIn, Visit
from miss.server.app import open_server
from miss.server.demo.people import issue_code, load_directory
from miss.server.service import find_services
from miss.server.settings import Settings

TRIES = 5000
BOUND = 4.5
BATCH = 4
"""Tries of each kind before the clock moves on and wrong tries are forgotten; below the free ones."""
KINDS = {
    "account": people.ANNE_MODELE,
    "suspended": people.KARIM_ESSAI,
    "no account": people.LUCIE_SPECIMEN,
    "nobody": "99900009996",
}
TOLD = ("suspended", "no account")
"""What must not be told from an account: that nobody has a number is public."""


def welch(first: list[float], second: list[float]) -> float:
    """Welch's t; the slowest hundredth of each is left out (the machine's, not ours)."""
    one, two = (sorted(times)[: len(times) * 99 // 100] for times in (first, second))
    spread = math.sqrt(statistics.variance(one) / len(one) + statistics.variance(two) / len(two))
    return (statistics.fmean(one) - statistics.fmean(two)) / spread


async def refusal_s(sign_in: SignIn, login: str) -> float:
    """How long a refusal takes."""
    before = monotonic_s()
    try:
        await sign_in.sign_in(login, "ce n'est pas le bon", Visit())
    except MissError:
        return monotonic_s() - before
    raise AssertionError("signed in")


async def measure(sign_in: SignIn, clock: MovableClock, tries: int, *, throttled: bool) -> dict[str, list[float]]:
    """Times by kind."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    order = [kind for kind in KINDS for _ in range(BATCH)]
    shuffled = random.Random(1)
    while len(times["nobody"]) < tries:
        clock.advance(timedelta(days=1))
        if throttled:
            for login in KINDS.values():
                for _ in range(5):
                    await refusal_s(sign_in, login)
        shuffled.shuffle(order)
        for kind in order:
            times[kind].append(await refusal_s(sign_in, KINDS[kind]))
    return times


async def main(tries: int) -> int:
    """Measure, print, and return 1 if a kind can be told from another."""
    with tempfile.TemporaryDirectory() as folder:
        clock = MovableClock(SystemClock().now())
        server = await open_server(Settings(data_dir=Path(folder)), clock, system_random, find_services())
        try:
            await load_directory(server.house)
            accounts, sign_in = server.house.accounts, server.house.sign_in
            for rpps in (KINDS["account"], KINDS["suspended"]):
                code = await issue_code(server.house, rpps, ActivationPurpose.BROWSER)
                await sign_in.choose_password(rpps, code, "girafe lundi compas verglas")
            if suspended := await accounts.find_by_rpps(KINDS["suspended"]):
                await accounts.suspend(suspended.uid, "bench", "essai")
            worst = 0.0
            for throttled in (False, True):
                times = await measure(sign_in, clock, tries // 10 if throttled else tries, throttled=throttled)
                what = "throttled" if throttled else "refused"
                for kind, taken in times.items():
                    print(f"{what:9} {kind:10} n={len(taken)} median {statistics.median(taken) * 1000:.2f} ms")
                for other in (*TOLD, "nobody"):
                    t = welch(times["account"], times[other])
                    worst = max(worst, abs(t)) if other in TOLD else worst
                    print(f"{what:9} account against {other}: t = {t:+.2f}")
        finally:
            await server.close()
    print(f"|t| = {worst:.2f} for who has an account, {BOUND} allowed (that nobody has a number is public)")
    return int(worst >= BOUND)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIES)))
