"""Lists read from files: what was written is read, bombs and formulas are refused, and nothing else is ever raised."""

import contextlib
import csv
import io
import struct
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.text import Language
from miss.directory.establishments.errors import StaffColumnsMissing, StaffFileRefused
from miss.directory.establishments.export import compose_csv
from miss.directory.establishments.facts import Problem, StaffField, parse_facts
from miss.directory.establishments.files import MAX_FILE_BYTES, MAX_LINES, read_sheet
from miss.directory.establishments.staff import StaffFacts
from tests.miss.directory.establishments.lists import ANNE, HEADER, SECRETARY, ZOE, as_csv, as_xlsx

FIELDS = (
    *(StaffField.FAMILY, StaffField.GIVEN, StaffField.DEPARTMENT),
    *(StaffField.FUNCTION, StaffField.RPPS, StaffField.EXTERNAL_ID),
)
PEOPLE = (ANNE, ZOE, SECRETARY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_file_is_read_however_it_is_written(encoding: str, separator: str) -> None:
    sheet = read_sheet(as_csv([HEADER, *PEOPLE], separator=separator, encoding=encoding))
    assert sheet.fields == FIELDS
    assert [tuple(line.said[name] for name in FIELDS) for line in sheet.lines] == list(PEOPLE)
    assert [line.number for line in sheet.lines] == [2, 3, 4]


def test_a_workbook_is_read_with_its_numbers_dates_and_ticks() -> None:
    header = ("NOM", "prénom", "n° RPPS", "Tél.", "ADELI", "Date d'arrivée", "Publié", "Couleur")
    row = ("MODELE", "Anne", 99900000011, 320000000, 59999100, date(2026, 2, 1), True, "bleu")
    sheet = read_sheet(as_xlsx([header, row]))
    assert sheet.ignored == ("Couleur",)
    said = sheet.lines[0].said
    assert said[StaffField.RPPS] == "99900000011"
    assert said[StaffField.PHONE] == "0320000000", "a spreadsheet drops the leading zero of a number"
    assert said[StaffField.ADELI] == "059999100"
    assert said[StaffField.STARTS_ON] == "2026-02-01"
    assert said[StaffField.IS_PUBLISHED] == "oui"


def test_a_cell_that_computes_is_refused_by_its_line() -> None:
    sheet = read_sheet(as_xlsx([HEADER, ANNE, ZOE], formulas={(2, 4): '=HYPERLINK("http://x.example";"99900000144")'}))
    assert [remark.problem for line in sheet.lines for remark in line.errors] == [Problem.FORMULA]
    assert sheet.lines[1].errors[0].params == {"field": StaffField.RPPS.text}
    sheet = read_sheet(as_csv([HEADER, ("=CMD()", *ANNE[1:]), ("'=nom", *ANNE[1:]), ('="0042"', *ANNE[1:])]))
    assert [bool(line.errors) for line in sheet.lines] == [True, False, False]
    assert [line.said.get(StaffField.FAMILY) for line in sheet.lines] == [None, "=nom", "0042"]


def test_lines_that_say_nothing_are_passed_over_and_long_ones_told() -> None:
    content = as_csv([(), HEADER, ("", " ", ""), ANNE, (*ANNE, "trop"), ("Court",)])
    sheet = read_sheet(content)
    assert [line.number for line in sheet.lines] == [4, 5, 6]
    assert [[remark.problem for remark in line.errors] for line in sheet.lines] == [[], [Problem.TOO_MANY_CELLS], []]
    assert sheet.lines[2].said[StaffField.GIVEN] == ""


def test_a_file_that_names_no_columns_is_refused_with_their_names() -> None:
    with pytest.raises(StaffColumnsMissing) as refused:
        read_sheet(as_csv([("Nom", "Service"), ("MODELE", "Dermatologie")]))
    assert "Prénom" in refused.value.sentence(Language.FR)
    assert "Given name" in refused.value.sentence(Language.EN)


def bomb(announced: int | None = None) -> bytes:
    """A workbook one of whose parts is a hundred megabytes of blanks; it announces what it likes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<w/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<w>" + b" " * (100 << 20) + b"</w>")
    raw = bytearray(content.getvalue())
    if announced is not None:
        place = raw.rindex(b"PK\x01\x02")
        raw[place + 24 : place + 28] = struct.pack("<I", announced)
    return bytes(raw)


@pytest.mark.parametrize("announced", [None, 1000], ids=["honest", "lying"])
def test_a_bomb_is_refused_before_it_swells(announced: int | None) -> None:
    with pytest.raises(StaffFileRefused):
        read_sheet(bomb(announced))


def with_sheet(xml: str) -> bytes:
    """A workbook whose sheet is `xml`."""
    content, original = io.BytesIO(), zipfile.ZipFile(io.BytesIO(as_xlsx([HEADER])))
    with zipfile.ZipFile(content, "w") as archive:
        for info in original.infolist():
            is_sheet = info.filename == "xl/worksheets/sheet1.xml"
            archive.writestr(info.filename, xml if is_sheet else original.read(info))
    return content.getvalue()


def test_what_is_announced_is_enough_to_refuse() -> None:
    raw = bytearray(as_xlsx([HEADER, ANNE]))
    place = raw.index(b"PK\x01\x02")
    raw[place + 24 : place + 28] = struct.pack("<I", 1 << 30)
    with pytest.raises(StaffFileRefused) as refused:
        read_sheet(bytes(raw))
    assert "démesuré" in refused.value.sentence(Language.FR)


NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


INLINE = "".join(f'<c t="inlineStr"><is><t>{label}</t></is></c>' for label in HEADER)


def sheet_xml(rows: str, before: str = "") -> str:
    """A worksheet that begins with a good first line."""
    return f'{before}<worksheet {NAMESPACE}><sheetData><row r="1">{INLINE}</row>{rows}</sheetData></worksheet>'


def test_a_workbook_of_inline_text_is_read() -> None:
    sheet = read_sheet(with_sheet(sheet_xml('<row r="3"><c r="B3" t="inlineStr"><is><t>Anne</t></is></c></row>')))
    assert sheet.fields == FIELDS
    assert [(line.number, line.said[StaffField.GIVEN]) for line in sheet.lines] == [(3, "Anne")]


@pytest.mark.parametrize(
    "xml",
    [
        sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        sheet_xml('<row r="2"><c r="BI2"><v>1</v></c></row>'),
        sheet_xml("", '<!DOCTYPE w [<!ENTITY a "aaaa">]>'),
        sheet_xml("")[:-30],
    ],
    ids=["a cell at the far end", "too many columns", "a document type", "cut short"],
)
def test_a_workbook_that_would_cost_much_is_refused(xml: str) -> None:
    with pytest.raises(StaffFileRefused):
        read_sheet(with_sheet(xml))


def test_what_is_no_list_is_refused() -> None:
    old_workbook = b"\xd0\xcf\x11\xe0" + b"x" * 100
    for content in (b"", b"\n\n", b"%PDF-1.7\0", old_workbook, b"PK\x03\x04"):
        with pytest.raises(StaffFileRefused):
            read_sheet(content)
    with pytest.raises(StaffFileRefused) as refused:
        read_sheet("Nom;Prénom\n".encode() + b"a" * MAX_FILE_BYTES)
    assert "10 Mo" in refused.value.sentence(Language.FR)
    line = b"Nom;Pr\xc3\xa9nom\n" + b"a;b\n" * (MAX_LINES + 1)
    with pytest.raises(StaffFileRefused) as refused:
        read_sheet(line)
    assert "20 000" in refused.value.sentence(Language.FR)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\x85\u2028\u2029"),
    max_size=12,
)


@given(st.lists(st.tuples(*[TEXT] * len(HEADER)), max_size=4), st.sampled_from([";", ",", "\t"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, ...]], separator: str, marked: bool) -> None:
    encoding = "utf-8-sig" if marked else "utf-8"
    sheet = read_sheet(as_csv([HEADER, *rows], separator=separator, encoding=encoding))
    written = [row for row in rows if any(cell.strip() for cell in row)]
    assert len(sheet.lines) == len(written)
    for row, line in zip(written, sheet.lines, strict=True):
        for name, cell in zip(FIELDS, row, strict=True):
            is_plain = not cell.lstrip().startswith(("=", "@")) and not cell.startswith("'")
            if is_plain:
                assert line.said[name].strip() == cell.strip()


TRICKS = st.sampled_from(["'=x", "''+1", "=1+1", "-2", "@x", '="x"', "'quoted"])
WORD = TRICKS | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
FACTS = st.builds(
    StaffFacts,
    family=WORD,
    given=WORD,
    site=WORD | st.just(""),
    department=WORD | st.just(""),
    function=WORD | st.just(""),
    rpps=st.sampled_from(["", "99900000011", "99900000012"]),
    adeli=st.sampled_from(["", "599991007"]),
    mailbox=st.sampled_from(["", "a.b@c.mssante.example", "-a@c.mssante.example"]),
    phone=st.sampled_from(["", "+33 3 20 00 00 00", "(0)320"]),
    is_published=st.booleans(),
    external_id=WORD | st.just(""),
    starts_on=st.none() | st.dates(max_value=date(2026, 1, 1), min_value=date(1970, 1, 1)),
    ends_on=st.none() | st.dates(min_value=date(2026, 1, 1), max_value=date(2100, 1, 1)),
)


@given(st.lists(FACTS, max_size=3), st.sampled_from(Language))
@settings(max_examples=150, deadline=None)
def test_what_we_export_is_read_back_to_the_same_facts(people: list[StaffFacts], language: Language) -> None:
    content = compose_csv(people, language)
    parsed = [parse_facts(line.said) for line in read_sheet(content).lines]
    assert [one.errors for one in parsed] == [()] * len(people)
    assert [one.facts for one in parsed] == people


@given(FACTS)
@settings(max_examples=100, deadline=None)
def test_no_exported_cell_is_one_that_a_spreadsheet_runs(facts: StaffFacts) -> None:
    rows = list(csv.reader(io.StringIO(compose_csv([facts]).decode("utf-8-sig")), delimiter=";"))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


def attempt(content: bytes) -> None:
    with contextlib.suppress(StaffFileRefused, StaffColumnsMissing):
        read_sheet(content)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    attempt(content)
    attempt(b"Nom;Pr\xc3\xa9nom\n" + content)


WORKBOOK = as_xlsx([HEADER, *PEOPLE], formulas={(1, 3): "=1+1"})
PARTS = {
    info.filename: zipfile.ZipFile(io.BytesIO(WORKBOOK)).read(info)
    for info in zipfile.ZipFile(io.BytesIO(WORKBOOK)).infolist()
}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_to_a_workbook_raises_anything_else(data: st.DataObject) -> None:
    raw = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    attempt(bytes(raw))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_to_a_part_of_a_workbook_raises_anything_else(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PARTS)))
    part = bytearray(PARTS[name])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(part) - 1))
        part[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for other, xml in PARTS.items():
            archive.writestr(other, bytes(part) if other == name else xml)
    attempt(content.getvalue())
