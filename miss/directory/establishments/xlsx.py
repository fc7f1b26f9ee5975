"""The cells of an XLSX workbook's first sheet, once it is sure that opening it costs little.  Pure.

A workbook is a zip archive of XML.  What it may swell to is bounded twice, by what its table of contents announces
and by what really comes out; only what came out, packed anew without compression, is handed to the reader
(python-calamine), which thus sees nothing that was not counted.  Before that, every part is walked through once: cells
far outside a list (a single one at XFD1048576 makes a reader lay out 17 thousand million cells), entities and
document types are refused, and the cells that hold a formula are noted, as the reader tells their values only.

Source: ECMA-376 part 1 §18.3 (worksheets), part 2 (packages).
"""

import datetime
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from miss.base.text import Text
from miss.directory.establishments.errors import StaffFileRefused
from miss.documents.delimited import FORMULA, Cell

MAX_UNPACKED_BYTES = 64 << 20
MAX_MEMBERS = 500
MAX_ROWS, MAX_COLUMNS = 50_000, 60
"""Rows that are only formatted count as well."""
_BLOCK_BYTES = 1 << 16
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

_TOO_LARGE = Text(fr="son contenu est démesuré pour une liste", en="its content is far too large for a list")
_DAMAGED = Text(fr="le classeur est abîmé", en="the workbook is damaged")
_LOCKED = Text(fr="le classeur est protégé par un mot de passe", en="the workbook is protected by a password")
_OLD_FORMAT = Text(
    fr="c’est un ancien classeur (.xls) ou un classeur protégé ; enregistrez-le en .xlsx, sans mot de passe",
    en="it is an old workbook (.xls) or a protected one; save it as .xlsx without a password",
)
_NO_SHEET = Text(fr="le classeur n’a pas de feuille visible", en="the workbook has no visible sheet")


def is_workbook(content: bytes) -> bool:
    """True for what begins like a workbook.  Raises StaffFileRefused for one of before 2007."""
    if content.startswith(_OLD):
        raise StaffFileRefused(why=_OLD_FORMAT)
    return content.startswith(_ZIP)


def read_cells(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Each row of the first visible sheet, with its number.  Raises StaffFileRefused, and nothing else."""
    parts = _unpack(content)
    scans = {name: _scan(xml) for name, xml in parts.items()}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(_pack(parts))) as book:
            shown = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
            ]
            if not shown:
                raise StaffFileRefused(why=_NO_SHEET)
            scan = scans.get(_part_of(shown[0], scans))
            if scan is None:
                raise StaffFileRefused(why=_DAMAGED)
            rows = book.get_sheet_by_name(shown[0]).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OverflowError) as error:
        raise StaffFileRefused(why=_DAMAGED) from error
    except BaseException as error:
        # What the reader, written in Rust, did not expect: its panic is no Exception.
        if type(error).__name__ == "PanicException":
            raise StaffFileRefused(why=_DAMAGED) from error
        raise
    for number, row in enumerate(rows, start=1):
        formulas = scan.formulas.get(number, ())
        yield number, [FORMULA if place in formulas else _cell(value) for place, value in enumerate(row, start=1)]


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _unpack(content: bytes) -> dict[str, bytes]:
    """The XML parts of the package, whose sizes are as announced and modest."""
    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > MAX_UNPACKED_BYTES:
                raise StaffFileRefused(why=_TOO_LARGE)
            if any(info.flag_bits & 1 for info in members):
                raise StaffFileRefused(why=_LOCKED)
            for info in members:
                if not info.filename.endswith((".xml", ".rels")):
                    continue
                if info.filename in parts:
                    raise StaffFileRefused(why=_DAMAGED)
                with archive.open(info) as file:
                    parts[info.filename] = _read(file, left)
                left -= len(parts[info.filename])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise StaffFileRefused(why=_DAMAGED) from error
    return parts


def _read(file: IO[bytes], limit: int) -> bytes:
    blocks, size_bytes = [], 0
    while block := file.read(_BLOCK_BYTES):
        size_bytes += len(block)
        if size_bytes > limit:
            raise StaffFileRefused(why=_TOO_LARGE)
        blocks.append(block)
    return b"".join(blocks)


def _pack(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, xml in parts.items():
            archive.writestr(zipfile.ZipInfo(name), xml)
    return packed.getvalue()


@dataclass(slots=True)
class _Scan:
    """What was met on the way through one part."""

    formulas: dict[int, set[int]] = field(default_factory=dict)
    """Columns of cells that hold one, by row; both from 1."""
    sheets: dict[str, str] = field(default_factory=dict)
    """Name of a sheet and the identifier of its relation, in a workbook's part."""
    targets: dict[str, str] = field(default_factory=dict)
    """Identifier of a relation and the part it names."""
    row: int = 0
    column: int = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Raises StaffFileRefused for a cell that no list has."""
        tag = name.rpartition(":")[2]
        if tag == "row":
            self.row, self.column = _number(attributes.get("r"), self.row + 1), 0
        elif tag == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self.column = _column(reference[1]) if reference else self.column + 1
            self.row = int(reference[2]) if reference else self.row
            if self.row > MAX_ROWS or self.column > MAX_COLUMNS:
                raise StaffFileRefused(why=_TOO_LARGE)
        elif tag == "f":
            self.formulas.setdefault(self.row, set()).add(self.column)
        elif tag == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self.sheets.setdefault(attributes.get("name", ""), relation)
        elif tag == "Relationship":
            self.targets.setdefault(attributes.get("Id", ""), attributes.get("Target", ""))


def _scan(xml: bytes) -> _Scan:
    """Walk through one part.  Raises StaffFileRefused."""
    scan = _Scan()
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise StaffFileRefused(why=_DAMAGED) from error
    return scan


def _refuse_doctype(*_: object) -> None:
    """No workbook has one; entities are declared there."""
    raise StaffFileRefused(why=_DAMAGED)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _part_of(sheet: str, scans: Mapping[str, _Scan]) -> str:
    """The part that holds a sheet; empty if the workbook does not say."""
    workbook, relations = scans.get(_WORKBOOK), scans.get(_RELATIONS)
    if workbook is None or relations is None:
        return ""
    target = relations.targets.get(workbook.sheets.get(sheet, ""), "")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
