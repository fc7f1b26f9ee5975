"""The directory of practitioners: import, look up, search."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from contextlib import closing
from itertools import islice
from typing import TypeVar

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.directory.practitioners import store
from miss.directory.practitioners.errors import PractitionerNotFound
from miss.directory.practitioners.extraction import Findings
from miss.directory.practitioners.mailboxes import MailboxEntry, is_address, normalise_address, read_mailboxes
from miss.directory.practitioners.model import ImportReport, Practitioner
from miss.directory.practitioners.register import RegisterEntry, read_register
from miss.directory.practitioners.search import question_words
from miss.directory.practitioners.store import Tally
from miss.documents.identities import NumberVerdict, check_rpps
from miss.storage import Database, Transaction

BATCH = 250
"""Entries written in one transaction: short enough not to delay an ack on SQLite (ADR 11)."""
MAX_RESULTS = 100

Entry = TypeVar("Entry")
Progress = Callable[[int], None]
"""Told how many entries have been dealt with so far."""


class Practitioners:
    """Who is in the directory."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes

    async def import_register(self, lines: Iterable[bytes], progress: Progress | None = None) -> ImportReport:
        """Take in a PS_LibreAcces_Personne_activite extraction; the same file twice changes nothing.

        `lines`: a file opened in binary mode.  Raises ExtractionUnreadable, before anything is written, if it is
        another file.
        """
        findings, tally = Findings(), Tally()

        async def write(tx: Transaction, entries: list[RegisterEntry]) -> None:
            await store.write_entries(tx, entries, tally, self._clock.now(), self._random_bytes)

        await self._write_batches(read_register(lines, findings), write, progress)
        return _report(tally, findings)

    async def import_mailboxes(self, lines: Iterable[bytes], progress: Progress | None = None) -> ImportReport:
        """Take in an Extraction_Correspondance_MSSante; the register comes first.

        `lines`: a file opened in binary mode.  Raises ExtractionUnreadable, before anything is written, if it is
        another file.
        """
        findings, tally = Findings(), Tally()

        async def write(tx: Transaction, entries: list[MailboxEntry]) -> None:
            await store.write_mailboxes(tx, entries, tally, findings, self._clock.now())

        await self._write_batches(read_mailboxes(lines, findings), write, progress)
        return _report(tally, findings)

    async def get(self, practitioner_id: PractitionerId) -> Practitioner:
        """Raises PractitionerNotFound."""
        found = await self.get_many([practitioner_id])
        if practitioner_id not in found:
            raise PractitionerNotFound
        return found[practitioner_id]

    async def get_many(self, ids: Collection[PractitionerId]) -> dict[PractitionerId, Practitioner]:
        """Practitioners by identifier (some hundreds at most); unknown ones are absent."""
        async with self._db.snapshot() as tx:
            return await store.get_many(tx, ids)

    async def find_by_rpps(self, rpps: str) -> Practitioner | None:
        """`rpps`: 11 digits, spaces allowed."""
        number = "".join(rpps.split())
        if check_rpps(number) is NumberVerdict.MALFORMED:
            return None
        async with self._db.snapshot() as tx:
            return await store.find_by_rpps(tx, number)

    async def find_by_mailbox(self, address: str) -> Practitioner | None:
        """The person whose secure-mail address this is, upper or lower case."""
        normalised = normalise_address(address)
        if not is_address(normalised):
            return None
        async with self._db.snapshot() as tx:
            return await store.find_by_mailbox(tx, normalised)

    async def search(self, text: str, *, specialty: str | None = None, limit: int = 20) -> list[Practitioner]:
        """Those who have a word beginning with each word of `text` among names, profession, specialties and towns.

        `specialty`: a code (`SM15`) that one of their roles must have.  Nothing asked for, nothing found.  `limit`
        is capped at `MAX_RESULTS`.
        """
        if not question_words(text) and specialty is None:
            return []
        if specialty is not None and not specialty.isalnum():
            return []
        async with self._db.snapshot() as tx:
            return await store.search(tx, text, specialty, min(limit, MAX_RESULTS))

    async def _write_batches(
        self,
        entries: Generator[Entry],
        write: Callable[[Transaction, list[Entry]], Awaitable[None]],
        progress: Progress | None,
    ) -> None:
        """One transaction per batch; reading and sorting happen in a thread, so that others are served meanwhile."""
        done = 0
        with closing(entries):
            while batch := await asyncio.to_thread(_next_batch, entries):
                async with self._db.transaction() as tx:
                    await write(tx, batch)
                done += len(batch)
                if progress is not None:
                    progress(done)


def _next_batch(entries: Generator[Entry]) -> list[Entry]:
    return list(islice(entries, BATCH))


def _report(tally: Tally, findings: Findings) -> ImportReport:
    return ImportReport(
        new=tally.new,
        changed=tally.changed,
        unchanged=tally.unchanged,
        skipped=findings.skipped,
        rejected=tuple(findings.rejected.kept),
        rejected_count=findings.rejected.count,
        doubtful=tuple(findings.doubtful.kept),
        doubtful_count=findings.doubtful.count,
    )
