#!/usr/bin/env python3
"""The two commands, and the others.

    python3 run.py            set up if needed, start MiSS on the embedded default, show both jobs at work
    python3 run.py test       set up if needed, pass the tests

More: `run.py check` (format, lint, types, layering), `run.py miss …` (the command line of the server),
`run.py bench …` (MiSS beside its peers; `bench protocol`: costs of the cryptography), `run.py fuzz` (hostile bytes
for as long as asked), `run.py soak` (messages under faults, for as many as asked), `run.py revision` (write a
migration), `run.py lock` (pin the dependencies again).  Standard library only: this file runs before anything is
installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> int:
    """Do what the first word says; everything after it is handed on."""
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        return refuse(f"MiSS needs Python 3.11 or later; this is {have}.", "Install it, then run: python3.11 run.py")
    command, rest = (arguments[0], arguments[1:]) if arguments else ("demo", [])
    match command:
        case "demo":
            install(RUNTIME_LOCK)
            return run(BIN / "miss", "demo", *rest)
        case "miss":
            install(RUNTIME_LOCK)
            return run(BIN / "miss", *rest)
        case "test":
            install(DEV_LOCK)
            # The second tier needs Debian's Chromium, nginx, HAProxy and slapd, or long; `.ci/run` has its marks.
            tier = (
                ()
                if "-m" in rest
                else ("-m", "not browser and not proxy and not ldap and not mail and not long", "-n", "auto")
            )
            return run(PYTHON, "-m", "pytest", *tier, *rest)
        case "check":
            install(DEV_LOCK)
            return check()
        case "bench":
            install(DEV_LOCK)
            return run(PYTHON, "-m", "bench", *rest)
        case "fuzz":
            install(DEV_LOCK)
            return run(PYTHON, "-m", "tests.fuzz.long", *rest)
        case "soak":
            install(DEV_LOCK)
            return run(PYTHON, "-m", "tests.faults.soak", *rest)
        case "revision":
            install(DEV_LOCK)
            return run(PYTHON, ROOT / "scripts" / "revision.py", *rest)
        case "lock":
            return lock()
        case "help" | "--help" | "-h":
            print(__doc__)
            return 0
        case _:
            print(__doc__)
            return refuse(f"There is no command {command!r}.", "The commands are listed above.")


def check() -> int:
    """What CI checks besides the tests; all of it runs, the first failure decides the exit code."""
    codes = [
        run(BIN / "ruff", "format", "--check", "."),
        run(BIN / "ruff", "check", "."),
        run(PYTHON, "-m", "mypy"),
        run(BIN / "lint-imports"),
    ]
    return next((code for code in codes if code), 0)


def install(lock_file: Path) -> None:
    """Make `.venv` hold exactly what `lock_file` pins, and this checkout; at once if it does already."""
    stamp = VENV / "installed"
    wanted = hashlib.sha256(DEV_LOCK.read_bytes() + RUNTIME_LOCK.read_bytes()).hexdigest()
    wanted += hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    installed = stamp.read_text().split() if stamp.exists() else []
    # The larger set contains the smaller one.
    if installed[:1] == [wanted] and ({lock_file.name, DEV_LOCK.name} & set(installed[1:])):
        return
    started = time.monotonic()
    say(f"Setting up in {VENV} (once; about half a minute) …")
    uv = shutil.which("uv")
    if uv:
        must(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV)
        must(uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock_file)
        must(uv, "pip", "install", "--quiet", "--python", PYTHON, "--no-deps", "--no-build-isolation", "-e", ROOT)
    else:
        make_venv()
        pip = (PYTHON, "-m", "pip", "--disable-pip-version-check")
        must(*pip, "install", "--progress-bar", "on", "--quiet", "--require-hashes", "-r", lock_file)
        must(*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT)
    stamp.write_text(f"{wanted} {lock_file.name}\n")
    say(f"Set up in {time.monotonic() - started:.0f} s.")


def make_venv() -> None:
    """A virtual environment from the standard library; Debian ships that part in a package of its own."""
    if PYTHON.exists():
        return
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        minor = sys.version_info.minor
        refuse(
            "Python cannot make a virtual environment: " + (made.stderr or made.stdout).strip().splitlines()[0],
            f"On Debian and Ubuntu: apt install python3.{minor}-venv   (then run this again)",
        )
        raise SystemExit(1)


def lock() -> int:
    """Pin every dependency again, with hashes and without addresses."""
    uv = shutil.which("uv")
    if not uv:
        return refuse("Locking needs uv.", "pip install uv   (then run this again)")
    common = ["pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate", "--no-emit-index-url"]
    common += ["--python-version", "3.11", "--no-header", "pyproject.toml"]
    must(uv, *common, "--group", "build", "-o", RUNTIME_LOCK, "--upgrade")
    return must(uv, *common, "--group", "build", "--group", "dev", "-c", RUNTIME_LOCK, "-o", DEV_LOCK, "--upgrade")


def run(*command: object) -> int:
    """Run a program in the checkout; Ctrl-C goes to it, not to us."""
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def must(*command: object) -> int:
    """Run a step of the set-up; stop with one clear sentence if it fails."""
    code = run(*command)
    if code:
        refuse(f"This step failed: {' '.join(str(part) for part in command)}", "Its message stands above.")
        raise SystemExit(code)
    return 0


def say(sentence: str) -> None:
    print(f"\033[1m{sentence}\033[0m" if sys.stdout.isatty() else sentence, flush=True)


def refuse(problem: str, remedy: str) -> int:
    """One sentence that says what is wrong, one that says what to do."""
    print(f"\n{problem}\n→ {remedy}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
