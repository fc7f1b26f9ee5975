"""Import: stage what the files say, compare, write in one transaction.  The same files twice change nothing.

Reading and staging need no lock; the transaction that compares and writes is the only moment when another import is
refused.  A refusal at any point leaves the register as it was.
"""

import asyncio
import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from miss.base.ids import PractitionerId
from miss.directory.register import annexes, store
from miss.directory.register.activities import Nomenclature
from miss.directory.register.bulk import Bulk, open_bulk
from miss.directory.register.errors import SkillsMissing
from miss.directory.register.mailboxes import read_claims
from miss.directory.register.model import Delta, ImportReport, Kind, Tell
from miss.directory.register.reading import BESIDE_FROM_BYTES, Reading, Text, open_reading
from miss.directory.register.skills import read_qualifications, read_skills
from miss.directory.search.towns import Towns
from miss.storage import Database


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
        beside_from_bytes: int = BESIDE_FROM_BYTES,
    ) -> None:
        """`accept_shrink`: take a file that has far fewer entries than are known; `is_test`: take wrong keys too;
        `beside_from_bytes`: size from which a register is read by a process of its own.
        """
        self._register, self._now = register, now
        self._accept_shrink, self._is_test = accept_shrink, is_test
        self._tell, self._beside_from_bytes = tell, beside_from_bytes

    async def take_register(
        self, text: Text, skills: Text | None = None, kept: Collection[PractitionerId] = ()
    ) -> list[ImportReport]:
        """Persons and activities, with the file of skills if there is one.

        `kept`: those who stay findable even when the register no longer has them.  Raises ExtractionUnreadable,
        ReadingEnded, SkillsMissing, RegisterShrinks, RegisterBusy, DatabaseUnreachable; nothing was changed then.
        """
        async with open_bulk(self._register) as bulk:
            await store.stage_register(bulk)
            words = await store.known_words(bulk)
            reading = open_reading(text, words, is_test=self._is_test, beside_from_bytes=self._beside_from_bytes)
            async with reading as lines:
                if not lines.has_specialties and skills is None:
                    raise SkillsMissing
                await self._fill(bulk, text, lines)
                nomenclature = lines.nomenclature
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

    async def _fill(self, bulk: Bulk, text: Text, lines: Reading) -> None:
        """Read the next batch while the last one is staged."""
        with _uncollected():
            batch = await lines.next()
            while batch is not None:
                staging = asyncio.ensure_future(store.fill_register(bulk, batch))
                try:
                    batch = await lines.next()
                finally:
                    # Whatever became of the file: nobody ends a connection that is at work.
                    await staging
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
