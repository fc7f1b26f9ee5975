"""`miss audit`, the real command on a real database: what somebody who holds it did to the log is named."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.directory.audit import AuditLog, AuditUpkeep, Subject
from miss.directory.signer import find_audit_public, load_or_create_signer
from miss.server.service import find_services
from miss.storage import Database
from miss.storage.migrate import application_schema, migrate

PAUL, ANNE = Subject("account", "0a" * 16), Subject("account", "0b" * 16)
ALWAYS = ("--since", "2020-01-01", "--until", "2100-01-01")


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Six entries, anchored after the fifth."""
    keys = load_or_create_signer(tmp_path / "var/keys/operator", SystemClock(), system_random)
    db = Database(f"sqlite:///{tmp_path}/var/miss.db")
    await migrate(db, application_schema(find_services().versions))
    log = AuditLog(db, SystemClock())
    for number in range(1, 7):
        subject = PAUL if number < 4 else ANNE
        await log.record(actor="cli:test", act="practitioner.viewed", subject=subject, detail=f"place {number}")
        if number == 5:
            await AuditUpkeep(db, SystemClock(), system_random, keys.audit_key, 12).anchor()
    await db.close()
    return tmp_path


def miss(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """`miss audit …`, as somebody at a terminal runs it."""
    return subprocess.run(
        [sys.executable, "-c", "from miss.server.cli import main; main()", "audit", *map(str, arguments)],
        env=os.environ | {"MISS_DATA_DIR": str(folder / "var"), "MISS_LOG_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        check=False,
    )


def tamper(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "var/miss.db") as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def test_a_log_that_holds_and_one_that_was_altered(folder: Path) -> None:
    holds = miss(folder, "verify")
    assert (holds.returncode, holds.stderr) == (0, "")
    assert "6 entrées, de la n° 1 à la n° 6 : intactes" in holds.stdout
    tamper(folder, "UPDATE audit_entry SET detail = 'autre' WHERE number = 3")
    broken = miss(folder, "verify")
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "L'entrée n° 3 a été modifiée." in broken.stderr
    assert "Entry 3 was altered. (altered)" in broken.stderr
    assert "Entrées intactes avant cet endroit : 2." in broken.stderr


def test_a_log_that_was_cut_is_found_by_anchors_kept_elsewhere(folder: Path) -> None:
    kept = folder / "anchors.jsonl"
    kept.write_text(miss(folder, "anchors").stdout)
    assert len(kept.read_text().splitlines()) == 1
    tamper(
        folder,
        "DELETE FROM audit_anchor",
        "DELETE FROM audit_entry WHERE number > 3",
        "UPDATE audit_head SET number = 3, hash = (SELECT hash FROM audit_entry WHERE audit_entry.number = 3)",
    )
    assert miss(folder, "verify").returncode == 0
    cut = miss(folder, "verify", "--anchors", kept)
    assert (cut.returncode, "l'entrée n° 4 devrait exister" in cut.stderr) == (1, True)


def test_an_extract_is_verified_without_the_database(folder: Path) -> None:
    extract = folder / "extract.jsonl"
    extract.write_text(miss(folder, "export", *ALWAYS, "--subject", f"account:{PAUL.id}").stdout)
    assert ANNE.id not in extract.read_text(), "what concerns others is left out"
    public = find_audit_public(folder / "var/keys/operator")
    assert public is not None
    (folder / "var/miss.db").unlink()
    (folder / "var/keys/operator/audit.pub").unlink()
    holds = miss(folder, "verify", "--export", extract, "--key", public.hex())
    assert holds.returncode == 0, holds.stderr
    assert "entrées n° 1 à 6 : intactes, dont 3 en clair" in holds.stdout
    assert "Aucune ancre signée ne couvre les entrées après la n° 5." in holds.stdout
    assert miss(folder, "verify", "--export", extract).returncode == 1, "nobody vouches for the anchor's key"
    lines = extract.read_text().splitlines(keepends=True)
    extract.write_text("".join(line for line in lines if "place 2" not in line))
    removed = miss(folder, "verify", "--export", extract, "--key", public.hex())
    assert (removed.returncode, "L'entrée n° 2 a été supprimée." in removed.stderr) == (1, True)


def test_what_is_no_export_is_refused(folder: Path) -> None:
    file = folder / "file.jsonl"
    file.write_text("\n")
    refused = miss(folder, "verify", "--export", file)
    assert (refused.returncode, "La ligne 1 " in refused.stderr) == (1, True)
    assert miss(folder, "export", *ALWAYS, "--subject", "account").returncode == 2
