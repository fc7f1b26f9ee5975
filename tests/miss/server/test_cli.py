"""`miss`, as people at a terminal use it: the real program, a real folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from miss.directory import sample
from miss.directory.sample import people

MISS = Path(sys.executable).with_name("miss")
EXTRACTIONS = Path(sample.__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample directory in it."""
    folder = tmp_path_factory.mktemp("cli")
    imported = _miss(
        folder,
        *("directory", "import"),
        str(EXTRACTIONS / "personne_activite.txt"),
        str(EXTRACTIONS / "correspondance_mssante.txt"),
    )
    assert imported.returncode == 0, imported.stderr
    assert "47 nouveaux" in imported.stdout
    return folder


def _miss(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [MISS, *arguments],
        env=os.environ | {"MISS_DATA_DIR": str(folder / "var"), "MISS_LOG_LEVEL": "WARNING"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_directory_is_searched_without_accents(folder: Path) -> None:
    found = _miss(folder, "directory", "search", "temoin")
    assert people.CLAIRE_TEMOIN in found.stdout
    nobody = _miss(folder, "directory", "search", "personnequinexistepas")
    assert "autre orthographe" in nobody.stdout


@pytest.mark.long
def test_an_identity_is_opened_verified_given_a_code_and_suspended(folder: Path) -> None:
    rpps = people.INES_BROUILLON
    refused = _miss(folder, "operator", "activation", rpps)
    assert refused.returncode == 1, "no account yet"
    assert _miss(folder, "operator", "open", rpps).returncode == 0
    too_early = _miss(folder, "operator", "activation", rpps)
    assert (too_early.returncode, "account_not_active" in too_early.stderr) == (1, True)
    assert _miss(folder, "operator", "verify", rpps).returncode == 0
    code = _miss(folder, "operator", "activation", rpps, "--purpose", "browser")
    assert "valable jusqu'au" in code.stdout
    ticket = _miss(folder, "operator", "activation", rpps, "--purpose", "recovery")
    assert (ticket.returncode, "recovery" in ticket.stderr) == (2, True), "a ticket is not the operator's to give"
    reset = _miss(folder, "operator", "activation", rpps, "--purpose", "reset")
    assert (reset.returncode, "nothing_to_reset" in reset.stderr) == (1, True)
    suspended = _miss(folder, "operator", "suspend", rpps, "fin de contrat")
    assert "suspended" in suspended.stdout
    assert _miss(folder, "operator", "activation", rpps).returncode == 1


def test_the_deployment_examines_itself(folder: Path) -> None:
    fine = _miss(folder, "check")
    assert (fine.returncode, "tout est en ordre" in fine.stdout) == (0, True)
    (folder / "var/keys/master.key").chmod(0o644)
    try:
        unsafe = _miss(folder, "check")
    finally:
        (folder / "var/keys/master.key").chmod(0o600)
    assert (unsafe.returncode, "chmod 600" in unsafe.stderr) == (1, True)


def test_settings_are_printed_without_secrets(folder: Path) -> None:
    shown = _miss(folder, "check", "--settings", MISS_RELAY_PASSWORD="hunter2")
    assert "MISS_RELAY_PASSWORD=**********" in shown.stdout
    assert "TELEEXPERTISE_MAILBOX=teleexpertise" in shown.stdout
    assert "hunter2" not in shown.stdout + shown.stderr


def test_a_wrong_setting_ends_with_its_name_and_no_traceback(folder: Path) -> None:
    wrong = _miss(folder, "serve", MISS_PORT="eighty", MISS_LOG_LEVEL="LOUD")
    assert wrong.returncode == 2
    assert "MISS_PORT" in wrong.stderr
    assert "MISS_LOG_LEVEL" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_misspelt_setting_is_not_silently_ignored(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "miss.env").write_text("MISS_PROT=8080\nTELEEXPERTISE_MAILBOX=avis\n")
    misspelt = _miss(folder, "check", "--settings", MISS_ENV_FILE=str(tmp_path / "miss.env"))
    assert (misspelt.returncode, "MISS_PROT" in misspelt.stderr) == (2, True)


def test_the_file_of_settings_serves_the_services_too(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "miss.env").write_text("MISS_PORT=8123\nTELEEXPERTISE_MAILBOX=avis\n")
    shown = _miss(folder, "check", "--settings", MISS_ENV_FILE=str(tmp_path / "miss.env"))
    assert "MISS_PORT=8123" in shown.stdout
    assert "TELEEXPERTISE_MAILBOX=avis" in shown.stdout


def test_the_forms_have_no_fault(folder: Path) -> None:
    assert "no fault" in _miss(folder, "forms", "lint").stdout
    assert "d.photo.large" in _miss(folder, "template", "dermatologie").stdout


def test_a_folder_without_a_database_is_told_to_migrate(tmp_path: Path) -> None:
    outdated = _miss(tmp_path, "check")
    assert outdated.returncode == 1
    assert "miss migrate" in outdated.stderr
