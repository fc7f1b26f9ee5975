"""One database, two ways in: `transaction()` writes, `snapshot()` reads.

SQLite runs in WAL mode with `synchronous=FULL`, so that a commit has reached the disk before anybody is told
(ADR 4); one connection writes, under `BEGIN IMMEDIATE`, several read.  PostgreSQL keeps its own
`synchronous_commit=on`.  Nothing here knows a table.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakSet

import aiosqlite
import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, InvalidRequestError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from miss.base.clock import monotonic_s
from miss.storage.direct import DRIVER, named_driver_failures
from miss.storage.errors import DatabaseUnreachable
from miss.storage.nesting import Holders
from miss.storage.outages import is_astray, is_away, is_unreadable
from miss.storage.silence import SERVER_SETTINGS, end_when_silent

Transaction = AsyncSession
"""What stores take: a session inside an open transaction.  Hot paths call `tx.connection()` for Core statements."""

SQLITE_BUSY_TIMEOUT_MS = 10_000
SQLITE_READERS = 4
POSTGRESQL_CONNECTIONS = 20
"""All of them stay open: each is a process of the server, dear to start."""
WARM_SESSIONS = 4
"""Kept apart from the pool for hot paths, at most: the others have to find connections in it."""
REST_S = 5.0
"""A connection that was not used for this long is asked whether it still stands."""
CLOSE_S = 2.0
"""How long `close` waits for connections to take their leave."""

NO_ATTEMPT_LEFT = "This connection is closed"
"""What SQLAlchemy's pool says once it has opened three connections in a row that did not stand."""

_LAST = "last_works"
"""In a writing session's `info`: what to do before its commit."""


def do_last(tx: Transaction, work: Callable[[Transaction], Awaitable[None]]) -> None:
    """Have `work` run in `tx` right before its commit, after all that its block does: for what everybody wants.

    A row that every transaction locks is locked so as the last one, whatever else each of them holds: two of them
    never wait for each other, and none keeps it for longer than its commit takes.  Nothing runs if `tx` is rolled
    back.  Raises RuntimeError in a reading transaction, which commits nothing.
    """
    if (works := tx.info.get(_LAST)) is None:
        raise RuntimeError("only a writing transaction has a commit to prepare")
    works.append(work)


class Database:
    """The application's database, or the key store's.  Open it once, in the composition root."""

    def __init__(self, url: str) -> None:
        """`url`: `sqlite:///path/to/file` or `postgresql://user:password@host/name` (drivers are added here)."""
        self.url = _with_async_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._holders = Holders()
        self._warm: list[Transaction] = []
        self._drivers: WeakSet[Any] = WeakSet()
        if self.is_sqlite:
            if self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = _sqlite_engine(self.url, begin="BEGIN", size=SQLITE_READERS)
        else:
            self._writer = self._reader = _postgresql_engine(self.url)
        for engine in {self._writer, self._reader}:
            event.listen(engine.sync_engine, "connect", self._note_driver)

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
            session.info[_LAST] = []
            yield session
            await _do_last_works(session)
            await session.commit()

    @asynccontextmanager
    async def hot_transaction(self) -> AsyncIterator[Transaction]:
        """As `transaction`, for the statements of `miss.storage.direct`, which it lets go to the driver.

        On PostgreSQL the driver begins and commits.  Whatever else the session is asked works as ever, inside the
        same transaction, at the price of a savepoint.
        """
        if self.is_sqlite:
            async with self.transaction() as session:
                yield session
            return
        async with self._warm_session() as session, session.info[DRIVER].transaction():
            try:
                session.info[_LAST] = []
                yield session
                await _do_last_works(session)
            except BaseException:
                await _end_own(session, keep=False)
                raise
            await _end_own(session, keep=True)

    @asynccontextmanager
    async def hot_reads(self) -> AsyncIterator[Transaction]:
        """For the reading statements of `miss.storage.direct`: each sees the state of its own moment."""
        if self.is_sqlite:
            async with self.snapshot() as session:
                yield session
            return
        async with self._warm_session() as session:
            yield session
            await _end_own(session, keep=False)

    @asynccontextmanager
    async def _warm_session(self) -> AsyncIterator[Transaction]:
        """A session on a connection that is kept apart from the pool, for the next who needs one, unless it failed
        or as many are kept already: a rush on the hot paths leaves the pool with what it had."""
        with self._holders.one(), _named_failures(), named_driver_failures():
            session = await self._take_warm()
            try:
                yield session
            except BaseException as error:
                if is_astray(error) or is_astray(error.__cause__):
                    session.info[DRIVER].terminate()
                await _give_back(session)
                raise
            # What somebody kept for the time of a transaction is nothing to the next one.
            for name in session.info.keys() - {DRIVER}:
                del session.info[name]
            if len(self._warm) < WARM_SESSIONS:
                self._warm.append(session)
            else:
                await _give_back(session)

    async def _take_warm(self) -> Transaction:
        while self._warm:
            session = self._warm.pop()
            if not session.info[DRIVER].is_closed():
                return session
            await _give_back(session)
        connection = await self._writer.connect()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return AsyncSession(connection, expire_on_commit=False, info={DRIVER: driver})

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """A reading transaction: one consistent state, always rolled back.  Raises DatabaseUnreachable."""
        async with self._session(self._reader) as session:
            yield session

    def reading(self, tx: Transaction | None) -> AbstractAsyncContextManager[Transaction]:
        """`tx`, which the caller holds already; a snapshot for a caller that holds none."""
        return self.snapshot() if tx is None else nullcontext(tx)

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection in a writing transaction, for migrations.  Raises DatabaseUnreachable."""
        with self._holders.one(), _named_failures():
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[Transaction]:
        with self._holders.one(), _named_failures():
            async with AsyncSession(engine, expire_on_commit=False) as session:
                yield session

    async def close(self) -> None:
        """Give every connection back.

        One that somebody still uses, or that does not answer, is cut: what it has not committed never was.
        """
        warm, self._warm = self._warm, []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for session in warm:
                    await _give_back(session)
                for engine in {self._writer, self._reader}:
                    await engine.dispose()
        for driver in tuple(self._drivers):
            await _cut(driver)

    def _note_driver(self, connection: Any, _record: Any) -> None:
        self._drivers.add(connection.driver_connection)


async def _do_last_works(session: Transaction) -> None:
    for work in session.info.pop(_LAST):
        await work(session)


async def _end_own(session: Transaction, *, keep: bool) -> None:
    """End what SQLAlchemy has begun beside or inside the driver's transaction, if it was asked anything."""
    if session.in_transaction():
        await (session.commit() if keep else session.rollback())
        session.expunge_all()


async def _give_back(session: Transaction) -> None:
    """End a session and return its connection to the pool, which looks at it before it lends it again."""
    connection = session.bind
    await session.close()
    if isinstance(connection, AsyncConnection):
        await connection.close()


async def _cut(driver: Any) -> None:
    """End a driver's connection, if it has not ended; SQLite's once its statement is through."""
    if isinstance(driver, aiosqlite.Connection):
        await driver.close()
    else:
        driver.terminate()


_OUTAGES = (
    OperationalError,
    InterfaceError,
    NoConnectionFree,
    asyncpg.InternalClientError,  # SQLAlchemy passes it on as it is
    ConnectionError,
    TimeoutError,
)


@contextmanager
def _named_failures() -> Iterator[None]:
    """Drivers and SQLAlchemy have a dozen names for a database that is away; callers see one."""
    try:
        yield
    except _OUTAGES as error:
        raise DatabaseUnreachable from error
    except InvalidRequestError as error:
        if str(error) == NO_ATTEMPT_LEFT:
            raise DatabaseUnreachable from error
        raise
    except DBAPIError as error:
        is_down = error.connection_invalidated or is_away(getattr(error.orig, "sqlstate", None))
        if is_down or is_unreadable(error.orig):
            raise DatabaseUnreachable from error
        raise


def _with_async_driver(url: URL) -> URL:
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    backend = url.get_backend_name()
    if backend not in drivers:
        raise ValueError(f"MiSS runs on SQLite or PostgreSQL, not on {backend}")
    return url.set(drivername=drivers[backend])


def _postgresql_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=POSTGRESQL_CONNECTIONS, max_overflow=0, connect_args={"server_settings": SERVER_SETTINGS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        end_when_silent(connection.driver_connection)

    # What the driver knows of a lost connection costs nothing to ask; only one that has rested is asked itself, since
    # something on the way may have forgotten it.  The pool opens another one in the place of one that is refused.
    @event.listens_for(engine.sync_engine, "checkout")
    def _require_alive(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        if monotonic_s() - record.info.get("used_at_s", 0.0) > REST_S:
            try:
                engine.dialect.do_ping(connection)
            except (connection.dbapi.Error, asyncpg.InternalClientError) as error:
                raise DisconnectionError from error

    # The others of the pool lead to the same server: they are given up as well.
    @event.listens_for(engine.sync_engine, "handle_error")
    def _give_up(context: ExceptionContext) -> None:
        said = context.original_exception
        if is_astray(said) or is_astray(said.__cause__):
            context.is_disconnect = True

    @event.listens_for(engine.sync_engine, "checkin")
    def _note_use(_connection: Any, record: Any) -> None:
        record.info["used_at_s"] = monotonic_s()

    return engine


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

    # SQLAlchemy closes the connection of a statement that was cancelled.  If the statement had rows left to give,
    # SQLite keeps that connection and its write lock until the last trace of the statement is collected
    # (sqlite3_close_v2): rolled back first, it holds nothing.  The driver's thread does so after that statement and
    # before the close, which is queued next, as SQLAlchemy's dialect does: nobody waits here to be cancelled again.
    @event.listens_for(engine.sync_engine, "invalidate")
    def _roll_back(connection: Any, _record: Any, _error: BaseException | None) -> None:
        driver: aiosqlite.Connection = connection.driver_connection
        with contextlib.suppress(ValueError):  # it is closed already
            driver._tx.put_nowait((None, driver._conn.rollback))

    return engine
