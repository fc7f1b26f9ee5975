"""What runs and breaks: `miss serve` processes, PostgreSQL, Valkey, a small disk, their clocks.  Real programs all.

A server that ends is started again at once, as systemd or a container's supervisor would; one that ends by itself
after it was ready is a problem of its own.
"""

import asyncio
import contextlib
import json
import os
import resource
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bench.engines import ROOT, START_TIMEOUT_S, NotStarted, PostgreSQL, free_port, valkey
from tests.faults.tally import Tally, now_s
from tests.faults.told import END

START_AGAIN_S = 0.2
"""Between two starts of a server that could not open its doors: its database is away."""
STOP_S = 30.0
"""A server that was asked to end and takes longer is a problem."""
KILL_S = 90.0
"""One that does not end at all is killed then, as systemd would (TimeoutStopSec), and is a problem as well."""
TELL_S = 10.0
"""Within which a server says where it stands, if it says anything."""
LOG_LINES = 400
SHOWN_LINES = 60
MOVED_CLOCK_MODULE = "tests.faults.moved_clock"


class Clock:
    """The clock that one server sees, moved from outside."""

    _FORMAT = struct.Struct("<d")

    def __init__(self, file: Path) -> None:
        file.write_bytes(self._FORMAT.pack(0.0))
        self.file = file

    def move(self, by: timedelta) -> None:
        """From now on the server's clock differs by that much from the true one."""
        with self.file.open("r+b") as offset:
            offset.write(self._FORMAT.pack(by.total_seconds()))


class Server:
    """One `miss serve`, kept running."""

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        folder: Path,
        package: Path,
        tally: Tally,
        logs: Path | None = None,
    ) -> None:
        """`package`: the folder that holds the `miss` to run; `logs`: where all that it says is kept."""
        self.clock = Clock(folder / f"{name.replace(' ', '-')}.clock")
        self.name = name
        self.port = free_port()
        self.ready = asyncio.Event()
        self.logged: deque[str] = deque(maxlen=LOG_LINES)
        self.starts = 0
        self._environment = {
            **os.environ,
            **environment,
            "MISS_PORT": str(self.port),
            "MISS_LOG_FORMAT": "json",
            **code_of(package),
        }
        self._folder = folder
        self._tally = tally
        self._log_file = logs and logs / f"{name.replace(' ', '-')}.log"
        self._asked_to_end_s: float | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._is_expected_to_end = False
        self._code = 0
        self._keeping: asyncio.Task[None] | None = None
        self._told = asyncio.Event()

    async def start(self) -> None:
        """Returns once it is ready.  Raises NotStarted, with the end of its log."""
        self._keeping = asyncio.create_task(self._keep(), name=f"keep {self.name}")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self.ready.wait()
        except TimeoutError:
            raise NotStarted("\n".join((self.name, *list(self.logged)[-3:]))) from None

    async def stop(self) -> None:
        """SIGTERM; SIGKILL if it does not end."""
        if self._keeping is None:
            return
        keeping, self._keeping = self._keeping, None
        self.end(signal.SIGTERM)
        if self._process is None:
            keeping.cancel()
        await asyncio.wait({keeping}, timeout=KILL_S)
        if not keeping.done():
            self._tally.problems[f"did not stop: {await self.explain()}"] += 1
            self.signal(signal.SIGKILL)
        await asyncio.gather(keeping, return_exceptions=True)

    async def explain(self) -> str:
        """Where it stands: its process, its tasks, its last words."""
        self._told.clear()
        self.signal(signal.SIGUSR1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TELL_S):
                await self._told.wait()
        pid = self._process and self._process.pid
        state = f"{self.name} on {self.port}: process {pid}, start {self.starts}, ready: {self.ready.is_set()}"
        return "\n    ".join((state, *list(self.logged)[-SHOWN_LINES:]))

    @property
    def pid(self) -> int:
        """Of the process that runs now.  Raises ProcessLookupError if none does."""
        if self._process is None:
            raise ProcessLookupError(self.name)
        return self._process.pid

    def end(self, how: signal.Signals) -> None:
        """End the process; another one follows, unless `stop` was called."""
        self.ready.clear()
        self._is_expected_to_end = True
        if how is signal.SIGTERM:
            self._asked_to_end_s = now_s()
        self.signal(how)

    @property
    def environment(self) -> Mapping[str, str]:
        """What it runs with."""
        return self._environment

    def run_from(self, package: Path) -> None:
        """From the next start on, run the `miss` in that folder."""
        self._environment |= code_of(package)

    def signal(self, what: signal.Signals) -> None:
        """Send it, if there is a process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, what)

    def refuse_writes(self, refuse: bool) -> None:
        """Let every write to a file fail with EFBIG ("disk I/O error" to SQLite), or not any more."""
        soft = 0 if refuse else resource.RLIM_INFINITY
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))

    async def _keep(self) -> None:
        while True:
            was_ready = await self._run()
            if self._keeping is None:
                return
            if was_ready and not self._is_expected_to_end:
                said = self.logged[-1] if self.logged else ""
                self._tally.problems[f"{self.name} ended by itself ({self._code}): {said}"] += 1
            if not was_ready:
                self._tally.note_event("starts without a database")
                await asyncio.sleep(START_AGAIN_S)

    async def _run(self) -> bool:
        """One life; True if it was ready once."""
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            MOVED_CLOCK_MODULE,
            str(self.clock.file),
            "serve",
            env=self._environment,
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 24,
        )
        self.starts += 1
        self._is_expected_to_end, self._asked_to_end_s = False, None
        was_ready = False
        assert process.stdout is not None
        async for line in process.stdout:
            was_ready = self._read(line.decode(errors="replace").rstrip()) or was_ready
        self._code = await process.wait()
        if self._asked_to_end_s is not None and (taken_s := now_s() - self._asked_to_end_s) > STOP_S:
            self._tally.problems[f"{self.name} took {taken_s:.0f} s to stop"] += 1
        self.ready.clear()
        self._process = None
        return was_ready

    def _read(self, line: str) -> bool:
        """Keep a line of the log; True if it says that the doors are open."""
        self.logged.append(line)
        if line == END:
            self._told.set()
        if self._log_file is not None:
            with self._log_file.open("a") as log:
                log.write(f"{line}\n")
        try:
            entry = json.loads(line)
        except ValueError:
            return False
        if entry.get("level") in ("error", "critical"):
            reason = entry.get("reason") or entry.get("error") or ""
            self._tally.note_event(f"logged: {entry.get('event')} {reason}".rstrip())
        if entry.get("event") != "server.ready":
            return False
        self.ready.set()
        return True


def code_of(package: Path) -> Mapping[str, str]:
    """The environment in which Python finds the `miss` of that folder."""
    return {"PYTHONPATH": os.pathsep.join((str(package), str(ROOT)))}


class Engine:
    """A program that servers depend on; it may be killed and comes back with what it had stored."""

    def __init__(self, running: Callable[[], AbstractContextManager[tuple[str, int]]]) -> None:
        """`running`: opens it; gives its URL and pid."""
        self._running = running
        self._life = ExitStack()
        self.url = ""
        self.port = 0
        self.pid = 0

    async def start(self) -> None:
        self.url, self.pid = await asyncio.to_thread(self._life.enter_context, self._running())
        self.port = urlsplit(self.url).port or 0

    async def kill(self, how: signal.Signals) -> None:
        """End it without its consent."""
        os.kill(self.pid, how)
        await self.stop()

    async def stop(self) -> None:
        await asyncio.to_thread(self._life.close)


def postgresql(folder: Path) -> Engine:
    """PostgreSQL with fsync.  `kill(SIGQUIT)` is what `pg_ctl stop -m immediate` does: its log is replayed."""
    return Engine(PostgreSQL(folder, last_core()).running)


def broker(folder: Path) -> Engine:
    """Valkey, which stores nothing."""
    return Engine(lambda: valkey(folder, last_core()))


def last_core() -> int:
    """The core that the engines run on."""
    return max(os.sched_getaffinity(0))


class Disk:
    """A file system of a few megabytes, so that filling it harms nobody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no block free."""
        with self._ballast.open("wb") as ballast:
            size_bytes = 0
            while free_bytes := self._free_bytes():
                # Others write meanwhile: what was free a moment ago may not be there any more.
                with contextlib.suppress(OSError):
                    os.posix_fallocate(ballast.fileno(), size_bytes, free_bytes)
                    size_bytes += free_bytes

    def _free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[Disk | None]:
    """A tmpfs mounted on `folder`; None if we may not mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "miss-faults", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
