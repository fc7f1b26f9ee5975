"""The command without the national files, and what it does to names that were written on another system."""

from pathlib import Path

import pytest

from bench.cda.command import main
from bench.cda.validator import mend_names


def test_a_folder_that_holds_no_validator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "saxonche" in capsys.readouterr().err


def test_an_include_in_other_capitals_is_found(tmp_path: Path) -> None:
    (tmp_path / "entrees").mkdir()
    (tmp_path / "entrees/E_directiveanticipee.sch").write_text("<pattern/>")
    (tmp_path / "entrees/E_exact.sch").write_text("<pattern/>")
    schematron = tmp_path / "all.sch"
    schematron.write_text(
        '<schema><include href="entrees/E_directiveAnticipee.sch"/><sch:include href="entrees/E_exact.sch"/>'
        '<include href="entrees/E_absent.sch"/><include href="nowhere/E.sch"/></schema>'
    )
    mend_names(schematron)
    assert (tmp_path / "entrees/E_directiveAnticipee.sch").read_text() == "<pattern/>"
    assert not (tmp_path / "entrees/E_absent.sch").exists()
