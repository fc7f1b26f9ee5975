"""How much of its parser each target reaches: lines and branches of the functions that its inputs enter.

    python -m tests.fuzz.reach [--only NAME …] [--corpus FOLDER] [--variants N] [--missed]

Every input of the corpora (`run.py fuzz` makes them) and every genuine sample is read once more, under coverage.py.
What counts is the functions of MiSS that are entered while inputs are read: a module also composes, and what a target
never calls is no parser of its.  `--missed` names the functions that are entered and not reached whole.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.fuzz.slugs import slug

ROOT: Final = Path(__file__).parents[2]
OURS: Final = ("miss", "teleexpertise")


@dataclass(frozen=True)
class Reach:
    """Of one target."""

    inputs: int
    lines: tuple[int, int]
    """Reached, of as many."""
    branches: tuple[int, int]
    missed: tuple[tuple[str, str], ...]
    """Functions that were not reached whole, and the lines of them that were not; those with most lines first."""

    def __str__(self) -> str:
        return f"{self.inputs} inputs, lines {_share(self.lines)}, branches {_share(self.branches)}"


def main(arguments: Sequence[str]) -> int:
    """A line for each target."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.reach", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="targets; all of them if none is named")
    parser.add_argument("--corpus", type=Path, default=Path("var/fuzz"), help="where run.py fuzz keeps inputs")
    parser.add_argument("--variants", type=int, default=0, help="of the samples besides, made by the short form's way")
    parser.add_argument("--missed", action="store_true", help="name what is not reached")
    said = parser.parse_args(arguments)
    from tests.fuzz.sheets import EVERY as TARGETS

    for name in said.only or [target.name for target in TARGETS]:
        found = reach_of(name, said.corpus, said.variants)
        print(f"{name}: {found}", flush=True)
        for function, lines in found.missed if said.missed else ():
            print(f"  {function}: {lines}")
    return 0


def reach_of(name: str, corpus: Path, variants: int = 0) -> Reach:
    """In a process of its own, so that nothing is loaded before it is watched."""
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        command = (sys.executable, "-m", "tests.fuzz.reach", "--child", name, str(corpus), str(variants), told.name)
        subprocess.run(command, check=True, cwd=ROOT)
        said = json.loads(Path(told.name).read_bytes())
    return Reach(said["inputs"], *_sums(said["functions"]))


def watch(name: str, corpus: Path, variants: int, told: Path) -> None:
    """Read every input of a target under coverage; `told` gets what the functions say that were entered."""
    import coverage

    watched = coverage.Coverage(
        branch=True, data_file=None, config_file=False, include=[f"{ROOT}/{room}/*" for room in OURS]
    )
    watched.start()
    from tests.fuzz.mutations import mutate
    from tests.fuzz.sheets import EVERY as TARGETS

    [target] = [target for target in TARGETS if target.name == name]
    rng = Random(0)
    made = [mutate(rng.choice(target.samples), rng) for _ in range(variants)]
    inputs = [*target.samples, *_kept(corpus / slug(name) / "inputs"), *made]
    # Loading reads samples too: only what reading these inputs reaches counts.
    watched.stop()
    watched.erase()
    watched.start()
    for data in inputs:
        with contextlib.suppress(*target.refusals):
            target.read(data)
    watched.stop()
    told.write_text(json.dumps({"inputs": len(inputs), "functions": _functions(watched)}))


def _functions(watched: Any) -> dict[str, Any]:
    """Those of which a line was executed, by file and name."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        watched.json_report(outfile=report.name)
        files = json.loads(Path(report.name).read_bytes())["files"]
    return {
        f"{file} {name}": said
        for file, one in files.items()
        for name, said in one["functions"].items()
        if name and said["executed_lines"]
    }


def _kept(folder: Path) -> Iterator[bytes]:
    """In the order of their names, so that a run is like the next one."""
    return (path.read_bytes() for path in sorted(folder.iterdir())) if folder.is_dir() else iter(())


def _sums(
    functions: Mapping[str, Mapping[str, Any]],
) -> tuple[tuple[int, int], tuple[int, int], tuple[tuple[str, str], ...]]:
    totals = [said["summary"] for said in functions.values()]
    lines = (sum(one["covered_lines"] for one in totals), sum(one["num_statements"] for one in totals))
    branches = (sum(one["covered_branches"] for one in totals), sum(one["num_branches"] for one in totals))
    partial = [
        (place, said)
        for place, said in functions.items()
        if said["missing_lines"] or said["summary"]["num_branches"] > said["summary"]["covered_branches"]
    ]
    partial.sort(key=lambda one: (-len(one[1]["missing_lines"]), one[0]))
    return lines, branches, tuple((place, _told(said)) for place, said in partial)


def _told(said: Mapping[str, Any]) -> str:
    lines = ", ".join(map(str, said["missing_lines"]))
    ways = ", ".join(f"{start}→{stop}" for start, stop in said["missing_branches"] if stop not in said["missing_lines"])
    return "; ".join(part for part in (lines and f"lines {lines}", ways and f"ways {ways}") if part)


def _share(part: tuple[int, int]) -> str:
    reached, whole = part
    return f"{reached}/{whole} ({100 * reached / whole:.0f} %)" if whole else "–"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        watch(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
    else:
        sys.exit(main(sys.argv[1:]))
