"""Imports of the national files: taken in, recorded, told to the operator."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.ids import PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.imports import store
from miss.directory.imports.model import Run, Summary
from miss.directory.register.files import Source, kind_of, list_sources
from miss.directory.register.importer import Importer, take_files
from miss.directory.register.model import ImportReport, Kind, Tell
from miss.directory.register.reading import Text
from miss.storage import Database

INTERRUPTED = (
    "L’importation a été interrompue. Relancez-la : elle reprend depuis le début, sans rien compter deux fois."
)


class Imports:
    """What was taken in, when, and what is being taken in."""

    def __init__(
        self,
        db: Database,
        register: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        kept: Callable[[], Awaitable[Collection[PractitionerId]]],
    ) -> None:
        self._db, self._register = db, register
        self._clock, self._random_bytes = clock, random_bytes
        self._kept = kept

    async def take(
        self, kind: Kind, chunks: Iterable[bytes], *, tell: Tell | None = None, accept_shrink: bool = False
    ) -> ImportReport:
        """One text of a known kind.  Raises as `Importer.take_register`."""
        importer = Importer(self._register, self._clock.now(), accept_shrink=accept_shrink, tell=tell)
        (report,) = await self._recorded(importer, [(kind, Text(kind.value, chunks))])
        return report

    async def take_paths(
        self,
        paths: Sequence[Path],
        *,
        tell: Tell | None = None,
        accept_shrink: bool = False,
        is_test: bool = False,
    ) -> list[ImportReport]:
        """Files of any kind, zipped or not, known by their headers; of two of a kind the last one counts.

        Raises ExtractionMissing, ExtractionUnknown, ArchiveRefused before anything is read, then as
        `Importer.take_register`.
        """
        sources: dict[Kind, Source] = {}
        for path in paths:
            for source in await asyncio.to_thread(list_sources, path):
                sources[await asyncio.to_thread(kind_of, source)] = source
        importer = Importer(self._register, self._clock.now(), accept_shrink=accept_shrink, is_test=is_test, tell=tell)
        async with AsyncExitStack() as stack:
            texts = [
                (kind, Text(source.name, stack.enter_context(source.chunks()), source.size_bytes))
                for kind, source in sources.items()
            ]
            return await self._recorded(importer, texts)

    async def list_last(self, limit: int = 20) -> list[Run]:
        """The last imports, newest first; one under way has no end yet."""
        async with self._db.snapshot() as tx:
            return await store.list_last(tx, limit)

    async def _recorded(self, importer: Importer, texts: Sequence[tuple[Kind, Text]]) -> list[ImportReport]:
        """Import, and leave a trace of it whatever happens."""
        now = self._clock.now()
        run = Run(id=new_row_id(now, self._random_bytes), started_at=now, names=tuple(text.name for _, text in texts))
        async with self._db.transaction() as tx:
            await store.insert(tx, run)
        reports: list[ImportReport] = []
        refusal = INTERRUPTED
        try:
            reports = await take_files(importer, texts, await self._kept())
            refusal = ""
        except MissError as error:
            refusal = error.sentence()
            raise
        finally:
            async with self._db.transaction() as tx:
                await store.finish(tx, run.id, self._clock.now(), [Summary.of(report) for report in reports], refusal)
        return reports
