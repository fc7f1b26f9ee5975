"""Files of the own entries: streamed, in memory that does not grow with the directory."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from math import ceil
from pathlib import Path

from miss.broker import Rates
from miss.directory.audit import AuditLog, Subject
from miss.directory.exports import delimited, ldif
from miss.directory.exports.entries import OwnEntries
from miss.directory.exports.errors import TooManyExports
from miss.directory.exports.model import ExportFormat
from miss.directory.exports.vcard import compose_vcards
from miss.directory.exports.xlsx import WorkbookFile
from miss.protocol.session.limits import Rate

CHUNK_BYTES = 65_536
RATE = Rate(burst=10, per_s=10 / 3600)
"""Exports of one person or program."""
_RATE_KIND = "directory.exports"


class Exports:
    """The own entries as a file."""

    def __init__(self, entries: OwnEntries, audit: AuditLog, rates: Rates) -> None:
        self._entries = entries
        self._audit = audit
        self._rates = rates

    async def open(
        self, format_: ExportFormat, *, by: str, subject: bytes = b"", for_excel: bool = False
    ) -> AsyncIterator[bytes]:
        """The file's bytes; that `by` (an actor of the access log) takes them is recorded before the first one.

        `subject`: whom to count it for, empty: nobody.  `for_excel`: see `delimited`.  Raises TooManyExports.
        """
        if subject and (wait_s := await self._rates.ask(_RATE_KIND, subject, RATE)):
            raise TooManyExports(retry_after_s=ceil(wait_s))
        await self._audit.record(
            actor=by, act="directory.export", subject=Subject("directory", ""), detail=format_.value
        )
        return self._workbook() if format_ is ExportFormat.XLSX else self._text(format_, for_excel=for_excel)

    async def _text(self, format_: ExportFormat, *, for_excel: bool) -> AsyncIterator[bytes]:
        if format_ is ExportFormat.CSV:
            yield delimited.compose_header(for_excel=for_excel)
        elif format_ is ExportFormat.LDIF:
            yield ldif.compose_head()
        async for cards in self._entries.pages():
            if format_ is ExportFormat.CSV:
                yield delimited.compose_rows(cards, for_excel=for_excel)
            elif format_ is ExportFormat.LDIF:
                yield ldif.compose_entries(cards)
            else:
                yield compose_vcards(cards)

    async def _workbook(self) -> AsyncIterator[bytes]:
        with tempfile.TemporaryDirectory(prefix="miss-export-") as folder:
            path = Path(folder) / "annuaire.xlsx"
            workbook = WorkbookFile(path)
            try:
                async for cards in self._entries.pages():
                    await asyncio.to_thread(workbook.add, cards)
            finally:
                await asyncio.to_thread(workbook.close)
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                    yield chunk
