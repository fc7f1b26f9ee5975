"""Import: stage what the files say, compare, write in one transaction.  The same files twice change nothing.

Reading and staging need no lock; the transaction that compares and writes is the only moment when another import is
refused.  A refusal at any point leaves the register as it was.
"""

import asyncio
import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from miss.base.ids import PractitionerId
from miss.directory.register import annexes, store
from miss.directory.register.activities import ActivityReader, Nomenclature
from miss.directory.register.bulk import Bulk, open_bulk
from miss.directory.register.errors import SkillsMissing
from miss.directory.register.extraction import Extraction
from miss.directory.register.mailboxes import read_claims
from miss.directory.register.model import Delta, ImportReport, Kind, Progress, Tell
from miss.directory.register.remarks import Findings
from miss.directory.register.skills import read_qualifications, read_skills
from miss.directory.search.towns import Towns
from miss.storage import Database

BATCH_LINES = 10_000


class Text:
    """One file being read: its pieces, counted as they go by."""

    def __init__(self, name: str, chunks: Iterable[bytes], size_bytes: int = 0) -> None:
        """`chunks`: the file in pieces of any size; `size_bytes`: of all of them, 0 if unknown."""
        self.name, self._chunks, self._size_bytes = name, chunks, size_bytes
        self.findings = Findings()
        self._read_bytes = 0

    def open(self) -> Extraction:
        """Read the header."""
        return Extraction(self._counted(), self.findings)

    @property
    def progress(self) -> Progress:
        return Progress(self.name, self.findings.lines, self._read_bytes, self._size_bytes)

    def _counted(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._read_bytes += len(chunk)
            yield chunk


class Importer:
    """Takes files into one register."""

    def __init__(
        self,
        register: Database,
        now: datetime,
        *,
        accept_shrink: bool = False,
        is_test: bool = False,
        tell: Tell | None = None,
    ) -> None:
        """`accept_shrink`: take a file that has far fewer entries than are known; `is_test`: take wrong keys too."""
        self._register, self._now = register, now
        self._accept_shrink, self._is_test = accept_shrink, is_test
        self._tell = tell

    async def take_register(
        self, text: Text, skills: Text | None = None, kept: Collection[PractitionerId] = ()
    ) -> list[ImportReport]:
        """Persons and activities, with the file of skills if there is one.

        `kept`: those who stay findable even when the register no longer has them.  Raises ExtractionUnreadable,
        SkillsMissing, RegisterShrinks, RegisterBusy, DatabaseUnreachable; nothing was changed then.
        """
        async with open_bulk(self._register) as bulk:
            await store.stage_register(bulk)
            words = await store.known_words(bulk)
            reader = ActivityReader(await asyncio.to_thread(text.open), known_words=words, is_test=self._is_test)
            if not reader.has_specialties and skills is None:
                raise SkillsMissing
            await self._fill(bulk, text, reader)
            nomenclature = reader.nomenclature
            # What it remembers of a million and a half people is memory that comparing can use.
            del reader
            if skills is not None:
                await self._fill_skills(bulk, skills, nomenclature)
            await store.keep(bulk, kept)
            await bulk.begin()
            delta = await store.compare_register(bulk, accept_shrink=self._accept_shrink)
            await store.write_nomenclature(bulk, nomenclature, Towns(), words)
            await store.write_register(bulk, self._now)
        reports = [ImportReport.compose(Kind.REGISTER, text.name, delta, text.findings)]
        if skills is not None:
            reports.append(ImportReport.compose(Kind.SKILLS, skills.name, Delta(), skills.findings))
        return reports

    async def _fill(self, bulk: Bulk, text: Text, reader: ActivityReader) -> None:
        """Read the next batch while the last one is staged."""
        batches = reader.read(BATCH_LINES)
        with _uncollected():
            batch = await asyncio.to_thread(next, batches, None)
            while batch is not None:
                staged = store.fill_register(bulk, batch)
                _, batch = await asyncio.gather(staged, asyncio.to_thread(next, batches, None))
                self._say(text)

    async def _fill_skills(self, bulk: Bulk, skills: Text, nomenclature: Nomenclature) -> None:
        labels = nomenclature.specialties
        seen: set[tuple[str, str]] = set()
        lines = read_skills(await asyncio.to_thread(skills.open), is_test=self._is_test)
        while rows := await asyncio.to_thread(store.next_rows, lines):
            for row in rows:
                labels.setdefault(row.code, row.label)
            # A person's skills stand together: what repeats is near.
            pairs = [(row.practitioner_id, row.code) for row in rows]
            await bulk.fill("s_skill", [pair for pair in dict.fromkeys(pairs) if pair not in seen])
            seen = set(pairs)
            self._say(skills)
        await store.give_skills(bulk, labels)

    async def take_qualifications(self, text: Text) -> list[ImportReport]:
        """Diplomas and authorisations of people in the register.  Raises as `take_register`."""
        async with open_bulk(self._register) as bulk:
            await annexes.stage_qualifications(bulk)
            lines = read_qualifications(await asyncio.to_thread(text.open), is_test=self._is_test)
            while rows := await asyncio.to_thread(store.next_rows, lines):
                await bulk.fill("s_qualification", rows)
                self._say(text)
            await bulk.begin()
            delta, unknown = await annexes.write_qualifications(bulk, accept_shrink=self._accept_shrink)
            text.findings.skipped += unknown
        return [ImportReport.compose(Kind.QUALIFICATIONS, text.name, delta, text.findings)]

    async def take_mailboxes(self, text: Text) -> list[ImportReport]:
        """Secure-mail addresses of people in the register.  Raises as `take_register`."""
        async with open_bulk(self._register) as bulk:
            await annexes.stage_mailboxes(bulk)
            lines = read_claims(await asyncio.to_thread(text.open))
            while rows := await asyncio.to_thread(store.next_rows, lines):
                await bulk.fill("s_claim", rows)
                self._say(text)
            await bulk.begin()
            delta = await annexes.write_mailboxes(bulk, text.findings, accept_shrink=self._accept_shrink)
        return [ImportReport.compose(Kind.MAILBOXES, text.name, delta, text.findings)]

    def _say(self, text: Text) -> None:
        if self._tell is not None:
            self._tell(text.progress)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: millions of rows make none, and looking through them takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def take_files(
    importer: Importer, texts: Sequence[tuple[Kind, Text]], kept: Collection[PractitionerId]
) -> list[ImportReport]:
    """Import one file of each kind, in the order that makes sense of them; at least one."""
    given = dict(texts)
    reports: list[ImportReport] = []
    if Kind.REGISTER in given:
        reports += await importer.take_register(given[Kind.REGISTER], given.get(Kind.SKILLS), kept)
    if Kind.QUALIFICATIONS in given:
        reports += await importer.take_qualifications(given[Kind.QUALIFICATIONS])
    if Kind.MAILBOXES in given:
        reports += await importer.take_mailboxes(given[Kind.MAILBOXES])
    return reports
