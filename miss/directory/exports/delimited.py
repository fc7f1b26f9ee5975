"""The table as CSV (RFC 4180), safe to open in a spreadsheet.  Pure.

A cell that a spreadsheet would take for a formula, or that begins with the guard itself, gets an apostrophe in front
(OWASP, CSV injection): readers take away one leading apostrophe and have the value.  Every field is quoted, so that
tools that take quoted fields for text keep the zeros of telephone numbers; who opens files with Excel has XLSX.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from miss.directory.exports.model import COLUMNS, Card, row_of

GUARD = "'"
BOM = "\ufeff"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD)
"""What begins a formula in Excel, LibreOffice or Google Sheets; full-width signs do in East Asian versions."""


def compose_header(*, for_excel: bool = False) -> bytes:
    """The first line.  `for_excel`: a byte order mark, without which it takes UTF-8 for Windows-1252."""
    return (BOM.encode() if for_excel else b"") + _lines([[name for name, _ in COLUMNS]], for_excel=for_excel)


def compose_rows(cards: Iterable[Card], *, for_excel: bool = False) -> bytes:
    """Some lines.  `for_excel`: semicolons between cells, as it expects them in France."""
    return _lines(([guard(cell) for cell in row_of(card)] for card in cards), for_excel=for_excel)


def guard(cell: str) -> str:
    """`cell`, inert in a spreadsheet."""
    return f"{GUARD}{cell}" if cell.startswith(_DANGEROUS) else cell


def _lines(rows: Iterable[Sequence[str]], *, for_excel: bool) -> bytes:
    text = io.StringIO(newline="")
    delimiter = ";" if for_excel else ","
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
