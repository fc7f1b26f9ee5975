"""The national extraction files, before their meaning: `|` between fields, a header, no quoting.

Columns are found by their labels, case, accents, apostrophes and elided articles apart, since labels and positions
drift between releases (52 columns in 2021, 56 in 2026).  Files are UTF-8; a line that is not is read as Windows-1252
and remarked upon, since files patched by hand mix both.  A line that cannot be read is reported with its number and
never stops the import; a header that lacks a column does.  Memory does not grow with the file, whatever it holds.

Source: Annuaire Santé, extractions en libre accès (PS_LibreAcces, Extraction_Correspondance_MSSante).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import IO

from miss.directory.register.errors import ExtractionUnreadable
from miss.directory.register.remarks import Findings, LineRefused, Reason
from miss.directory.search.words import fold_words

SEPARATOR = "|"
MAX_LINE_BYTES = 16_384
"""A line of the widest extraction is under 2 KB."""
BLOCK_BYTES = 1 << 20

Fields = tuple[str, ...]
"""What a line says, in the order of the labels that were asked for; spaces collapsed."""

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r") + b"\x7f"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNTIDY = ("  ", " |", "| ", "\t", "\r", "\xa0")
_DROPPED = frozenset({"d", "l", "obtenu"})


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces of a convenient size."""
    while chunk := file.read(BLOCK_BYTES):
        yield chunk


def normalise_label(label: str) -> str:
    """A column's label as it is compared: `Libellé civilité d'exercice` is `libelle civilite exercice`."""
    return " ".join(word for word in fold_words(label) if word not in _DROPPED)


@dataclass(frozen=True, slots=True)
class Header:
    """The labels of a file, normalised."""

    labels: tuple[str, ...]
    is_closed: bool
    """The header ends with a separator; so must every line, or it was cut short."""

    @classmethod
    def parse(cls, line: str) -> "Header":
        labels = [normalise_label(label) for label in line.rstrip("\r\n").split(SEPARATOR)]
        if is_closed := not labels[-1]:
            labels.pop()
        return cls(tuple(labels), is_closed)

    def has(self, label: str) -> bool:
        return normalise_label(label) in self.labels

    def positions(self, labels: Iterable[str], optional: Iterable[str] = ()) -> list[int]:
        """Where each of `labels` stands; an optional one that is missing is the last column plus one.

        Raises ExtractionUnreadable naming the first one that is missing.
        """
        spare = {normalise_label(label) for label in optional}
        found = []
        for label in labels:
            name = normalise_label(label)
            if name in self.labels:
                found.append(self.labels.index(name))
            elif name in spare:
                found.append(len(self.labels))
            else:
                raise ExtractionUnreadable(column=label)
        return found


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive lines, decoded."""

    first: int
    """Number of the first of them; the header is line 1."""
    lines: list[str]
    is_plain: bool
    """True: none needs its spaces tidied or its characters looked at."""


class Extraction:
    """An open extraction: its header is read, its lines are to come."""

    def __init__(self, chunks: Iterable[bytes], findings: Findings) -> None:
        """`chunks`: the file in pieces of any size."""
        self._blocks = _decoded(_whole_lines(iter(chunks), findings), findings)
        self._rest = next(self._blocks, Block(1, [""], is_plain=True))
        self.header = Header.parse(self._rest.lines[0])
        self.findings = findings

    def read(self, labels: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[tuple[int, Fields]]:
        """Number and fields of each line that can be read; the others go to the findings.  At least two labels.

        Raises ExtractionUnreadable, before the first line, if the header lacks one that is not `optional`.
        """
        pick = itemgetter(*self.header.positions(labels, optional))
        return self._read(pick)

    def _read(self, pick: Callable[[list[str]], Fields]) -> Iterator[tuple[int, Fields]]:
        findings, width = self.findings, len(self.header.labels) + 1
        is_closed = self.header.is_closed
        blocks = iter((Block(2, self._rest.lines[1:], self._rest.is_plain),))
        for source in (blocks, self._blocks):
            for block in source:
                findings.lines += len(block.lines)
                for number, line in enumerate(block.lines, start=block.first):
                    fields = line.split(SEPARATOR)
                    if len(fields) == width and not fields[-1]:
                        if block.is_plain:
                            yield number, pick(fields)
                            continue
                    elif not line.strip():
                        continue
                    elif len(fields) == width - 1 and not is_closed:
                        fields.append("")
                    elif not (len(fields) == width and not fields[-1].strip()):
                        findings.rejected.add(number, Reason.COLUMN_COUNT)
                        continue
                    try:
                        yield number, _tidy(pick(fields))
                    except LineRefused as refusal:
                        findings.rejected.add(number, refusal.reason)


def _tidy(fields: Fields) -> Fields:
    """Spaces collapsed.  Raises LineRefused for a control character."""
    tidied = tuple(" ".join(field.split()) for field in fields)
    if any(map(_CONTROL.search, tidied)):
        raise LineRefused(Reason.CONTROL_CHARACTER)
    return tidied


def _whole_lines(chunks: Iterator[bytes], findings: Findings) -> Iterator[tuple[int, bytes]]:
    """Blocks that end where a line ends, with the number of their first line; over-long lines are taken out."""
    number, rest, overflowing = 1, b"", False
    gathered: list[bytes] = []
    size_bytes = 0
    for chunk in chunks:
        gathered.append(chunk)
        size_bytes += len(chunk)
        if size_bytes < BLOCK_BYTES:
            continue
        data = rest + b"".join(gathered)
        gathered, size_bytes = [], 0
        if overflowing:
            end = data.find(b"\n")
            if end < 0:
                rest = b""
                continue
            data, overflowing = b"\n" + data[end + 1 :], False
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            yield number, data[:cut]
            number += data.count(b"\n", 0, cut)
        if len(rest) > MAX_LINE_BYTES:
            # The line's end may be gigabytes away: its number is told now, its end is looked for and thrown away.
            findings.rejected.add(number, Reason.LINE_TOO_LONG)
            rest, overflowing = b"", True
    data = rest + b"".join(gathered)
    if overflowing:
        data = b"\n" + data.partition(b"\n")[2]
    if data:
        yield number, data


def _decoded(blocks: Iterator[tuple[int, bytes]], findings: Findings) -> Iterator[Block]:
    for first, data in blocks:
        is_clean = len(data.translate(None, _CONTROLS)) == len(data) and not (b"\xc2" in data and _C1.search(data))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            lines = [_decode_line(line, number, findings) for number, line in _numbered(data, first)]
            yield Block(first, lines, is_plain=False)
            continue
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        if max(map(len, lines), default=0) > MAX_LINE_BYTES:
            lines = [_short(line, number, findings) for number, line in enumerate(lines, start=first)]
        yield Block(first, lines, is_plain=is_clean and not any(sign in text for sign in _UNTIDY))


def _numbered(data: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    return enumerate(data.removesuffix(b"\n").split(b"\n"), start=first)


def _decode_line(line: bytes, number: int, findings: Findings) -> str:
    """The line's text; empty, which is no line, for one that is none."""
    try:
        return _short(line.decode("utf-8"), number, findings)
    except UnicodeDecodeError:
        try:
            text = line.decode("cp1252")
        except UnicodeDecodeError:
            findings.rejected.add(number, Reason.NOT_TEXT)
            return ""
        findings.doubtful.add(number, Reason.ENCODING)
        return _short(text, number, findings)


def _short(line: str, number: int, findings: Findings) -> str:
    if len(line) <= MAX_LINE_BYTES:
        return line
    findings.rejected.add(number, Reason.LINE_TOO_LONG)
    return ""
