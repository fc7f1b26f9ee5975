"""A list of staff in a file: CSV as spreadsheets and programs write it, or XLSX; from bytes to lines.  Pure.

Columns are found by their labels, French or English, case, accents and order apart; those that no label names are
left aside and told.  A CSV file is UTF-8 with or without its mark, else Windows-1252; its separator is the one that
makes sense of the first line.  A cell that holds a formula is refused, not computed: what it would give is not what
the person saw, or is not theirs to run here.  See `xlsx` for what is done before a workbook is opened.

Nothing here knows the list that the file is compared with (`preview`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from miss.base.text import Text
from miss.directory.establishments.errors import StaffColumnsMissing, StaffFileRefused
from miss.directory.establishments.facts import Problem, Remark, StaffField
from miss.directory.establishments.staff import MAX_STAFF
from miss.directory.establishments.xlsx import is_workbook, read_cells
from miss.directory.register.extraction import normalise_label
from miss.documents.delimited import FORMULA, Cell, Malformed, Row, read_rows

MAX_FILE_BYTES = 10 << 20
MAX_LINES = MAX_STAFF

_LABELS: Mapping[StaffField, tuple[str, ...]] = MappingProxyType(
    {
        StaffField.FAMILY: (
            "nom",
            "nom exercice",
            "nom de famille",
            "nom usage",
            "family name",
            "last name",
            "surname",
        ),
        StaffField.GIVEN: ("prenom", "prenom exercice", "prenoms", "given name", "first name"),
        StaffField.SITE: ("site", "etablissement site", "batiment", "location"),
        StaffField.DEPARTMENT: ("service", "unite", "pole", "department", "unit", "ward"),
        StaffField.FUNCTION: ("fonction", "poste", "emploi", "function", "title", "job title", "position"),
        StaffField.PROFESSION_CODE: ("code profession", "profession", "profession code"),
        StaffField.RPPS: ("rpps", "numero rpps", "n rpps", "no rpps", "identifiant rpps", "rpps number"),
        StaffField.ADELI: ("adeli", "numero adeli", "n adeli", "no adeli", "adeli number"),
        StaffField.MAILBOX: (
            *(
                "messagerie securisee",
                "mssante",
                "adresse mssante",
                "bal",
                "adresse bal",
                "messagerie",
                "mail",
                "email",
            ),
            *("e mail", "courriel", "adresse electronique", "secure mailbox", "mailbox"),
        ),
        StaffField.PHONE: ("telephone", "tel", "numero telephone", "phone", "phone number"),
        StaffField.IS_PUBLISHED: ("publie", "publier", "visible", "published"),
        StaffField.EXTERNAL_ID: (
            *("matricule", "identifiant", "identifiant interne", "numero agent", "staff number", "employee number"),
            *("external id", "externalid", "id"),
        ),
        StaffField.STARTS_ON: ("arrivee", "date arrivee", "debut", "date debut", "from", "start", "start date"),
        StaffField.ENDS_ON: ("depart", "date depart", "fin", "date fin", "until", "end", "end date"),
    }
)
_FIELD_OF = MappingProxyType({label: name for name, labels in _LABELS.items() for label in labels})
_WIDTHS: Mapping[StaffField, int] = MappingProxyType({StaffField.PHONE: 10, StaffField.ADELI: 9})
"""Digits of what a spreadsheet keeps as a number, without its leading zeros."""

_TOO_LARGE = Text(fr="il dépasse 10 Mo", en="it is over 10 MB")
_TOO_LONG = Text(fr="il a plus de 20 000 lignes", en="it has more than 20,000 lines")
_EMPTY = Text(fr="il est vide", en="it is empty")


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One line of a list, as it says it."""

    number: int
    """As a spreadsheet counts; the line that names the columns is usually the first."""
    said: Mapping[StaffField, str]
    errors: tuple[Remark, ...] = ()
    """Of cells that could not be taken; their fields are not in `said`."""


@dataclass(frozen=True, slots=True)
class StaffSheet:
    """A list that was read."""

    lines: tuple[StaffLine, ...]
    fields: tuple[StaffField, ...]
    """What its columns say, in their order."""
    ignored: tuple[str, ...] = ()
    """Labels of columns that say nothing we keep."""


def read_sheet(content: bytes) -> StaffSheet:
    """The list in a file, whatever its name.  Raises StaffFileRefused, StaffColumnsMissing, and nothing else."""
    if len(content) > MAX_FILE_BYTES:
        raise StaffFileRefused(why=_TOO_LARGE)
    rows = _filled(read_cells(content) if is_workbook(content) else _read_csv(content))
    number, header = next(rows, (0, ()))
    if not number:
        raise StaffFileRefused(why=_EMPTY)
    columns, ignored = _columns(header)
    missing = [name.text for name in (StaffField.FAMILY, StaffField.GIVEN) if name not in columns]
    if missing:
        said = Text(fr=", ".join(text.fr for text in missing), en=", ".join(text.en for text in missing))
        raise StaffColumnsMissing(columns=said)
    lines: list[StaffLine] = []
    for number, cells in rows:
        if len(lines) == MAX_LINES:
            raise StaffFileRefused(why=_TOO_LONG)
        lines.append(_line(number, cells, columns))
    return StaffSheet(tuple(lines), tuple(name for name in columns if name), tuple(ignored))


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows in which something is written, without the empty cells at their end."""
    for number, cells in rows:
        width = len(cells)
        while width and isinstance(cell := cells[width - 1], str) and not cell.strip():
            width -= 1
        if width:
            yield number, cells[:width]


def _columns(header: Sequence[Cell]) -> tuple[list[StaffField | None], list[str]]:
    """What each column says; the first of two that say the same counts."""
    columns: list[StaffField | None] = []
    ignored: list[str] = []
    for cell in header:
        label = cell if isinstance(cell, str) else ""
        name = _FIELD_OF.get(normalise_label(label))
        if name is None or name in columns:
            name = None
            if label.strip():
                ignored.append(" ".join(label.split())[:60])
        columns.append(name)
    return columns, ignored


def _line(number: int, cells: Sequence[Cell], columns: Sequence[StaffField | None]) -> StaffLine:
    said: dict[StaffField, str] = {}
    errors: list[Remark] = []
    if len(cells) > len(columns):
        errors.append(Remark(Problem.TOO_MANY_CELLS))
    for place, name in enumerate(columns):
        if name is None:
            continue
        cell: Cell = cells[place] if place < len(cells) else ""
        if cell is FORMULA:
            errors.append(Remark(Problem.FORMULA, {"field": name.text}))
        elif isinstance(cell, int):
            said[name] = str(cell).zfill(_WIDTHS.get(name, 0))
        else:
            said[name] = str(cell)
    return StaffLine(number, MappingProxyType(said), tuple(errors))


def _read_csv(content: bytes) -> Iterator[Row]:
    try:
        yield from read_rows(content, lambda label: normalise_label(label) in _FIELD_OF)
    except Malformed as malformed:
        raise StaffFileRefused(why=malformed.why) from malformed
