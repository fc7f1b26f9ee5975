"""`miss directory`, as an operator types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from miss.directory.register.model import Progress
from miss.server.commands.directory import progress_line
from tests.miss.directory.extractions import COLUMNS_2026, a_person, extraction
from tests.miss.directory.synthetic import rpps_of

MISS = Path(sys.executable).with_name("miss")


def miss(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [MISS, "directory", *arguments],
        env=os.environ | {"MISS_DATA_DIR": str(folder / "var"), "MISS_LOG_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_a_morning_with_the_register(tmp_path: Path) -> None:
    everybody = [a_person(rpps_of(number)) for number in range(10)]
    whole, short = tmp_path / "whole.txt", tmp_path / "short.txt"
    whole.write_bytes(b"".join(extraction(COLUMNS_2026, everybody)) + b"cut off")
    short.write_bytes(b"".join(extraction(COLUMNS_2026, everybody[:3])))

    taken = miss(tmp_path, "import", str(whole), "--json")
    assert taken.returncode == 0, taken.stderr
    (report,) = json.loads(taken.stdout)
    assert (report["kind"], report["new"], report["gone"], report["rejected_count"]) == ("register", 10, 0, 1)
    assert report["rejected"] == [{"line": 12, "reason": "column_count"}]
    assert "par seconde" in taken.stderr

    refused = miss(tmp_path, "import", str(short))
    assert refused.returncode == 1
    assert "--accept-shrink" in refused.stderr
    shrunk = miss(tmp_path, "import", str(short), "--accept-shrink", "--quiet")
    assert "0 nouveaux, 0 modifiés, 7 disparus, 3 inchangés" in shrunk.stdout

    last, before, first = json.loads(miss(tmp_path, "status", "--json").stdout)
    assert (last["reports"][0]["gone"], last["refusal"]) == (7, "")
    assert "3 entrées sur 10" in before["refusal"]
    assert first["files"] == ["whole.txt"]

    found = miss(tmp_path, "search", "exempel", "--town", "Lille").stdout
    assert found.count("Dr Paul EXEMPLE, Médecine générale, Lille") == 3


@pytest.mark.parametrize(
    ("progress", "elapsed_s", "line"),
    [
        (Progress("a.txt", 0, 0, 0), 0.0, "a.txt : 0 lignes"),
        (Progress("a.txt", 20_000, 0, 0), 0.5, "a.txt : 20 000 lignes, 40 000 par seconde"),
        (
            Progress("a.txt", 20_000, 25, 100),
            2.0,
            "a.txt : 20 000 lignes, 10 000 par seconde, encore 6 s de lecture",
        ),
    ],
)
def test_how_far_an_import_has_come(progress: Progress, elapsed_s: float, line: str) -> None:
    assert progress_line(progress, elapsed_s) == line


@pytest.mark.long
def test_an_export_is_whole_private_and_recorded(tmp_path: Path) -> None:
    from_here = tmp_path / "annuaire.csv"
    from_here.write_text("yesterday's")
    done = miss(tmp_path, "export", "--output", str(from_here))
    assert done.returncode == 0, done.stderr
    assert from_here.read_text().startswith('"identifiant","rpps"')
    assert from_here.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("*annuaire*")] == ["annuaire.csv"]
    for format_, start in (("xlsx", b"PK"), ("ldif", b"version: 1\ndn: o=MiSS\n"), ("vcard", b"")):
        file = tmp_path / f"out.{format_}"
        assert miss(tmp_path, "export", "--format", format_, "-o", str(file)).returncode == 0
        assert file.read_bytes().startswith(start)

    refused = miss(tmp_path, "export", "--output", str(tmp_path / "nowhere" / "file.csv"))
    assert refused.returncode == 1
    assert "ne peut pas être écrit" in refused.stderr
