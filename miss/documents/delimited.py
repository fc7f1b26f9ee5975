"""CSV as spreadsheets and programs write it, from bytes to rows; and the cells that must not run.  Pure.

A file is UTF-8 with or without its mark, else Windows-1252; its separator is the one that makes sense of the first
line.  A cell that holds a formula is told apart and never computed (CWE-1236): what it would give is not what the
person saw, or is not theirs to run here.

Source: RFC 4180; spreadsheets as observed.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from miss.base.text import Text

FORMULA_SIGNS: Final = ("=", "+", "-", "@")
SHIELD: Final = "'"
"""Before a cell that a spreadsheet would run; taken off again by `read_rows`."""
BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
SEPARATORS: Final = (";", ",", "\t")

_QUOTED_TEXT = re.compile(r'="([^"]*)"')
"""How spreadsheets keep the leading zeros of a number in a CSV file: a formula that is only its text."""
_NOT_TEXT = Text(fr="ce n’est ni du texte ni un classeur XLSX", en="it is neither text nor an XLSX workbook")


class Formula:
    """Stands for the value of a cell that is computed."""


FORMULA: Final = Formula()
Cell = str | int | Formula
"""A number without a fraction stays one in a workbook: a spreadsheet has dropped its leading zeros."""
Row = tuple[int, Sequence[Cell]]
"""The line where the row ends, from 1, and its cells."""


class Malformed(Exception):
    """Bytes that are no table; `why` is for the error of the room that reads."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def read_rows(content: bytes, knows: Callable[[str], bool]) -> Iterator[Row]:
    """The rows of a CSV file, empty ones too.  `knows`: whether a label names a column of the table that is expected.

    Raises Malformed, at once or on the way.
    """
    text = _decode(content)
    separator = max(SEPARATORS, key=lambda one: _sense(text, one, knows))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            # A cell may hold line ends: the line is where the row ends.
            yield reader.line_num, [_cell(cell) for cell in cells]
    except csv.Error as error:
        number = reader.line_num
        raise Malformed(Text(fr=f"la ligne {number} est mal formée", en=f"line {number} is malformed")) from error


def shield(cell: str) -> str:
    """`cell` as it may stand in a CSV file: nothing that a spreadsheet would run."""
    return f"{SHIELD}{cell}" if cell.lstrip(SHIELD).startswith(FORMULA_SIGNS) else cell


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise Malformed(_NOT_TEXT)
    try:
        return content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise Malformed(_NOT_TEXT) from error


def _sense(text: str, separator: str, knows: Callable[[str], bool]) -> tuple[int, int]:
    """How many columns we know the first line names, if this is what separates them; then how many it has."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    try:
        cells = next(csv.reader([first], delimiter=separator), [])
    except csv.Error:
        return 0, 0
    return sum(map(knows, cells)), len(cells)


def _cell(text: str) -> Cell:
    """The text of a cell: without the apostrophe that shields it, and no formula."""
    if quoted := _QUOTED_TEXT.fullmatch(text.strip()):
        return quoted[1]
    if text.startswith(SHIELD) and text.lstrip(SHIELD).startswith(FORMULA_SIGNS):
        return text[1:]
    return FORMULA if text.lstrip().startswith(("=", "@")) else text
