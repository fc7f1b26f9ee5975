"""Reading one extraction of the register while the rows of what was read are staged.

A small file is read in this process.  A large one in a child (`beside.py`), since two threads of one interpreter take
turns: reading and staging together took as long as one after the other, and a quarter more for the changes.
"""

import asyncio
import contextlib
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from miss.directory.register.activities import ActivityReader, Batch, Nomenclature
from miss.directory.register.beside import LENGTH_BYTES, Asked, Ended, Opened, Refused, Said, Told, framed
from miss.directory.register.errors import ExtractionUnreadable, ReadingEnded
from miss.directory.register.extraction import Extraction
from miss.directory.register.model import Progress
from miss.directory.register.remarks import Findings

BATCH_LINES = 10_000
BESIDE_FROM_BYTES = 32 << 20
"""Half a second of reading; a child takes a quarter of one to start."""


class Text:
    """One file being read: its pieces, counted as they go by."""

    def __init__(self, name: str, chunks: Iterable[bytes], size_bytes: int = 0) -> None:
        """`chunks`: the file in pieces of any size; `size_bytes`: of all of them, 0 if unknown."""
        self.name, self.size_bytes, self._chunks = name, size_bytes, chunks
        self.findings = Findings()
        self._read_bytes = 0

    def open(self) -> Extraction:
        """Read the header."""
        return Extraction(self.chunks(), self.findings)

    def chunks(self) -> Iterator[bytes]:
        """The pieces, once."""
        for chunk in self._chunks:
            self._read_bytes += len(chunk)
            yield chunk

    @property
    def progress(self) -> Progress:
        return Progress(self.name, self.findings.lines, self._read_bytes, self.size_bytes)


class Reading(Protocol):
    """A register whose header was read."""

    has_specialties: bool
    nomenclature: Nomenclature
    """Complete when the batches have ended."""

    async def next(self) -> Batch | None:
        """Some more lines; None at the end.  Raises ReadingEnded, and what the file's pieces raise."""
        ...


@asynccontextmanager
async def open_reading(
    text: Text, known_words: set[str], *, is_test: bool, beside_from_bytes: int = BESIDE_FROM_BYTES
) -> AsyncIterator[Reading]:
    """Read `text`, whose remarks gather in `text.findings`; `known_words` grows by those that are told.

    Raises ExtractionUnreadable, ReadingEnded, and what the file's pieces raise.
    """
    if text.size_bytes < beside_from_bytes:
        yield _Here(await asyncio.to_thread(_open_here, text, known_words, is_test))
        return
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "miss.directory.register.beside", stdin=PIPE, stdout=PIPE
    )
    source, said = child.stdin, child.stdout
    if source is None or said is None:
        raise ReadingEnded(name=text.name)
    feeding = asyncio.create_task(_feed(source, text, Asked(known_words, is_test, BATCH_LINES)))
    try:
        yield await _Beside.open(said, feeding, text, known_words)
    finally:
        feeding.cancel()
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await asyncio.wait([feeding])
        await child.wait()


def _open_here(text: Text, known_words: set[str], is_test: bool) -> ActivityReader:
    return ActivityReader(text.open(), known_words=known_words, is_test=is_test)


class _Here:
    """In a thread of this process."""

    def __init__(self, reader: ActivityReader) -> None:
        self.has_specialties, self.nomenclature = reader.has_specialties, reader.nomenclature
        self._batches = reader.read(BATCH_LINES)

    async def next(self) -> Batch | None:
        return await asyncio.to_thread(next, self._batches, None)


class _Beside:
    """In a child."""

    has_specialties: bool

    def __init__(self, said: StreamReader, feeding: asyncio.Task[None], text: Text, known_words: set[str]) -> None:
        self.nomenclature = Nomenclature()
        self._said, self._feeding, self._text, self._known_words = said, feeding, text, known_words
        self._decoder: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(Said)

    @classmethod
    async def open(
        cls, said: StreamReader, feeding: asyncio.Task[None], text: Text, known_words: set[str]
    ) -> "_Beside":
        reading = cls(said, feeding, text, known_words)
        match await reading._hear():
            case Opened(has_specialties):
                reading.has_specialties = has_specialties
            case Refused(column):
                raise ExtractionUnreadable(column=column)
        return reading

    async def next(self) -> Batch | None:
        match await self._hear():
            case Told(batch, lines):
                self._text.findings.lines = lines
                self._known_words |= batch.words
                return batch
            case Ended(nomenclature, findings):
                # What it took for the end may be where the file broke off.
                await self._feeding
                self.nomenclature, self._text.findings = nomenclature, findings
        return None

    async def _hear(self) -> Said:
        try:
            length = int.from_bytes(await self._said.readexactly(LENGTH_BYTES), "big")
            return self._decoder.decode(await self._said.readexactly(length))
        except asyncio.IncompleteReadError as error:
            if self._feeding.done():
                # The file itself may have been refused on the way.
                self._feeding.result()
            raise ReadingEnded(name=self._text.name) from error


async def _feed(source: StreamWriter, text: Text, asked: Asked) -> None:
    """Hand the file over.  Whatever happens the child's input ends; whether the file had is what this task says."""
    chunks = text.chunks()
    try:
        source.write(framed(asked))
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            source.write(chunk)
            await source.drain()
    except (BrokenPipeError, ConnectionResetError):
        # It has gone before the end: its silence is what is reported.
        return
    finally:
        source.close()
