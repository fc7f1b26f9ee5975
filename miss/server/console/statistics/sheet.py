"""A table of figures as CSV for spreadsheets: formula-safe, with what Excel expects in France.  Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from miss.directory.exports.delimited import BOM, guard


def compose_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Semicolons, every cell quoted, UTF-8 with a byte order mark; text that a spreadsheet would run is inert."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerows([guard(cell) for cell in row] for row in rows)
    return (BOM + text.getvalue()).encode()
