"""Autobahn|Testsuite against our WebSocket layer: RFC 6455.

    python -m tests.conformance.autobahn --python2 PYTHON2 [--folder FOLDER] [--cases 1.* 5.*]

The suite is written in Python 2, so PYTHON2 is an interpreter of that age with pip; the suite is installed in FOLDER
once, and its report is left there.  Exit code 0: every case is fine; 1: one is not; 2: the suite could not run.
docs/conformance.md says more.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.servers import free_port

SUITE: Final = "autobahntestsuite==25.10.1"
LEFT_OUT: Final = ("9.*", "12.*", "13.*")
"""Limits of size; compression, which we never negotiate."""
FINE: Final = frozenset({"OK", "NON-STRICT", "INFORMATIONAL"})
"""As the suite reads them: what the standard leaves open is no failure."""
FAULT, UNABLE = 1, 2
_RUN: Final = (
    "import site; site.addsitedir({site!r}); import sys; from autobahntestsuite.wstest import run; "
    "sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', {spec!r}]; run()"
)
_CASE: Final = re.compile(r"Running test case ID (\d+)\.")


class SuiteUnable(Exception):
    """The suite could not be installed or run; the message says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Install if needed, run, count."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.autobahn", description=__doc__.splitlines()[0])
    parser.add_argument("--python2", required=True, metavar="PYTHON2", help="a Python 2.7 with pip")
    parser.add_argument("--folder", type=Path, default=Path("var/autobahn"), help="of the suite and its report")
    parser.add_argument("--cases", nargs="+", default=["*"], metavar="CASE", help="1.*, 6.4.2; all if none is named")
    said = parser.parse_args(arguments)
    folder = said.folder.absolute()
    try:
        install(said.python2, folder / "site")
        return tell(run(said.python2, folder, said.cases), folder / "report" / "index.html")
    except SuiteUnable as unable:
        print(unable, file=sys.stderr)
        return UNABLE


def install(python2: str, site: Path) -> None:
    """The suite in `site`, if it is not there whole.  Raises SuiteUnable."""
    if (site / "autobahntestsuite").exists():
        return
    print(f"installing {SUITE} in {site}", flush=True)
    _run([python2, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(site), SUITE])


def run(python2: str, folder: Path, cases: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """What the suite says of each case, by its number.  Raises SuiteUnable."""
    spec, index = folder / "spec.json", folder / "report" / "index.json"
    index.unlink(missing_ok=True)
    with echo() as port:
        server = {"agent": "MiSS", "url": f"ws://127.0.0.1:{port}"}
        wanted = {"outdir": str(folder / "report"), "servers": [server], "cases": list(cases)}
        spec.write_text(json.dumps(wanted | {"exclude-cases": LEFT_OUT, "exclude-agent-cases": {}}))
        code = _RUN.format(site=str(folder / "site"), spec=str(spec))
        _run([python2, "-u", "-c", code], tells_groups=True)
    if not index.exists():
        raise SuiteUnable(f"The suite ended without a report in {index.parent}. Is its installation whole? Remove "
                          f"{folder / 'site'} and run this again.")  # fmt: skip
    found: dict[str, dict[str, str]] = json.loads(index.read_text())["MiSS"]
    return found


def tell(cases: Mapping[str, Mapping[str, str]], report: Path) -> int:
    """Print verdicts and failed cases; the exit code."""
    if not cases:
        print("no case has run: --cases names none that there is", file=sys.stderr)
        return UNABLE
    verdicts = Counter(case["behavior"] for case in cases.values())
    failed = [name for name, case in cases.items() if {case["behavior"], case["behaviorClose"]} - FINE]
    print(f"{len(cases)} cases: {', '.join(f'{number} {verdict}' for verdict, number in verdicts.most_common())}")
    print(f"failed: {', '.join(failed) or 'none'}; report: {report}")
    return FAULT if failed else 0


@contextmanager
def echo() -> Iterator[int]:
    """Our WebSocket layer with an echo behind it; its port, once it listens.  Raises SuiteUnable."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conformance.echo", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None or process.stdout.readline() != "listening\n":
            raise SuiteUnable(f"The echo server did not start: python -m tests.conformance.echo {port} says why.")
        yield port
    finally:
        process.terminate()
        process.wait()


def _run(command: Sequence[str], *, tells_groups: bool = False) -> None:
    """Have it end well; `tells_groups`: say which group of cases has begun.  Raises SuiteUnable with its last words."""
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        raise SuiteUnable(f"{command[0]} cannot be run ({error.strerror}). --python2 names a Python 2.7.") from None
    last, group = "", ""
    for line in process.stdout or ():
        last = line.strip() or last
        begun = _CASE.search(line) if tells_groups else None
        if begun and begun[1] != group:
            group = begun[1]
            print(f"group {group}", flush=True)
    if process.wait():
        raise SuiteUnable(f"{command[0]} ended with {process.returncode}: {last}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
