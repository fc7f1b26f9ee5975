"""Files that another program opens."""

from pathlib import Path

import pytest

from clients.desktop.store.opened import OpenedFiles, safe_name


def test_they_are_gone_when_the_account_is(tmp_path: Path) -> None:
    opened = OpenedFiles(tmp_path / "opened")
    first, second = opened.put("cr.pdf", b"%PDF-1"), opened.put("cr.pdf", b"%PDF-2")
    assert (first.read_bytes(), second.read_bytes()) == (b"%PDF-1", b"%PDF-2")
    assert first.stat().st_mode & 0o077 == 0
    opened.clear()
    assert list(tmp_path.iterdir()) == []
    opened.clear()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\temp\\a.pdf", "C__temp_a.pdf"),
        ("compte rendu\n.pdf", "compte rendu_.pdf"),
        ("…", "…"),
        ("", "fichier"),
        ("x" * 300 + ".pdf", "x" * 71 + ".pdf"),
    ],
)
def test_names_stay_in_their_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe
