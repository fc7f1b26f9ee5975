"""`miss establishment`: an archive made for who asked for it, checked, and taken in elsewhere, by the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.server.reversibility.rooms import demands_of
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in

LILLE = Establishment(id=OrganizationId("F599990009"), name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL)


def miss(folder: Path, *words: object, code: int = 0) -> str:
    """What the command line says, on the data in `folder`."""
    environment = os.environ | {"MISS_DATA_DIR": str(folder / "var")}
    command = [sys.executable, "-c", "from miss.server.cli import main; main()", "establishment", *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.mark.long
async def test_what_one_deployment_made_another_takes_in(tmp_path: Path) -> None:
    here, there, key = tmp_path / "ici", tmp_path / "ailleurs", tmp_path / "cle.txt"
    public = next(word for word in miss(here, "key", "--to", key).split() if word.startswith("age1"))
    assert key.stat().st_mode & 0o777 == 0o600
    fingerprints = []
    for folder in (here, there):
        server = await open_prepared_server(
            settings_in(folder), MovableClock(SystemClock().now()), system_random, find_services()
        )
        house = server.house
        if folder == here:
            await Establishments(house.db, house.clock, house.random_bytes).open(LILLE, "test")
        fingerprints.append(server.chat.signer.root_fingerprint)
        await server.close()

    archive = tmp_path / "lille.age"
    assert "Aucun export n’est attendu." in miss(here, "waiting")
    assert "archive_not_asked" in miss(here, "export", LILLE.id, "--to", archive, code=1)
    assert not archive.exists(), "half an archive is not left behind"
    server = await open_prepared_server(
        settings_in(here), MovableClock(SystemClock().now()), system_random, find_services()
    )
    await demands_of(server.house).ask(LILLE.id, public, "test")
    await server.close()
    assert LILLE.id in miss(here, "waiting")
    assert "SHA-256" in miss(here, "export", LILLE.id, "--to", archive)
    assert "Aucun export n’est attendu." in miss(here, "waiting")

    taken_in = ("import", archive, "--key", key)
    verified = miss(there, *taken_in, "--verify", "--root-fingerprint", fingerprints[0])
    assert "✓ signature de l’opérateur" in verified
    assert "repris" not in verified
    assert "mail_proof_not_genuine" in miss(there, *taken_in, "--root-fingerprint", fingerprints[1], code=1)
    assert "✓ repris" in miss(there, *taken_in)
    assert "archive_establishment_exists" in miss(there, *taken_in, code=1)
    archive.write_bytes(archive.read_bytes()[:-1])
    assert "archive_not_opened" in miss(there, *taken_in, code=1)
