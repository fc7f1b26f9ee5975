"""The child of a large import: reads the register from its standard input, tells batches of rows on its output.

`python -m miss.directory.register.beside`: the interpreter reads at one core's pace however many there are, and the
database's rows are made meanwhile by whoever asked (`reading.py`).  It opens no file and no socket.

In, one frame: the words that need not be told again, and whether the file is a test set; then the file's bytes to their
end.  Out: frames, each one value of `Said`.  A frame is its length on four bytes, big-endian, and MessagePack.
"""

import gc
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from miss.directory.register.activities import ActivityReader, Batch, Nomenclature
from miss.directory.register.errors import ExtractionUnreadable
from miss.directory.register.extraction import Extraction, chunks_of
from miss.directory.register.remarks import Findings

LENGTH_BYTES = 4


class Asked(msgspec.Struct, frozen=True):
    """What the child has to know first."""

    known_words: set[str]
    is_test: bool
    batch_lines: int


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The header was read."""

    has_specialties: bool


class Refused(msgspec.Struct, frozen=True, tag=True):
    """ExtractionUnreadable; nothing follows."""

    column: str


class Told(msgspec.Struct, frozen=True, tag=True):
    """Rows of some lines, and how many lines were read so far."""

    batch: Batch
    lines: int


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The file's end: what was gathered and remarked on the way."""

    nomenclature: Nomenclature
    findings: Findings


Said = Opened | Refused | Told | Ended


def main() -> None:
    """Read to the end."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    length = int.from_bytes(source.read(LENGTH_BYTES), "big")
    asked = msgspec.msgpack.decode(source.read(length), type=Asked)
    # Rows make no cycles, and looking for some takes a fifth of the time.
    gc.disable()
    for said in _say(source, asked):
        target.write(framed(said))
        target.flush()


def framed(value: Asked | Said) -> bytes:
    """One frame."""
    body = msgspec.msgpack.encode(value)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def _say(source: BinaryIO, asked: Asked) -> Iterator[Said]:
    findings = Findings()
    try:
        extraction = Extraction(chunks_of(source), findings)
        reader = ActivityReader(extraction, known_words=asked.known_words, is_test=asked.is_test)
    except ExtractionUnreadable as refusal:
        yield Refused(str(refusal.params["column"]))
        return
    yield Opened(reader.has_specialties)
    for batch in reader.read(asked.batch_lines):
        yield Told(batch, findings.lines)
    yield Ended(reader.nomenclature, findings)


if __name__ == "__main__":
    main()
