"""A database that is gone without a word, and a process that stands still: neither holds anybody up for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import make_url, text

from miss.storage import Database, database, silence
from miss.storage.errors import DatabaseUnreachable
from tests.conditions import WAIT_S
from tests.databases import postgresql_database
from tests.faults.proxy import Proxy

"""The kernel would take a quarter of an hour."""


@pytest.fixture
async def url(postgresql_url: str) -> AsyncIterator[str]:
    """Of an empty database."""
    async with postgresql_database(postgresql_url, empty=True) as made:
        yield made


@pytest.fixture
async def line(url: str) -> AsyncIterator[Proxy]:
    """The way to it."""
    port = make_url(url).port
    assert port is not None
    line = Proxy(lambda: port)
    await line.start()
    yield line
    await line.close()


@pytest.fixture
async def behind_line(url: str, line: Proxy, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The database at the end of the line, given up after three seconds."""
    monkeypatch.setattr(silence, "SILENCE_S", 3)
    db = Database(make_url(url).set(port=line.port).render_as_string(hide_password=False))
    yield db
    await db.close()


async def test_a_statement_whose_answer_will_never_come_fails(behind_line: Database, line: Proxy) -> None:
    async with asyncio.timeout(WAIT_S):
        with pytest.raises(DatabaseUnreachable):
            async with behind_line.transaction() as tx:
                await (await tx.connection()).execute(text("SELECT 1"))
                line.lose()
                await (await tx.connection()).execute(text("SELECT 2"))
        async with behind_line.snapshot() as tx:
            assert await (await tx.connection()).scalar(text("SELECT 3")) == 3, "the next one finds the way"


async def test_so_does_one_that_was_under_way(behind_line: Database, line: Proxy) -> None:
    async with asyncio.timeout(WAIT_S):
        with pytest.raises(DatabaseUnreachable):
            async with behind_line.snapshot() as tx:
                connection = await tx.connection()
                asleep = asyncio.create_task(connection.execute(text("SELECT pg_sleep(3600)")))
                pid = await asyncio.create_task(_find_sleeper(behind_line))
                line.lose()
                await asleep
        async with behind_line.snapshot() as tx:
            await (await tx.connection()).execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


async def _find_sleeper(db: Database) -> int:
    """The process that runs `pg_sleep`, once it does."""
    query = text("SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'")
    while True:
        async with db.snapshot() as tx:
            found = await (await tx.connection()).scalar(query)
        if found is not None:
            return int(found)


async def test_a_statement_that_only_takes_long_is_waited_for(behind_line: Database) -> None:
    async with behind_line.snapshot() as tx:
        await (await tx.connection()).execute(text("SELECT pg_sleep(4)"))


async def test_a_transaction_that_stands_still_loses_its_locks(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SERVER_SETTINGS", {"idle_in_transaction_session_timeout": "500ms"})
    stopped, other = Database(url), Database(url)
    update = text("UPDATE place SET taken = taken + 1")
    async with other.schema_change() as connection:
        await connection.execute(text("CREATE TABLE place AS SELECT 0 AS taken"))
    async with asyncio.timeout(WAIT_S):
        with pytest.raises(DatabaseUnreachable):
            async with stopped.transaction() as tx:
                await (await tx.connection()).execute(update)
                # The process is stopped here, as it were; another one waits for the row.
                async with other.transaction() as waiting:
                    await (await waiting.connection()).execute(update)
        async with other.snapshot() as tx:
            assert await (await tx.connection()).scalar(text("SELECT taken FROM place")) == 1
    await stopped.close()
    await other.close()
