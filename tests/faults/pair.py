"""Two PostgreSQL servers, one of which follows the other and takes over when it is told to."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import _postgresql_programs, _require_alive, free_port


@dataclass
class Cluster:
    """One server: started, ended and promoted by its own programs."""

    programs: Path
    data: Path
    demote: dict[str, int]
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgresql://miss@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Return once it takes queries."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.data.parent,
            "fsync": "off",
            "shared_buffers": "16MB",
            "log_min_messages": "fatal",
        }
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        command += [f"-c{name}={value}" for name, value in options.items()]
        process = subprocess.Popen(command, cwd=self.data.parent, stderr=subprocess.DEVNULL, **self.demote)  # type: ignore[call-overload]
        self._process = process
        asked = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "miss"]
        while self._call(*asked).returncode:
            _require_alive(process)

    def kill(self, how: signal.Signals) -> None:
        """SIGKILL: its children end by themselves; SIGQUIT is `pg_ctl stop -m immediate`, SIGINT `-m fast`."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(30)

    def promote(self) -> None:
        """Return once it takes writes."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "promote")

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs, to its end."""
        done = self._call(program, *arguments)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode()}")

    def _call(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [str(self.programs / program), *arguments]
        return subprocess.run(command, cwd=self.data.parent, capture_output=True, check=False, **self.demote)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Pair:
    """Both at work; everything that `first` has acknowledged, `second` has."""

    first: Cluster
    second: Cluster


@contextmanager
def postgresql_pair() -> Iterator[Pair]:
    """A server, and another one that follows it by a synchronous stream."""
    with _postgresql_programs() as (root, programs, demote):
        first, second = (Cluster(programs, root / name, demote) for name in ("first", "second"))
        first.run("initdb", "-D", str(first.data), "-U", "miss", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        try:
            first.start()
            first.run("pg_basebackup", "-D", str(second.data), "-R", "-c", "fast", "-d", first.url)
            second.start()
            settings = "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"
            for words in settings:
                first.run("psql", "-q", "-d", first.url, "-c", words)
            # Only the first server's own: the second one was copied before, and waits for nobody.
            yield Pair(first, second)
        finally:
            for cluster in (first, second):
                cluster.kill(signal.SIGQUIT)
