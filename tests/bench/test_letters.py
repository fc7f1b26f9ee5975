"""The tables of letters and of mails that leave: medians of runs, nothing else on their page changed."""

from pathlib import Path

import pytest

from bench.engines import ROOT
from bench.letters.measure import Run, measure
from bench.letters.report import SECTION, compose_report
from bench.mail.measure import Run as MailRun
from bench.mail.report import SECTION as MAIL
from bench.mail.report import compose_report as compose_mail_report
from bench.section import PAGE

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
    page.write_text(f"before\n{SECTION.begin}\nold\n{SECTION.end}\nafter\n")
    SECTION.write(tmp_path, compose_report(RUNS))
    assert page.read_text().startswith("before\n<!-- letters: begin -->\nMedians")
    assert page.read_text().endswith("<!-- letters: end -->\nafter\n")
    page.write_text("no marks")
    with pytest.raises(ValueError, match="has no"):
        SECTION.write(tmp_path, "new")


def test_the_page_has_the_marks_of_both() -> None:
    page = (ROOT / PAGE).read_text()
    for section in (SECTION, MAIL):
        assert page.count(section.begin) == page.count(section.end) == 1


def test_the_table_of_mails_shows_what_left() -> None:
    runs = [MailRun("SQLite", 1, 1, 5_000, 10.0, 50.0, 250, 1), MailRun("SQLite", 10, 1, 5_000, 10.0, 25.0, 260, 9)]
    shown = compose_mail_report(runs, {"cpu": "fictive"})
    assert "5,000 mails a run" in shown
    assert "| SQLite | 1 | 500 | 100 | 50 s | 1 | 250 |" in shown
    assert "| SQLite | 10 | 500 | 200 | 25 s | 9 | 260 |" in shown


def test_every_form_is_composed() -> None:
    runs = list(measure(0.001, 1, photo_px=(80, 60)))
    assert [run.form for run in runs][:1] == ["HPRIM"]
    assert len(runs) == 6
    assert all(run.letters >= 1 and run.size_bytes > 500 for run in runs)
