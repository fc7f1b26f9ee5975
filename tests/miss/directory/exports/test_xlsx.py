"""Workbooks read back by calamine, which shares no code with the writer."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from miss.directory.exports import Card
from miss.directory.exports.model import COLUMNS, row_of
from miss.directory.exports.xlsx import SHEET, WorkbookFile
from tests.miss.directory.exports.cards import CARDS


def written(folder: Path, cards: Sequence[Card]) -> Path:
    path = folder / "annuaire.xlsx"
    workbook = WorkbookFile(path)
    workbook.add(cards[:1])
    workbook.add(cards[1:])
    workbook.close()
    return path


@given(st.lists(CARDS, max_size=4))
@settings(max_examples=40, deadline=None)
def test_what_is_read_back_is_what_was_written_as_text(cards: Sequence[Card]) -> None:
    with TemporaryDirectory() as folder:
        path = written(Path(folder), cards)
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_name(SHEET)
        rows = sheet.to_python(skip_empty_area=False)
        with zipfile.ZipFile(path) as archive:
            xml = archive.read("xl/worksheets/sheet1.xml").decode()
            names = archive.namelist()
    assert rows == [[name for name, _ in COLUMNS], *(row_of(card) for card in cards)]
    assert "<f>" not in xml, "a formula"
    assert "<v>" not in xml.replace('t="s"', ""), "a number"
    assert not any("hyperlink" in name or "external" in name.lower() for name in names)


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, [Card(id="1", family="=cmd|' /C calc'!A0"), Card(id="2", family="x")])
    assert list(tmp_path.iterdir()) == [path]
