"""Fixtures every test may use: a clock that is moved by hand, repeatable randomness, real databases and brokers."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import Connection, event
from sqlmodel import SQLModel

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes, system_random
from miss.broker import Broker, MemoryBroker, RedisBroker, redis_counts
from miss.directory.register.tables import REGISTER_METADATA
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.nesting import Holders
from miss.storage.sealed import KeyStore, MasterKey, MasterKeys
from miss.storage.sealed.tables import KEYSTORE_METADATA
from tests import databases, servers

Holders.is_one_enough = True  # whatever nests transactions fails here, long before a rush stops it


@event.listens_for(SQLModel.metadata, "after_create")
def _create_register(_metadata: object, connection: Connection, **_: object) -> None:
    """In tests the register lies beside everything else, as on PostgreSQL."""
    REGISTER_METADATA.create_all(connection)


@pytest.fixture
def clock() -> MovableClock:
    """Friday 20 November 2026, 09:00 UTC; move it with `advance`."""
    return MovableClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


@pytest.fixture
def random_bytes() -> RandomBytes:
    """Repeatable randomness."""
    return random.Random(20261120).randbytes


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A real PostgreSQL server; append a database's name."""
    with servers.postgresql() as url:
        yield url
        asyncio.run(databases.drop_templates(url))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis-compatible server."""
    with servers.redis() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A real database of each kind, with every table that the test imported."""
    async with AsyncExitStack() as stack:
        if request.param == "postgresql":
            server_url = request.getfixturevalue("postgresql_url")
            url = await stack.enter_async_context(databases.postgresql_database(server_url))
        else:
            url = await databases.sqlite_database(tmp_path / "miss.db")
        database = Database(url)
        stack.push_async_callback(database.close)
        yield database


@pytest.fixture
async def keystore(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> AsyncIterator[KeyStore]:
    """A real key store in a database of its own."""
    database = Database(f"sqlite:///{tmp_path}/keys.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(KEYSTORE_METADATA.create_all)
    yield KeyStore(database, MasterKeys([MasterKey(random_bytes(32))]), clock, random_bytes)
    await database.close()


@pytest.fixture
def jobs(db: Database, clock: MovableClock) -> JobRunner:
    """A job runner whose `run_due` the test calls."""
    return JobRunner(db, clock, system_random)


@pytest.fixture(params=["memory", "redis"])
async def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Broker]:
    """A started broker of each kind, which has counted nothing yet."""
    made: Broker = MemoryBroker()
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        async with Redis.from_url(url) as redis:
            # People and addresses are the same in every test.  Only our own keys: the server may be a developer's.
            if counted := [name async for name in redis.scan_iter(match="{miss}*")]:
                await redis.delete(*counted)
        # A machine that is busy with other tests is not a Redis that is away.
        monkeypatch.setattr(redis_counts, "TIMEOUT_S", 10.0)
        made = RedisBroker(url)
    await made.start()
    yield made
    await made.close()
