"""docs/scale.md: its parts are rewritten, nothing else is."""

import re
import shutil
from html import escape
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.capacity.chart import draw
from bench.capacity.costs import Costs, write_costs
from bench.capacity.limits import LIMITS
from bench.capacity.page import PAGE, PICTURE, replaced, write_page
from bench.capacity.population import POPULATIONS
from bench.engines import ROOT
from bench.rows import Mode, Row, write_rows


@pytest.fixture
def written(tmp_path: Path, rows: list[Row], costs: Costs) -> Path:
    (tmp_path / PICTURE).parent.mkdir(parents=True)
    shutil.copy(ROOT / PAGE, tmp_path / PAGE)
    write_page(rows, costs, tmp_path)
    return tmp_path


def test_only_what_stands_between_marks_changes() -> None:
    text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    assert replaced(text, "x", "new") == "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="x: begin"):
        replaced("a", "x", "new")


def test_every_table_is_written(written: Path) -> None:
    text = (written / PAGE).read_text()
    for cell in ("reached at accounts", "messages a day", "foretold", "one flush", "reason"):
        assert cell in text
    assert "none suffices" in text
    assert "nan" not in text.lower().replace("finance", "")


def test_writing_twice_changes_nothing(written: Path, rows: list[Row], costs: Costs) -> None:
    once = (written / PAGE).read_text()
    write_page(rows, costs, written)
    assert (written / PAGE).read_text() == once


def test_tables_have_as_many_cells_in_every_line(written: Path) -> None:
    for table in (written / PAGE).read_text().split("\n\n"):
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1, table


def test_the_picture_shows_every_limit(written: Path) -> None:
    drawn = (written / PICTURE).read_text()
    for limit in LIMITS:
        assert f">{escape(limit.name)}</text>" in drawn
    assert ">80,000</text>" in drawn


def test_a_limit_out_of_sight_stays_in_the_picture() -> None:
    drawn = draw([("far", float("inf")), ("near & early", 10.0)], POPULATIONS)
    (width,) = re.findall(r'viewBox="0 0 (\d+) \d+"', drawn)
    bars = re.findall(r'<rect x="(\d+)" y="\d+" width="(\d+)"', drawn)
    assert len(bars) == 2
    assert all(int(left) + int(length) <= int(width) for left, length in bars)
    assert "near &amp; early" in drawn


def test_a_session_without_connections_does_not_suffice(
    tmp_path: Path, rows: list[Row], costs: Costs, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (ROOT / PAGE).read_text()
    write_rows(tmp_path / "bench.json", [row for row in rows if row.mode != Mode.IDLE])
    write_costs(tmp_path / "costs.json", costs)
    assert main(["scale", str(tmp_path / "bench.json"), str(tmp_path / "costs.json")]) == 1
    assert "what a connection weighs is not known" in capsys.readouterr().err
    assert (ROOT / PAGE).read_text() == before
