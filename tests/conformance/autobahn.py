"""Autobahn|Testsuite against our WebSocket layer: 247 cases of RFC 6455.

    python -m tests.conformance.autobahn PYTHON2 FOLDER

The suite is written in Python 2 (last release on PyPI: 25.10.1).  PYTHON2 is an interpreter of that age with pip; the
suite is installed in FOLDER, which is kept for the next time, and so is its report.  Groups 9 (limits of size), 12 and
13 (compression, which we never negotiate) are left out.  CI has no Python 2: `test_cases.py` asks the same in our own
words.

Exit code 1 if a case failed.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port

SUITE = "autobahntestsuite==25.10.1"
LEFT_OUT = ("9.*", "12.*", "13.*")
FINE = frozenset({"OK", "NON-STRICT", "INFORMATIONAL"})
"""As the suite reads them: what the standard leaves open is no failure."""
START_S = 5.0
_RUN = (
    "import site, sys; site.addsitedir({site!r}); from autobahntestsuite.wstest import run; "
    "sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', {spec!r}]; run()"
)


def main(arguments: list[str]) -> int:
    """Install if needed, run, count."""
    python2, folder = arguments[0], Path(arguments[1]).absolute()
    site = folder / "site"
    if not site.exists():
        subprocess.run([python2, "-m", "pip", "install", "-q", "--target", str(site), SUITE], check=True)
    with _echo() as port:
        spec = folder / "spec.json"
        server = {"agent": "MiSS", "url": f"ws://127.0.0.1:{port}"}
        wanted = {"outdir": str(folder / "report"), "servers": [server], "cases": ["*"]}
        spec.write_text(json.dumps(wanted | {"exclude-cases": LEFT_OUT, "exclude-agent-cases": {}}))
        code = _RUN.format(site=str(site), spec=str(spec))
        subprocess.run([python2, "-c", code], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _count(json.loads((folder / "report" / "index.json").read_text())["MiSS"])


def _count(cases: dict[str, dict[str, str]]) -> int:
    verdicts = Counter(case["behavior"] for case in cases.values())
    failed = [name for name, case in cases.items() if {case["behavior"], case["behaviorClose"]} - FINE]
    print(f"{len(cases)} cases: {', '.join(f'{number} {verdict}' for verdict, number in verdicts.most_common())}")
    print(f"failed: {', '.join(failed) or 'none'}")
    return 1 if failed or not cases else 0


@contextmanager
def _echo() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.conformance.echo", str(port)])
    try:
        time.sleep(START_S)
        yield port
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
