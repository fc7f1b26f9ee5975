"""Folders that hospitals drop files into (SFTP, a share): looked at every half minute, each file moved once it is read.

    arrivals/*.hl7, *.csv      read when they have stood unchanged for a few seconds
    arrivals/traites/          taken in
    arrivals/refuses/          could not be read, with a `.erreur.txt` beside that says why

A crash between reading and moving has the file read again: its movements are known.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from miss.base.errors import MissError
from miss.base.ids import OrganizationId
from miss.base.text import Language
from miss.storage.jobs import Job, JobHandler, schedule
from movements.deliveries import MAX_BYTES, Deliveries, Report
from movements.parts import Parts

LOOK: Final = "movements.folders"
LOOK_EVERY: Final = timedelta(seconds=30)
STILL_FOR: Final = timedelta(seconds=3)
"""A file that is still being written grows."""
DONE, REFUSED = "traites", "refuses"
FILES_AT_ONCE: Final = 200
_KINDS: Final = (".hl7", ".csv")

log = structlog.get_logger("movements.folders")


@dataclass(frozen=True, slots=True)
class Folders:
    """Which establishment drops files where."""

    parts: Parts
    deliveries: Deliveries
    of: Mapping[OrganizationId, Path]

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(LOOK, self._run)

    async def start(self) -> None:
        """Plan the next look, if there is a folder."""
        if not self.of:
            return
        async with self.parts.db.transaction() as tx:
            due_at = self.parts.clock.now() + LOOK_EVERY
            await schedule(tx, LOOK, "all", due_at, random_bytes=self.parts.random_bytes)

    async def _run(self, _job: Job) -> None:
        try:
            await self.look()
        finally:
            await self.start()

    async def look(self) -> None:
        """Take in what lies in the folders.  One that cannot be read is told in the log, and keeps no other waiting."""
        for organization_id, folder in self.of.items():
            try:
                found = await asyncio.to_thread(self._ready, folder)
            except OSError as error:
                log.error("movements.folder_unreadable", organization=organization_id, reason=type(error).__name__)
                continue
            for path in found:
                await self._take(organization_id, path)

    def _ready(self, folder: Path) -> list[Path]:
        before = (self.parts.clock.now() - STILL_FOR).timestamp()
        files = [one for one in folder.iterdir() if one.suffix.lower() in _KINDS and one.is_file()]
        return sorted(one for one in files if one.stat().st_mtime <= before)[:FILES_AT_ONCE]

    async def _take(self, organization_id: OrganizationId, path: Path) -> None:
        try:
            content = await asyncio.to_thread(_read, path)
            if path.suffix.lower() == ".csv":
                report = await self.deliveries.take_csv(organization_id, content)
            else:
                report, _ = await self.deliveries.take_hl7(organization_id, content)
        except FileNotFoundError:
            return
        except MissError as error:
            if error.temporary:
                log.warning("movements.file_later", organization=organization_id, reason=error.code)
                return
            log.warning("movements.file_refused", organization=organization_id, reason=error.code)
            await asyncio.to_thread(_move, path, REFUSED, error.sentence(Language.FR))
            return
        await asyncio.to_thread(_move, path, DONE, _said(report))
        log.info("movements.file_taken", organization=organization_id, movements=report.tally.total)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _move(path: Path, name: str, said: str) -> None:
    """Into a folder beside it; a second file of the same name does not replace the first."""
    folder = path.parent / name
    folder.mkdir(exist_ok=True)
    rank, target = 1, folder / path.name
    while target.exists():
        rank += 1
        target = folder / f"{path.stem}-{rank}{path.suffix}"
    if said:
        target.with_name(f"{target.name}.erreur.txt").write_text(said + "\n", encoding="utf-8")
    with contextlib.suppress(FileNotFoundError):
        path.rename(target)


def _said(report: Report) -> str:
    """What to correct, line by line; nothing if there is nothing."""
    return "\n".join(f"{one.where} : {one.error.sentence(Language.FR)}" for one in report.refusals)
