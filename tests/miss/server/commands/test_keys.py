"""`miss keys`: a deployment's master key renewed by hand, and its age told."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.server.service import find_services
from miss.storage.sealed.master import read_master_keys
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in

CANARY = b"canari: ulcere"


def miss(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command line on the data in `folder`."""
    environment = os.environ | {"MISS_DATA_DIR": str(folder / "var")}
    command = [sys.executable, "-c", "from miss.server.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(SystemClock().now() - timedelta(days=60))


async def test_an_old_key_is_told_of_and_renewed_by_hand(tmp_path: Path, clock: MovableClock) -> None:
    settings = settings_in(tmp_path)
    server = await open_prepared_server(settings, clock, system_random, find_services())
    sealed = await server.house.keystore.seal("request:1", CANARY, what="x")
    await server.close()
    [old] = read_master_keys(settings.master_key)
    assert "(60 jours)" in miss(tmp_path, "keys", "show").stdout
    checked = miss(tmp_path, "check")
    assert checked.returncode == 1
    assert "La clé maîtresse sert depuis 60 jours" in checked.stderr
    kept = miss(tmp_path, "keys", "renew", "--keep-former")
    assert f"L’ancienne clé ({old.id}) reste" in kept.stdout
    renewed = miss(tmp_path, "keys", "renew")
    assert renewed.returncode == 0, renewed.stderr
    assert "est détruite" in renewed.stdout
    [current] = read_master_keys(settings.master_key)
    assert current != old
    assert "La clé maîtresse sert" not in miss(tmp_path, "check").stderr
    again = await open_prepared_server(settings, clock, system_random, find_services())
    assert await again.house.keystore.open("request:1", sealed, what="x") == CANARY
    await again.close()


async def test_the_embedded_default_renews_its_key_each_month(tmp_path: Path, clock: MovableClock) -> None:
    settings = settings_in(tmp_path)
    server = await open_prepared_server(settings, clock, system_random, find_services())
    sealed = await server.house.keystore.seal("request:1", CANARY, what="x")
    for start in server.starts:
        await start()
    before = read_master_keys(settings.master_key)
    for days, is_renewed in ((29, False), (2, True)):
        clock.advance(timedelta(days=days))
        while await server.house.jobs.run_due():
            continue
        assert (read_master_keys(settings.master_key) != before) is is_renewed
    assert await server.house.keystore.open("request:1", sealed, what="x") == CANARY
    await server.close()
