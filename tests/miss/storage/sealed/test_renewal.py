"""The master key is renewed under servers at work; whatever was destroyed before is gone from old backups."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.storage import Database
from miss.storage.errors import DataKeyDestroyed, SealBroken
from miss.storage.sealed import KeyStore, create_master_key, load_master_keys, renew_master_key, wrapping_since
from miss.storage.sealed import renewal as renewal_module
from miss.storage.sealed.master import MasterKey, read_master_keys, replace_master_keys
from miss.storage.sealed.store import set_wrapping
from miss.storage.sealed.tables import KEYSTORE_METADATA
from tests.databases import postgresql_database

CANARY = b"canari: plaie du talon"
OLD_AND_NEW = 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_master_key(tmp_path / "keys" / "master.key", system_random)
    return tmp_path / "keys" / "master.key"


@pytest.fixture(params=["sqlite", "postgresql"])
async def keys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A key store's database."""
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{tmp_path}/keys.db"
        if request.param == "postgresql":
            server_url = request.getfixturevalue("postgresql_url")
            url = await stack.enter_async_context(postgresql_database(server_url, empty=True))
        db = Database(url)
        stack.push_async_callback(db.close)
        async with db.engine.begin() as connection:
            await connection.run_sync(KEYSTORE_METADATA.create_all)
        yield db


def process(keys: Database, path: Path, clock: MovableClock) -> KeyStore:
    """A key store as each server process has one."""
    return KeyStore(keys, load_master_keys(path), clock, system_random)


async def test_servers_at_work_go_on_across_a_renewal(keys: Database, path: Path, clock: MovableClock) -> None:
    one, other = process(keys, path, clock), process(keys, path, clock)
    before = await one.seal("request:1", CANARY, what="x")
    [former] = read_master_keys(path)
    renewed = await renew_master_key(keys, path, clock, system_random)
    [current] = read_master_keys(path)
    assert (renewed.former, renewed.current, renewed.rewrapped) == (former.id, current.id, 1)
    assert former != current
    after = await other.seal("request:2", CANARY, what="x")
    for store in (one, other, process(keys, path, clock)):
        assert await store.open("request:1", before, what="x") == CANARY
        assert await store.open("request:2", after, what="x") == CANARY


async def test_nothing_sealed_while_it_runs_is_lost(
    keys: Database, path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal_module, "SLICE", 3)
    servers = [process(keys, path, clock) for _ in range(3)]
    sealed = {f"request:{n}": await servers[0].seal(f"request:{n}", CANARY, what="x") for n in range(10)}
    stop = asyncio.Event()

    async def work(store: KeyStore, name: str) -> None:
        number = 0
        while not stop.is_set():
            key_id = f"{name}:{number}"
            sealed[key_id] = await store.seal(key_id, CANARY, what="x")
            number += 1

    work_under_way = [asyncio.create_task(work(store, f"w{rank}")) for rank, store in enumerate(servers)]
    for _ in range(3):
        await renew_master_key(keys, path, clock, system_random)
    stop.set()
    await asyncio.gather(*work_under_way)
    assert len(sealed) > 10
    fresh = process(keys, path, clock)
    for key_id, content in sealed.items():
        assert await fresh.open(key_id, content, what="x") == CANARY
    assert len(read_master_keys(path)) == 1


@pytest.mark.parametrize("step", ["added", "named", "some wrapped", "all wrapped"])
async def test_an_interrupted_renewal_is_resumed(
    step: str, keys: Database, path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal_module, "SLICE", 2)
    store = process(keys, path, clock)
    sealed = [await store.seal(f"request:{n}", CANARY, what="x") for n in range(5)]
    new = MasterKey(system_random(32))
    if step in ("added", "named"):
        replace_master_keys(path, [*read_master_keys(path), new])
        if step == "named":
            await set_wrapping(keys, new.id, clock.now())
    else:
        dies_at = 2 if step == "some wrapped" else 5

        def dies(done: int) -> None:
            if done >= dies_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await renew_master_key(keys, path, clock, system_random, tell=dies)
    assert len(read_master_keys(path)) == OLD_AND_NEW
    for one in (store, process(keys, path, clock)):
        for n, content in enumerate(sealed):
            assert await one.open(f"request:{n}", content, what="x") == CANARY
    await renew_master_key(keys, path, clock, system_random)
    assert len(read_master_keys(path)) == 1
    for n, content in enumerate(sealed):
        assert await store.open(f"request:{n}", content, what="x") == CANARY


async def test_the_former_key_is_kept_for_machines_that_have_a_copy(
    keys: Database, path: Path, clock: MovableClock, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere.key"
    shutil.copy(path, copy)
    here, there = process(keys, path, clock), process(keys, copy, clock)
    sealed = await here.seal("request:1", CANARY, what="x")
    await renew_master_key(keys, path, clock, system_random, keep_former=True)
    with pytest.raises(SealBroken):
        await there.open("request:1", sealed, what="x")
    shutil.copy(path, copy)
    assert await there.open("request:1", sealed, what="x") == CANARY
    assert len(read_master_keys(path)) == OLD_AND_NEW
    again = await renew_master_key(keys, path, clock, system_random)
    assert (again.rewrapped, len(read_master_keys(path))) == (0, 1)


async def test_what_was_destroyed_is_gone_from_an_old_backup_of_the_key_store_too(
    tmp_path: Path, path: Path, clock: MovableClock
) -> None:
    keys = Database(f"sqlite:///{tmp_path}/keys.db")
    async with keys.engine.begin() as connection:
        await connection.run_sync(KEYSTORE_METADATA.create_all)
    store = process(keys, path, clock)
    sealed = await store.seal("request:1", CANARY, what="x")
    other = await store.seal("request:2", CANARY, what="x")
    await keys.close()
    shutil.copy(tmp_path / "keys.db", tmp_path / "backup.db")
    keys = Database(f"sqlite:///{tmp_path}/keys.db")
    store = process(keys, path, clock)
    await store.destroy("request:1")
    await renew_master_key(keys, path, clock, system_random)
    with pytest.raises(DataKeyDestroyed):
        await store.open("request:1", sealed, what="x")
    assert await store.open("request:2", other, what="x") == CANARY
    await keys.close()
    backup = Database(f"sqlite:///{tmp_path}/backup.db")
    with pytest.raises(SealBroken):
        await process(backup, path, clock).open("request:1", sealed, what="x")
    await backup.close()


async def test_its_age_is_known(keys: Database, path: Path, clock: MovableClock) -> None:
    assert await wrapping_since(keys) is None
    await process(keys, path, clock).seal("request:1", CANARY, what="x")
    first = await wrapping_since(keys)
    clock.advance(timedelta(days=30))
    await renew_master_key(keys, path, clock, system_random)
    second = await wrapping_since(keys)
    assert first is not None
    assert second is not None
    assert timedelta(days=30) <= second - first < timedelta(days=30, minutes=1)
