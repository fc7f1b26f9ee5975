"""The commands that need no server."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from teleexpertise.commands import commands
from teleexpertise.diagnoses.errors import TableUnreadable
from teleexpertise.questionnaire.errors import UnknownForm


def test_lint_passes_on_the_forms_that_come_with_miss_and_names_a_fault(tmp_path: Path) -> None:
    clean = CliRunner().invoke(commands, ["forms", "lint"])
    assert clean.exit_code == 0, clean.output
    assert "no fault" in clean.output
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "1.0.0.json").write_text('{"resourceType": "Questionnaire"}')
    faulty = CliRunner().invoke(commands, ["forms", "lint", str(tmp_path)])
    assert faulty.exit_code == 1
    assert "x/1.0.0.json" in faulty.output


def test_a_template_is_printed_and_an_unknown_form_named() -> None:
    printed = CliRunner().invoke(commands, ["template", "dermatologie"])
    assert "d.photo.large" in printed.output
    with pytest.raises(UnknownForm):
        CliRunner().invoke(commands, ["template", "astrologie"], catch_exceptions=False)


def test_a_table_that_is_none_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "cim10.txt"
    file.write_text("rien;de tel\n")
    with pytest.raises(TableUnreadable):
        CliRunner().invoke(commands, ["teleexpertise", "cim10", str(file)], catch_exceptions=False)
    missing = CliRunner().invoke(commands, ["teleexpertise", "cim10", str(tmp_path / "absent.csv")])
    assert missing.exit_code == 2
