"""How many small mistakes in the code that guards people would the tests notice?

    python3 run.py mutate                      every group
    python3 run.py mutate crypto --sample 200  some of a group, drawn by --seed
    python3 run.py mutate crypto --minutes 40  as many of them, drawn by --seed, as that time allows

For each mutant (`mutants`) a process of its own runs the group's tests, those of the mirrored file first, until one
fails.  A survivor is printed; each is either a missing test or a change that changes nothing (docs/mutation.md tells
them apart).  Nothing is written to the sources: the mutant is handed to Python's import.  A mutant that runs over its
time counts as noticed.  Tests that start other processes do not see it.

mutmut 3 and cosmic-ray do the same for any project.  They rewrite copies of the tree, start Python anew for each
mutant (3 s of imports here), and mutmut leaves alone what stands outside functions, where our tables of rights are.
"""

import argparse
import contextlib
import importlib
import importlib.machinery
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.mutants import Mutant, mutants_of  # noqa: E402 - the repository's root comes first

OURS = ("miss", "movements", "teleexpertise", "forms", "clients", "tests", "scripts", "conftest")
SLOWEST_S = 20.0
"""Beside three times what the tests take without a mistake."""


@dataclass(frozen=True)
class Group:
    """Modules, and the tests that stand for them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = {
    "crypto": Group(("miss/protocol/crypto/*.py",), ("tests/miss/protocol/crypto",)),
    "assignment": Group(
        (
            "teleexpertise/dispatch/model.py",
            "teleexpertise/dispatch/attempts/model.py",
            "teleexpertise/dispatch/conflicts/model.py",
            "teleexpertise/dispatch/policies/model.py",
            "teleexpertise/dispatch/pools/standing.py",
        ),
        (
            "tests/teleexpertise/dispatch/test_model.py",
            "tests/teleexpertise/dispatch/test_own_limits.py",
            "tests/teleexpertise/dispatch/attempts",
            "tests/teleexpertise/dispatch/policies",
            "tests/teleexpertise/dispatch/test_standing.py",
            "tests/teleexpertise/dispatch/conflicts",
        ),
    ),
    "authorisation": Group(
        (
            "miss/server/web/access.py",
            "miss/directory/roles/model.py",
            "miss/chat/gate.py",
            "teleexpertise/requests/acting.py",
        ),
        (
            "tests/miss/server/web/test_access.py",
            "tests/teleexpertise/requests/test_acting.py",
            "tests/miss/chat/test_gate.py",
            "tests/miss/chat/test_admission.py",
            "tests/miss/directory/roles/test_model.py",
        ),
    ),
}


class Import:
    """Python's import, which one module's mutant is handed to instead of its source."""

    def __init__(self) -> None:
        self._original = importlib.machinery.SourceFileLoader.get_code

    def hand_in(self, path: Path, code: CodeType) -> None:
        original = self._original

        def get_code(loader: importlib.machinery.SourceFileLoader, fullname: str) -> CodeType | None:
            return code if loader.path == str(path) else original(loader, fullname)

        importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py mutate", description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; none: all of them")
    parser.add_argument("--sample", type=int, help="as many mutants of each group, drawn")
    parser.add_argument("--minutes", type=float, help="for each group; what is left then is not judged")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--out", type=Path, help="a line of JSON for each mutant")
    said = parser.parse_args(arguments)
    if unknown := [name for name in said.groups if name not in GROUPS]:
        parser.error(f"no such group: {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = scratch
        for name in said.groups or GROUPS:
            draw = random.Random(said.seed)  # noqa: S311 - nothing secret is drawn
            run_group(name, GROUPS[name], said.sample, said.minutes, draw, said.out)
    return 0


def run_group(
    name: str, group: Group, sample: int | None, minutes: float | None, draw: random.Random, out: Path | None
) -> None:
    """Run a group, telling its survivors and its score."""
    started = time.monotonic()
    warm_up(group.tests)
    if passes(group.tests, None, limit_s=900) is not True:
        sys.exit(f"{name}: the tests fail without any mistake. Mend them first.")
    limit_s = SLOWEST_S + 3 * (time.monotonic() - started)
    places = [(path, number) for path in modules_of(group) for number in range(len(mutants_in(path)))]
    chosen = draw.sample(places, min(sample or len(places), len(places)))
    if minutes is None:
        chosen.sort()
    print(f"{name}: {len(chosen)} of {len(places)} mutants", flush=True)
    until = time.monotonic() + 60 * minutes if minutes else None
    score: Counter[str] = Counter()
    of_module: Counter[str] = Counter()
    for path, number in chosen:
        if until and time.monotonic() > until:
            break
        mutant = mutants_in(path)[number]
        verdict = judge(path, mutant, group, limit_s)
        score[verdict] += 1
        where = str(path.relative_to(ROOT))
        of_module[where] += verdict == "survived"
        if verdict == "survived":
            print(f"  survived: {where}:{mutant.line}  {mutant.what}", flush=True)
        if out:
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps([name, where, mutant.line, mutant.what, verdict], ensure_ascii=False) + "\n")
    noticed = score["noticed"] + score["over time"]
    took = (time.monotonic() - started) / 60
    judged = score.total()
    print(f"{name}: {noticed} of {judged} noticed ({100 * noticed / max(1, judged):.1f} %), {took:.0f} min")
    for where, survivors in of_module.most_common():
        print(f"  {survivors:4d} survived in {where}")


def modules_of(group: Group) -> list[Path]:
    return [path for pattern in group.modules for path in sorted(ROOT.glob(pattern)) if path.name != "__init__.py"]


@cache
def mutants_in(path: Path) -> tuple[Mutant, ...]:
    return tuple(mutants_of(path.read_text(encoding="utf-8"), str(path)))


def judge(path: Path, mutant: Mutant, group: Group, limit_s: float) -> str:
    """`noticed`, `survived` or `over time`."""
    mirror = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.stem}.py"
    first = [str(mirror.relative_to(ROOT))] if mirror.exists() else []
    for tests in (first, group.tests):
        if tests and (passed := passes(tests, (path, mutant.code), limit_s)) is not True:
            return "over time" if passed is None else "noticed"
    return "survived"


def passes(tests: Sequence[str], mutant: tuple[Path, CodeType] | None, limit_s: float) -> bool | None:
    """Whether the tests pass, in a process of their own; None: they did not end in time."""
    child = os.fork()
    if not child:
        os.setsid()
        if mutant:
            Import().hand_in(*mutant)
        os._exit(run_quietly(tests))
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def run_quietly(tests: Sequence[str]) -> int:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(ROOT)
    plain = ("-x", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-seed=0")
    warmed = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
    try:
        return int(pytest.main([*plain, *warmed, *tests]))
    except BaseException:  # a mutant may raise whatever it likes
        return 1


def warm_up(tests: Sequence[str]) -> None:
    """Import here, once, what the tests import of others."""
    with tempfile.NamedTemporaryFile("r") as told:
        child = os.fork()
        if not child:
            run_quietly((*tests, "--collect-only"))
            theirs = [name for name in sys.modules if name.split(".")[0] not in OURS and "test" not in name]
            Path(told.name).write_text("\n".join(theirs))
            os._exit(0)
        os.waitpid(child, 0)
        for name in told.read().split():
            with contextlib.suppress(Exception):
                importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
