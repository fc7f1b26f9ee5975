"""The official file of the CIM-10 → codes and labels.  Pure.

Taken: tables with a header in which a column is called code and one label (« Libellé », « Libellé long », « label »,
« display »…), by whatever separator, and the ATIH's `LIBCIM10MULTI.TXT`, which has no header.  UTF-8 or Windows-1252.
Lines whose code is none (chapters, groups) are counted and left out; nothing is guessed.
"""

import csv
import io
from dataclasses import dataclass

from teleexpertise.diagnoses.errors import TableUnreadable
from teleexpertise.diagnoses.model import Diagnosis, normalise_code
from teleexpertise.questionnaire.fold import fold

SEPARATORS = "\t|;,"
MAX_ROWS = 100_000
"""The whole of the CIM-10 FR with its extensions has about 42,000."""
MAX_BYTES = 60_000_000
LABEL_CHARS = 300

_CODES = ("code", "codecim10", "codecim-10", "concept", "notation", "id", "codediagnostic")
_LABELS = (
    "libellelong", "libelle", "label", "display", "preflabel", "libellecomplet", "intitule", "designation",
    "libellecourt", "rdfs:label", "skos:preflabel",
)  # fmt: skip
"""By preference."""
ATIH_FIELDS = 6
"""Code, three types of use, short label, long label."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds."""

    diagnoses: tuple[Diagnosis, ...]
    skipped: int
    """Lines that hold no code."""


def parse_table(data: bytes) -> Table:
    """Codes and labels of the official file.  Raises TableUnreadable, which says what to do."""
    if len(data) > MAX_BYTES:
        raise TableUnreadable(reason="too_large")
    text = _decoded(data)
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=head.count)
    if not head.count(separator):
        raise TableUnreadable(reason="no_columns")
    rows = csv.reader(io.StringIO(text), delimiter=separator, strict=False)
    found: dict[str, Diagnosis] = {}
    skipped = 0
    columns: tuple[int, int] | None = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _columns(row)
                if columns[0] >= 0:
                    continue
                columns = (0, ATIH_FIELDS - 1)
            one = _diagnosis(row, columns)
            if one is None:
                skipped += 1
            elif len(found) >= MAX_ROWS:
                raise TableUnreadable(reason="too_large")
            else:
                found.setdefault(one.code, one)
    except csv.Error:
        raise TableUnreadable(reason="not_a_table") from None
    if not found:
        raise TableUnreadable(reason="no_codes")
    return Table(tuple(found.values()), skipped)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _columns(row: list[str]) -> tuple[int, int]:
    """Where code and label stand; (-1, -1) for a first line that is data already.  Raises TableUnreadable."""
    names = [fold(cell.strip().strip('"')).replace("_", "").replace("-", "") for cell in row]
    code = next((names.index(name) for name in _CODES if name in names), -1)
    label = next((names.index(name) for name in _LABELS if name in names), -1)
    if code >= 0 and label >= 0:
        return code, label
    if len(row) >= ATIH_FIELDS and normalise_code(row[0]):
        return -1, -1
    raise TableUnreadable(reason="no_header")


def _diagnosis(row: list[str], columns: tuple[int, int]) -> Diagnosis | None:
    code, label = columns
    if len(row) <= max(code, label):
        return None
    written, words = normalise_code(row[code].strip()), " ".join(row[label].split())
    return Diagnosis(written, words[:LABEL_CHARS]) if written and words else None
