"""CSV read back by the standard library's reader: the same values, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.exports import Card
from miss.directory.exports.delimited import GUARD, compose_header, compose_rows, guard
from miss.directory.exports.model import COLUMNS, row_of
from tests.miss.directory.exports.cards import CARDS

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter, strict=True))


def unguarded(cell: str) -> str:
    return cell.removeprefix(GUARD)


@given(st.lists(CARDS, max_size=4), st.booleans())
def test_what_is_read_back_is_what_was_written_and_inert(cards: Sequence[Card], for_excel: bool) -> None:
    content = compose_header(for_excel=for_excel) + compose_rows(cards, for_excel=for_excel)
    if for_excel:
        assert content.startswith(b"\xef\xbb\xbf")
        content = content[3:]
    header, *rows = read(content, ";" if for_excel else ",")
    assert header == [name for name, _ in COLUMNS]
    assert [[unguarded(cell) for cell in row] for row in rows] == [row_of(card) for card in cards]
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+33320", "'+33320"),
        ("-2", "'-2"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("'=1", "''=1"),
        ("D'Hœur", "D'Hœur"),
        ("0320", "0320"),
        ("", ""),
    ],
)
def test_a_guard_can_be_taken_off_again(cell: str, written: str) -> None:
    assert guard(cell) == written
    assert unguarded(written) == cell


def test_lines_end_as_the_rfc_says() -> None:
    content = compose_rows([Card(id="899900000011", rpps="99900000011", family="Modèle", phone="0320000000")])
    assert content.endswith(b"\r\n")
    assert content.count(b"\r\n") == 1
    assert b'"99900000011"' in content
    assert b'"0320000000"' in content
