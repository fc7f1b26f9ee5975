"""`python3 run.py prove --from REVISION`: from nothing to a healthy deployment, by the documented steps, and back.

A clean Debian is made and booted; the blocks of docs/operations.md install the version of REVISION there; the story is
told; the version of this checkout replaces it while people talk; the machine is cut off; its folders are emptied; the
blocks restore it; every proof is verified again.  Needs root, and Debian's mmdebstrap, python3-venv and git.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.prove.machine import Machine
from tests.prove.packages import build_deb, deb_of_revision, version_of
from tests.prove.proof import Log, Proof

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """The whole proof; 0 if it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    first = parser.add_mutually_exclusive_group(required=True)
    first.add_argument("--from", dest="revision", help="What is installed first: a commit or tag.")
    first.add_argument("--before", type=Path, help="The same, as a Debian package that was built already.")
    parser.add_argument(
        "--after", type=Path, help="What replaces it; without it, the package of this checkout is built."
    )
    parser.add_argument("--log", type=Path, default=ROOT / "docs" / "install-log.md", help="Where the log is written.")
    parser.add_argument("--keep", type=Path, help="Make the machine in this folder and leave it there.")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("Making a machine needs root: sudo python3 run.py prove --from …", file=sys.stderr)
        return 2
    log = Log()
    with _folder(options.keep) as folder:
        try:
            before, after = _packages(folder, options, log)
            prove(folder, before, after, log)
        finally:
            options.log.write_text(log.page())
    return 0


def _packages(folder: Path, options: argparse.Namespace, log: Log) -> tuple[Path, Path]:
    """The two packages, built unless they are given."""
    log.head("Packages")
    before, after = options.before, options.after
    if before is None:
        with log.step(f"the package of revision {options.revision} is built, with its web client"):
            before = deb_of_revision(options.revision, folder)
    if after is None:
        with log.step("the package of this checkout is built"):
            after = build_deb(ROOT, folder / "after", folder / "wheels")
    for what, path in (("first", before), ("then", after)):
        log.note(f"- {what}: version {version_of(path)}, {path.stat().st_size >> 20} MiB")
    return before, after


def prove(folder: Path, before: Path, after: Path, log: Log) -> None:
    """Each part in its order; raises CommandFailed with the output of what failed."""
    with log.step("a clean Debian is made, and what step 1 installs is fetched into apt's cache"):
        machine = Machine.make(folder / "machine")
        machine.prefetch("curl", "nginx-light", "postfix", "postgresql", "redis-server", "restic")
    proof = Proof(machine, log)
    started = time.monotonic()
    with machine.running():
        proof.install(before, after)
        proof.tell_the_story()
        proof.upgrade(after)
        proof.lose_a_process()
        proof.back_up_and_cut()
    with machine.running():
        proof.come_back_after_the_cut()
        proof.restore()
        proof.verify_everything()
    log.total(time.monotonic() - started)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="miss-prove-") as name:
        yield Path(name)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
