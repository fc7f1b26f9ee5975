"""The daily import: what has arrived in a folder since the last look is taken in.

It runs as a command of its own (`miss directory import`), at the lowest priority: reading two million lines keeps an
interpreter busy for half a minute, and the one that serves the chat must not be that one (ADR 30).
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.imports.service import Imports
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, schedule

log = structlog.get_logger("miss.directory")

KIND = "directory.import"
KEY = "daily"
LOWEST_PRIORITY = 19
QUIET_FOR = timedelta(minutes=5)
"""A file that was written to more recently may still be arriving."""
_SUFFIXES = (".txt", ".zip")


class DailyImport:
    """Looks into the folder once a day."""

    def __init__(
        self,
        imports: Imports,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        folder: Path | None,
        hour: int,
        command: Sequence[str],
    ) -> None:
        """`folder`: where files arrive, None: nothing is looked for; `hour`: of the day, UTC.

        `command`: what imports the files whose names follow it.
        """
        self._imports, self._db = imports, db
        self._folder, self._hour, self._command = folder, hour, tuple(command)
        self._clock, self._random_bytes = clock, random_bytes
        self._running: asyncio.Task[None] | None = None

    def job_handler(self) -> JobHandler:
        """For the job runner."""
        return JobHandler(KIND, self._run)

    async def start(self) -> None:
        """See to it that the next look is planned."""
        if self._folder is not None:
            await self._plan()

    async def _plan(self) -> None:
        async with self._db.transaction() as tx:
            due_at = next_look(self._clock.now(), self._hour)
            await schedule(tx, KIND, KEY, due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        if self._folder is None:
            return
        # Planned first: a look that fails is not tried again before tomorrow, and its reason stands in the status.
        await self._plan()
        last = await self._imports.list_last(limit=1)
        files = await asyncio.to_thread(arrived, self._folder, last[0].started_at if last else None, self._clock.now())
        if not files:
            log.info("directory.nothing_arrived", folder=str(self._folder))
            return
        # Not waited for: other jobs, mails among them, are due meanwhile.
        self._running = asyncio.create_task(self._import(files), name="miss.directory.import")

    async def _import(self, files: Sequence[Path]) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command, *map(str, files), stdout=asyncio.subprocess.DEVNULL
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, LOWEST_PRIORITY)
        code = await process.wait()
        (log.info if code == 0 else log.error)("directory.imported", files=[file.name for file in files], code=code)

    async def settled(self) -> None:
        """Until the import under way, if there is one, has ended."""
        if self._running is not None:
            await self._running


def next_look(now: datetime, hour: int) -> datetime:
    """The next time it is `hour` o'clock, UTC."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def arrived(folder: Path, since: datetime | None, now: datetime) -> list[Path]:
    """Extractions that came after `since`, oldest first; those still being written are left for tomorrow."""
    latest = (now - QUIET_FOR).timestamp()
    earliest = since.timestamp() if since else 0.0
    try:
        files = [(path.stat().st_mtime, path) for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES]
    except OSError:
        log.warning("directory.folder_unreadable", folder=str(folder))
        return []
    return [path for written_at, path in sorted(files) if earliest <= written_at <= latest]
