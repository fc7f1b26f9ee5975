"""The CSV, read back as a spreadsheet does."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.server.console.statistics.sheet import compose_csv

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20)


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("formula", ["=1+1", "+33", "-2", "@SUM(A1)", "\tcmd", "＝1"])
def test_no_cell_is_a_formula(formula: str) -> None:
    assert read(compose_csv([("Code", formula)])) == [["Code", f"'{formula}"]]


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_every_cell_is_read_back(rows: list[tuple[str, str]]) -> None:
    content = compose_csv(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    back = [tuple(cell.removeprefix("'") if cell.startswith("'") else cell for cell in row) for row in read(content)]
    assert back == rows
