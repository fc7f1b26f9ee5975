from dataclasses import replace
from pathlib import Path

import pytest

from bench.dispatch.judge import Verdict
from bench.dispatch.measure import Run
from bench.dispatch.report import SECTION, compose_report

MACHINE = {"cpu": "2 × fictive"}
RIGHT = Verdict(assigned=1200, lost=0, double=0, worst_gap=1, over_cap=0, turns_lost=0, decisions_lost=0)


def a_run(store: str, seconds: float, *, is_locked: bool = True, number: int = 1, **wrong: int) -> Run:
    return Run(store, is_locked, 8, number, 1200, seconds, replace(RIGHT, **wrong))


def test_the_table_shows_medians_ratios_and_the_worst() -> None:
    runs = [
        a_run("postgresql", 10.0, worst_gap=1),
        a_run("postgresql", 12.0, number=2, worst_gap=1),
        a_run("postgresql", 11.0, number=3, worst_gap=1),
        a_run("postgresql", 6.0, is_locked=False, worst_gap=29, over_cap=4),
        a_run("sqlite", 20.0, worst_gap=1),
    ]
    shown = compose_report(runs, MACHINE)
    assert "| PostgreSQL, pool locked | 109 | 1.00 × | 1 | 0 | 0 |" in shown
    assert "| PostgreSQL, no lock on the pool | 200 | 1.83 × | 29 | 4 | 0 |" in shown
    assert "| SQLite | 60 | 0.55 × | 1 | 0 | 0 |" in shown
    assert shown.endswith("reached.")
    assert compose_report([a_run("postgresql", 13.0)], MACHINE).endswith("**missed**.")


def test_only_what_stands_between_the_marks_changes(tmp_path: Path) -> None:
    page = tmp_path / SECTION.page
    page.parent.mkdir()
    page.write_text(f"before\n{SECTION.begin}\nold\n{SECTION.end}\nafter\n")
    SECTION.write(tmp_path, compose_report([a_run("postgresql", 10.0)]))
    assert page.read_text().startswith(f"before\n{SECTION.begin}\n1,200 requests")
    assert page.read_text().endswith(f"{SECTION.end}\nafter\n")
    page.write_text("no marks")
    with pytest.raises(ValueError, match="dispatch: begin"):
        SECTION.write(tmp_path, compose_report([a_run("postgresql", 10.0)]))


def test_lost_or_double_is_not_right() -> None:
    assert RIGHT.is_right
    for wrong in ("lost", "double", "over_cap", "turns_lost", "decisions_lost"):
        assert not replace(RIGHT, **{wrong: 1}).is_right
    assert not replace(RIGHT, worst_gap=2).is_right
