"""The table of letters: medians of runs, one line a form, nothing else on its page changed; every form composes."""

from pathlib import Path

import pytest

from bench.letters.measure import Run, measure
from bench.letters.report import BEGIN, END, PAGE, compose_report, write_report

RUNS = [
    Run("HPRIM", 1, 300, 0.1, 1500),
    Run("HPRIM", 2, 100, 0.1, 1500),
    Run("HPRIM", 3, 200, 0.1, 1500),
    Run("PDF", 1, 4, 0.2, 18_400),
]


def test_the_table_shows_medians() -> None:
    shown = compose_report(RUNS, {"cpu": "fictive"})
    assert "Medians of 3 runs" in shown
    assert "| HPRIM | 2,000 | 0.5 | 2 |" in shown
    assert "| PDF | 20 | 50.0 | 18 |" in shown


def test_only_what_stands_between_the_marks_changes(tmp_path: Path) -> None:
    page = tmp_path / PAGE
    page.parent.mkdir()
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_report(RUNS, tmp_path)
    assert page.read_text().startswith(f"before\n{BEGIN}\nMedians")
    assert page.read_text().endswith(f"{END}\nafter\n")
    page.write_text("no marks")
    with pytest.raises(ValueError, match="has no"):
        write_report(RUNS, tmp_path)


def test_every_form_is_composed() -> None:
    runs = list(measure(0.001, 1, photo_px=(80, 60)))
    assert [run.form for run in runs][:1] == ["HPRIM"]
    assert len(runs) == 6
    assert all(run.letters >= 1 and run.size_bytes > 500 for run in runs)
