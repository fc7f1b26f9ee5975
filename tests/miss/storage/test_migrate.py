"""Migrations, on both databases: migrated equals modelled, and an older binary refuses a newer database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, bindparam, column, select, text

from miss.directory.register.store import register_schema
from miss.server.service import find_services
from miss.storage import Database
from miss.storage.columns import UtcDateTime
from miss.storage.errors import DatabaseBusy, DatabaseNewer, DatabaseOutdated
from miss.storage.migrate import Schema, application_schema, keystore_schema, migrate, require_current
from tests.conditions import WAIT_S
from tests.databases import postgresql_database

ROOT = Path(__file__).parents[3]
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'relation'"


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without a table."""
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{tmp_path}/empty.db"
        if request.param == "postgresql":
            url = await stack.enter_async_context(
                postgresql_database(request.getfixturevalue("postgresql_url"), empty=True)
            )
        db = Database(url)
        stack.push_async_callback(db.close)
        yield db


def _whole_schema() -> Schema:
    """The house's tables and every service's."""
    for path in sorted(
        path for room in ("miss", "movements", "teleexpertise") for path in (ROOT / room).rglob("tables.py")
    ):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return application_schema(find_services().versions)


@pytest.mark.parametrize(
    "schema", [_whole_schema(), keystore_schema(), register_schema()], ids=["application", "keystore", "register"]
)
async def test_migrated_equals_modelled(empty: Database, schema: Schema) -> None:
    await migrate(empty, schema)
    await require_current(empty, schema)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.version_table, "compare_type": True}
        )
        return list(compare_metadata(context, schema.metadata))

    async with empty.engine.begin() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(empty: Database) -> None:
    await migrate(empty, _whole_schema())
    await migrate(empty, _whole_schema())
    await require_current(empty, _whole_schema())


async def test_a_database_without_tables_is_outdated(empty: Database) -> None:
    with pytest.raises(DatabaseOutdated):
        await require_current(empty, _whole_schema())


async def test_a_newer_database_is_refused_and_left_alone(empty: Database) -> None:
    await migrate(empty, _whole_schema())
    async with empty.engine.begin() as connection:
        await connection.execute(
            text("UPDATE alembic_version SET version_num = 'miss_9999' WHERE version_num LIKE 'miss%'")
        )
    for refuse in (migrate, require_current):
        with pytest.raises(DatabaseNewer, match="miss_9999"):
            await refuse(empty, _whole_schema())


def test_revisions_are_named_after_their_branch() -> None:
    schema = _whole_schema()
    for folder in (*schema.versions, *keystore_schema().versions):
        for number, path in enumerate(sorted(folder.glob("*.py")), start=1):
            branch = path.name.split("_")[0]
            assert path.name.startswith(f"{branch}_{number:04}_"), path
            assert f'branch_labels = ("{branch}",)' in path.read_text() or number > 1, path


async def test_what_the_first_version_kept_is_still_there(empty: Database) -> None:
    schema = _whole_schema()
    await migrate(empty, schema, "miss_0001")
    cid, uid = bytes(32), bytes(16)
    conversation = (
        "INSERT INTO chat_conversation (cid, epoch, commit_hash, needs_rekey, version, last_seq, log, changed_at)"
        " VALUES (:cid, 2, :cid, :no, 1, 7, :cid, :at)"
    )
    commit = 'INSERT INTO chat_commit (cid, epoch, "commit", created_at) VALUES (:cid, :epoch, :cid, :at)'
    device = (
        "INSERT INTO chat_device (did, uid, ik, name, linked_seq, linked_at)"
        " VALUES (:uid, :uid, :cid, 'Poste de garde', 1, :at)"
    )
    at = datetime(2026, 11, 1, tzinfo=UTC)
    dated = bindparam("at", at, type_=UtcDateTime())
    async with empty.engine.begin() as connection:
        await connection.execute(text(conversation).bindparams(dated), {"cid": cid, "no": False})
        for epoch in (1, 2):
            await connection.execute(text(commit).bindparams(dated), {"cid": cid, "epoch": epoch})
        await connection.execute(text(device).bindparams(dated), {"uid": uid, "cid": cid})
    await migrate(empty, schema)
    async with empty.engine.begin() as connection:
        places = await connection.execute(text("SELECT epoch, after_seq FROM chat_commit ORDER BY epoch"))
        assert [tuple(row) for row in places] == [(1, 0), (2, 7)]
        due: Any = select(column("look_at", UtcDateTime()), column("expired_seq")).select_from(
            text("chat_conversation")
        )
        assert [tuple(row) for row in await connection.execute(due)] == [(at, 0)]
        names = await connection.execute(text("SELECT name, paper, last_seen_at FROM chat_device"))
        assert [tuple(row) for row in names] == [("Poste de garde", False, None)]


async def test_a_migration_gives_way_to_servers_at_work_and_tries_again(postgresql_url: str) -> None:
    async with postgresql_database(postgresql_url, empty=True) as url:
        db, other = Database(url), Database(url)
        before = "miss_0001"
        await migrate(db, application_schema(), before)
        held, waiting = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            """A server's transaction on a table that the next revision changes."""
            async with other.engine.begin() as connection:
                await connection.execute(text("SELECT 1 FROM chat_conversation"))
                held.set()
                await waiting.wait()

        working = asyncio.create_task(work())
        await held.wait()
        migrating = asyncio.create_task(migrate(db, application_schema()))
        async with db.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")  # else it sees one moment only
            while not migrating.done() and not await connection.scalar(text(WAITS)):  # noqa: ASYNC110 - in PostgreSQL
                await asyncio.sleep(0.005)
            # Everybody behind the migration is served as soon as it has given way.
            await asyncio.wait_for(connection.scalar(text("SELECT count(*) FROM chat_conversation")), timeout=WAIT_S)
        assert not migrating.done()
        waiting.set()
        await asyncio.gather(working, migrating)
        await require_current(db, application_schema())
        await asyncio.gather(db.close(), other.close())


async def test_tables_that_are_never_free_are_named(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miss.storage.migrate._TRIES", 2)
    async with postgresql_database(postgresql_url, empty=True) as url:
        db, other = Database(url), Database(url)
        await migrate(db, application_schema(), "miss_0001")
        async with other.engine.begin() as connection:
            await connection.execute(text("SELECT 1 FROM chat_conversation"))
            with pytest.raises(DatabaseBusy):
                await migrate(db, application_schema())
        with pytest.raises(DatabaseOutdated):
            await require_current(db, application_schema())
        await asyncio.gather(db.close(), other.close())
