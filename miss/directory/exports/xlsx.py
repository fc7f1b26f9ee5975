"""The table as a workbook (ECMA-376), written in constant memory: every cell is text, none a formula, number or link.

A ZIP archive has its table of contents at its end, so the file is made on disk and read afterwards.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from miss.directory.exports.model import COLUMNS, Card, row_of

SHEET = "Annuaire"
WIDTH = 22
"""Characters."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class WorkbookFile:
    """A workbook that is being written; `close` ends it."""

    def __init__(self, path: Path) -> None:
        """`path`: made, or overwritten."""
        # Rows wait for their turn beside it: the folder that is private to this export.
        self._workbook: Any = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
        self._sheet = self._workbook.add_worksheet(SHEET)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(COLUMNS) - 1, WIDTH)
        self._next = 0
        self._write([name for name, _ in COLUMNS])

    def add(self, cards: Iterable[Card]) -> None:
        """Some lines more."""
        for card in cards:
            self._write(row_of(card))

    def _write(self, cells: Iterable[str]) -> None:
        for column, cell in enumerate(cells):
            self._sheet.write_string(self._next, column, cell)
        self._next += 1

    def close(self) -> None:
        """Write the file."""
        self._workbook.close()
