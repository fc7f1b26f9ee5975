"""One database, two ways in: `transaction()` writes, `snapshot()` reads.

SQLite runs in WAL mode with `synchronous=FULL`, so that a commit has reached the disk before anybody is told
(ADR 4); one connection writes, under `BEGIN IMMEDIATE`, several read.  PostgreSQL keeps its own
`synchronous_commit=on`.  Nothing here knows a table.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from miss.storage.errors import DatabaseUnreachable
from miss.storage.outages import is_away

Transaction = AsyncSession
"""What stores take: a session inside an open transaction.  Hot paths call `tx.connection()` for Core statements."""

SQLITE_BUSY_TIMEOUT_MS = 10_000
SQLITE_READERS = 4
POSTGRESQL_CONNECTIONS = 10


class Database:
    """The application's database, or the key store's.  Open it once, in the composition root."""

    def __init__(self, url: str) -> None:
        """`url`: `sqlite:///path/to/file` or `postgresql://user:password@host/name` (drivers are added here)."""
        self.url = _with_async_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = _sqlite_engine(self.url, begin="BEGIN", size=SQLITE_READERS)
        else:
            self._writer = self._reader = create_async_engine(
                self.url,
                pool_size=POSTGRESQL_CONNECTIONS,
                max_overflow=POSTGRESQL_CONNECTIONS,
                pool_pre_ping=True,
            )

    @property
    def name(self) -> str:
        """The address without its password: for logs and error texts."""
        return self.url.render_as_string(hide_password=True)

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine: for migrations and for the statistics of `/metrics`."""
        return self._writer

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A writing transaction: committed when the block ends, rolled back when it raises.

        Raises DatabaseUnreachable when the database is away or its disk is full; nothing was committed then,
        unless the answer to the commit itself was lost: callers retry with the same identifiers.
        """
        async with self._session(self._writer) as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """A reading transaction: one consistent state, always rolled back.  Raises DatabaseUnreachable."""
        async with self._session(self._reader) as session:
            yield session

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection in a writing transaction, for migrations.  Raises DatabaseUnreachable."""
        with _named_failures():
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[Transaction]:
        with _named_failures():
            async with AsyncSession(engine, expire_on_commit=False) as session:
                yield session

    async def close(self) -> None:
        """Give every connection back."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


@contextmanager
def _named_failures() -> Iterator[None]:
    """Drivers and SQLAlchemy have a dozen names for a database that is away; callers see one."""
    try:
        yield
    except (OperationalError, InterfaceError, ConnectionError, TimeoutError) as error:
        raise DatabaseUnreachable from error
    except DBAPIError as error:
        if error.connection_invalidated or is_away(getattr(error.orig, "sqlstate", None)):
            raise DatabaseUnreachable from error
        raise


def _with_async_driver(url: URL) -> URL:
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    backend = url.get_backend_name()
    if backend not in drivers:
        raise ValueError(f"MiSS runs on SQLite or PostgreSQL, not on {backend}")
    return url.set(drivername=drivers[backend])


def _sqlite_engine(url: URL, *, begin: str, size: int) -> AsyncEngine:
    engine = create_async_engine(
        url, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, hide_parameters=True
    )

    # The driver's own transaction control would start with a plain BEGIN at the first write, too late for two
    # writers: it is switched off and SQLAlchemy's "begin" says which kind is meant.
    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
