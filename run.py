#!/usr/bin/env python3
"""The two commands, and the others.

    python3 run.py            set up if needed, start MiSS on the embedded default, show both jobs at work
    python3 run.py test       set up if needed, pass the tests

More: `run.py check` (format, lint, types, layering), `run.py miss …` (the command line of the server), `run.py web`
(build the web client; the commands above do it when it is stale), `run.py desktop` (the desktop client; with
`--package`, its Debian package), `run.py bench …` (MiSS beside its peers; `bench protocol`: costs of the cryptography;
`bench desktop`), `run.py fuzz` (hostile bytes
for as long as asked), `run.py soak` (messages under faults, for as many as asked), `run.py drill` (lose a
deployment and bring it back, measured), `run.py mutate` (would the tests
notice?), `run.py build` (wheel and source archive; `build deb`: Debian's package), `run.py prove` (install, upgrade,
lose and restore a whole machine), `run.py sbom` (what a release is made of), `run.py retention` (write
docs/retention.md), `run.py revision` (write a migration), `run.py lock` (pin the dependencies again).  Standard library
only: this file runs before anything is installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import web_client

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
RUNTIME_LOCK = ROOT / "requirements.lock"
DESKTOP_LOCK = ROOT / "requirements-desktop.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
LOCKS = (RUNTIME_LOCK, DESKTOP_LOCK, DEV_LOCK)
"""Each contains the one before."""
OLDEST_PYTHON = (3, 11)


FIRST_TIER = " and ".join(
    f"not {mark}" for mark in ("browser", "proxy", "ldap", "mail", "desktop", "long", "package", "upgrade", "power")
)
"""What needs no Debian package and does not take long; `.ci/run` has the marks of the second tier."""
MODULES = {
    "bench": (DEV_LOCK, "bench"),
    "desktop": (DESKTOP_LOCK, "clients.desktop"),
    "fuzz": (DEV_LOCK, "tests.fuzz.long"),
    "soak": (DEV_LOCK, "tests.faults.soak"),
    "drill": (DEV_LOCK, "tests.e2e.drill"),
}
"""Commands that run a module: what it needs, its name."""
SCRIPTS = {
    "revision": (DEV_LOCK, "revision.py"),
    "mutate": (DEV_LOCK, "mutate.py"),
    "retention": (RUNTIME_LOCK, "retention.py"),
    "sbom": (DESKTOP_LOCK, "sbom.py"),
}
"""Commands that run a file of `scripts/`."""


def main(arguments: list[str]) -> int:
    """Do what the first word says; everything after it is handed on."""
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        return refuse(f"MiSS needs Python 3.11 or later; this is {have}.", "Install it, then run: python3.11 run.py")
    command, rest = (arguments[0], arguments[1:]) if arguments else ("demo", [])
    if command == "desktop" and rest[:1] == ["--package"]:
        install(DESKTOP_LOCK)
        return run(PYTHON, ROOT / "deploy" / "desktop" / "build.py", *rest[1:])
    if command in MODULES:
        needs, module = MODULES[command]
        install(needs)
        return run(PYTHON, "-m", module, *rest)
    if command in SCRIPTS:
        needs, file = SCRIPTS[command]
        install(needs)
        return run(PYTHON, ROOT / "scripts" / file, *rest)
    return do(command, rest)


def do(command: str, rest: list[str]) -> int:
    """Whatever is more than one program that is run."""
    match command:
        case "demo":
            install(RUNTIME_LOCK)
            build_web_client()
            return run(BIN / "miss", "demo", *rest)
        case "miss":
            install(RUNTIME_LOCK)
            build_web_client()
            return run(BIN / "miss", *rest)
        case "web":
            install(RUNTIME_LOCK)
            return 0 if build_web_client() else 1
        case "test":
            install(DEV_LOCK)
            build_web_client()
            tier = () if "-m" in rest else ("-m", FIRST_TIER, "-n", "auto")
            return run(PYTHON, "-m", "pytest", *tier, *rest)
        case "check":
            install(DEV_LOCK)
            return check()
        case "build":
            install(RUNTIME_LOCK)
            return run(PYTHON, ROOT / "scripts" / "package.py", *rest) if build_web_client() else 1
        case "prove":
            install(DEV_LOCK)
            return run(PYTHON, "-m", "tests.prove", *rest) if build_web_client() else 1
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
    wanted = hashlib.sha256(b"".join(one.read_bytes() for one in LOCKS)).hexdigest()
    wanted += hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    installed = stamp.read_text().split() if stamp.exists() else []
    enough = {one.name for one in LOCKS[LOCKS.index(lock_file) :]}
    if installed[:1] == [wanted] and enough & set(installed[1:]):
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


def build_web_client() -> bool:
    """Build the web client if its sources changed.  False: it could not be, and why is said; everything else works."""
    try:
        if web_client.is_current():
            return True
        started = time.monotonic()
        say("Building the web client …")
        node = web_client.find_node(VENV) or install_node()
        said = web_client.build(node)
    except (web_client.BuildFailed, OSError) as error:
        refuse(f"The web client was not built: {error}", "Mend it, then: python3 run.py web")
        return False
    say(f"{said}; built in {time.monotonic() - started:.0f} s.")
    return True


def install_node() -> web_client.Node:
    """Node from the wheel that the lock file pins, into `.venv`.  Raises BuildFailed."""
    say("Fetching Node, which this machine does not have (once) …")
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "node.lock"
        pinned.write_text(web_client.pinned_wheel(DEV_LOCK))
        uv = shutil.which("uv")
        pip = (uv, "pip", "install", "--python", PYTHON) if uv else (PYTHON, "-m", "pip", "install")
        code = run(*pip, "--quiet", "--require-hashes", "-r", pinned)
    node = web_client.find_node(VENV)
    if code or node is None:
        raise web_client.BuildFailed(f"{web_client.WHEEL} could not be installed")
    return node


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
    common += ["-c", str(RUNTIME_LOCK), "--extra", "desktop", "--group", "build"]
    must(uv, *common, "-o", DESKTOP_LOCK, "--upgrade")
    return must(uv, *common, "-c", DESKTOP_LOCK, "--group", "dev", "-o", DEV_LOCK, "--upgrade")


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
