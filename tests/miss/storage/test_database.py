"""Transactions, on both databases."""

import asyncio
import gc
from datetime import datetime
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError, InvalidRequestError, StatementError

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.storage import Database, database
from miss.storage.errors import DatabaseUnreachable
from miss.storage.jobs import schedule
from miss.storage.jobs.store import next_due_at
from tests import servers


async def test_what_a_block_that_raises_wrote_is_gone(
    db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        async with db.transaction() as tx:
            await schedule(tx, "kind", "key", clock.now(), random_bytes=random_bytes)
            raise RuntimeError("half-way")
    async with db.snapshot() as tx:
        assert await next_due_at(tx, ["kind"]) is None


async def test_a_snapshot_writes_nothing(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> None:
    async with db.snapshot() as tx:
        await schedule(tx, "kind", "key", clock.now(), random_bytes=random_bytes)
    async with db.snapshot() as tx:
        assert await next_due_at(tx, ["kind"]) is None


async def test_instants_come_back_aware_and_equal(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> None:
    due_at = clock.now()
    async with db.transaction() as tx:
        await schedule(tx, "kind", "key", due_at, random_bytes=random_bytes)
    async with db.snapshot() as tx:
        assert await next_due_at(tx, ["kind"]) == due_at


async def test_a_naive_instant_is_refused(db: Database, random_bytes: RandomBytes) -> None:
    with pytest.raises(StatementError, match="aware"):
        async with db.transaction() as tx:
            await schedule(tx, "kind", "key", datetime(2026, 11, 20), random_bytes=random_bytes)  # noqa: DTZ001


async def test_sqlite_syncs_each_commit(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/a.db")
    async with db.transaction() as tx:
        connection = await tx.connection()
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar() == 2  # FULL
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1
    await db.close()


async def test_postgresql_commits_synchronously(postgresql_url: str) -> None:
    db = Database(f"{postgresql_url}/postgres")
    async with db.transaction() as tx:
        connection = await tx.connection()
        assert (await connection.execute(text("SHOW synchronous_commit"))).scalar() == "on"
    await db.close()


async def test_a_connection_that_has_rested_is_asked_and_kept_if_it_answers(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "REST_S", -1.0)
    db = Database(f"{postgresql_url}/postgres")
    pids = []
    for _ in range(2):
        async with db.transaction() as tx:
            pids.append((await (await tx.connection()).execute(text("SELECT pg_backend_pid()"))).scalar_one())
    assert pids[0] == pids[1]
    await db.close()


async def test_no_connection_free_is_an_outage(postgresql_url: str) -> None:
    db = Database(f"{postgresql_url}/postgres")
    db.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    everybody_in, let_go = asyncio.Barrier(database.POSTGRESQL_CONNECTIONS + 1), asyncio.Event()

    async def hold() -> None:
        async with db.snapshot() as tx:
            await tx.connection()
            await everybody_in.wait()
            await let_go.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(database.POSTGRESQL_CONNECTIONS):
            tasks.create_task(hold())
        await everybody_in.wait()
        with pytest.raises(DatabaseUnreachable):
            async with db.snapshot() as tx:
                await tx.connection()
        let_go.set()
    await db.close()


async def test_a_rush_on_the_hot_paths_leaves_connections_to_the_others(postgresql_url: str) -> None:
    db = Database(f"{postgresql_url}/postgres")
    everybody_in = asyncio.Barrier(database.POSTGRESQL_CONNECTIONS)

    async def read() -> None:
        async with db.hot_reads():
            await everybody_in.wait()

    await asyncio.gather(*(read() for _ in range(database.POSTGRESQL_CONNECTIONS)))
    db.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    async with db.snapshot() as tx:
        assert (await (await tx.connection()).execute(text("SELECT 1"))).scalar_one() == 1
    await db.close()


@pytest.mark.parametrize("way", ["snapshot", "transaction", "hot_transaction"])
async def test_closing_cuts_what_somebody_still_uses(db: Database, way: str) -> None:
    """…and what they had not committed never was; nothing is left for the collector to complain of."""
    is_inside, closed = asyncio.Event(), asyncio.Event()

    async def linger() -> None:
        async with getattr(db, way)() as tx:
            await (await tx.connection()).execute(text("SELECT 1"))
            is_inside.set()
            await closed.wait()
            await (await tx.connection()).execute(text("SELECT 1"))

    lingering = asyncio.create_task(linger())
    await is_inside.wait()
    await db.close()
    closed.set()
    with pytest.raises(DatabaseUnreachable):
        await lingering
    del lingering
    gc.collect()


async def test_a_task_cancelled_between_two_rows_leaves_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote is gone and the next writer goes on, though the cancelled statement is still referred to."""
    monkeypatch.setattr(database, "SQLITE_BUSY_TIMEOUT_MS", 50)
    db = Database(f"sqlite:///{tmp_path}/a.db")
    async with db.transaction() as tx:
        await (await tx.connection()).execute(text("CREATE TABLE written (n INTEGER)"))
    has_first_row = asyncio.Event()

    async def fetch_for_ever(_cursor: aiosqlite.Cursor) -> None:
        has_first_row.set()
        await asyncio.Event().wait()

    async def write_and_read() -> None:
        async with db.transaction() as tx:
            connection = await tx.connection()
            await connection.execute(text("INSERT INTO written VALUES (1), (2), (3)"))
            with monkeypatch.context() as patch:
                patch.setattr(aiosqlite.Cursor, "fetchall", fetch_for_ever)
                await connection.execute(text("SELECT n FROM written"))

    cancelled = asyncio.create_task(write_and_read())
    await has_first_row.wait()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:
        await cancelled
    async with db.transaction() as tx:
        count = await (await tx.connection()).execute(text("SELECT count(*) FROM written"))
        assert count.scalar_one() == 0
        await (await tx.connection()).execute(text("INSERT INTO written VALUES (4)"))
    assert kept.traceback, "it keeps the statement alive through all of this"
    await db.close()


async def test_a_database_that_drops_every_new_connection_is_an_outage(postgresql_url: str) -> None:
    db = Database(f"{postgresql_url}/postgres")

    @event.listens_for(db.engine.sync_engine, "checkout")
    def _drop(connection: Any, _record: Any, _proxy: Any) -> None:
        raise DisconnectionError

    with pytest.raises(DatabaseUnreachable):
        async with db.hot_reads():
            pass
    await db.close()


async def test_misuse_is_not_an_outage(db: Database) -> None:
    with pytest.raises(InvalidRequestError):
        async with db.transaction() as tx:
            await tx.begin()
            await tx.begin()


async def test_a_database_that_is_away_has_one_name() -> None:
    db = Database(f"postgresql://miss:secret@127.0.0.1:{servers.free_port()}/miss")
    with pytest.raises(DatabaseUnreachable):
        async with db.transaction() as tx:
            await (await tx.connection()).execute(text("SELECT 1"))
    assert "secret" not in db.name
    await db.close()


def test_other_engines_are_refused() -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Database("mysql://localhost/miss")
