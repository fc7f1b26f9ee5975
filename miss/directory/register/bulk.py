"""One connection that takes rows by the hundred thousand: PostgreSQL's COPY, SQLite's prepared inserts.

What is read goes into staging tables first, which nobody else sees: temporary ones on PostgreSQL, a scratch file beside
the database on SQLite.  Then one transaction compares and writes.  Until it commits, readers see the former state; on
SQLite the file written to is the register's own, so no other writer waits.

The driver is used directly: SQLAlchemy's share of the cost of a row is larger than the row's (ADR 30).
"""

import asyncio
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import asyncpg
from sqlalchemy.engine import URL

from miss.directory.register.errors import RegisterBusy
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

Columns = dict[str, str]
"""Name and type (`text`, `bigint`) of each column of a staging table."""

IMPORT_LOCK = 0x4D695352
"""PostgreSQL advisory lock: one import at a time."""
MANY_ROWS = 20_000
"""A change of fewer is left to the databases' own housekeeping."""
_SQLITE_CACHE_KB = 16_384
_ROWS_AT_ONCE = 1_000
"""Of one SQLite statement.  The interpreter is given up and won back for each of them: row by row, whoever reads the
next lines meanwhile would let a few dozen rows through a batch."""
_CACHED_STATEMENTS = 16
"""Those of many rows are some hundred kilobytes each, prepared."""


class Bulk(Protocol):
    """An import's connection."""

    is_sqlite: bool

    async def stage(self, table: str, columns: Columns, key: Sequence[str] = ()) -> None:
        """Make a staging table; rows that repeat its `key` are dropped by SQLite at once, by statements elsewhere."""
        ...

    async def fill(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, each in the order of the table's columns, to a staging table."""
        ...

    async def run(self, sql: str, **parameters: Any) -> int:
        """One statement with named parameters (`:now`); how many rows it touched."""
        ...

    async def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        ...

    async def begin(self) -> None:
        """Start the writing transaction.  Raises RegisterBusy if another import is under way."""
        ...

    async def settle(self) -> None:
        """After the commit: tell the query planner what changed."""
        ...


@asynccontextmanager
async def open_bulk(db: Database) -> AsyncIterator[Bulk]:
    """A connection; what was begun is committed at the end of the block, undone if it raises.

    Raises DatabaseUnreachable.
    """
    async with _open_sqlite(db.url) if db.is_sqlite else _open_postgresql(db.url) as bulk:
        yield bulk


@asynccontextmanager
async def _open_sqlite(url: URL) -> AsyncIterator[Bulk]:
    folder = Path(url.database or ".").parent
    with tempfile.TemporaryDirectory(prefix=".register-import-", dir=folder) as scratch:
        try:
            # One thread at a time uses it, not always the same.
            connection = sqlite3.connect(
                url.database or "",
                isolation_level=None,
                check_same_thread=False,
                timeout=0,
                cached_statements=_CACHED_STATEMENTS,
            )
        except sqlite3.OperationalError as error:
            raise DatabaseUnreachable from error
        bulk = _Sqlite(connection)
        try:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = NORMAL",
                f"cache_size = -{_SQLITE_CACHE_KB}",
                "temp_store = FILE",
            ):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("ATTACH DATABASE ? AS staging", (f"{scratch}/staging.db",))
            for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_SQLITE_CACHE_KB}"):
                connection.execute(f"PRAGMA staging.{pragma}")
            yield bulk
            await bulk.commit()
            await bulk.settle()
        finally:
            await asyncio.to_thread(bulk.close)


class _Sqlite:
    is_sqlite = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # A thread goes on after whoever waited for it was cancelled: nobody closes the connection under it.
        self._use = Lock()
        self._marks: dict[str, str] = {}
        self._touched = 0

    async def stage(self, table: str, columns: Columns, key: Sequence[str] = ()) -> None:
        described = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        end = f", PRIMARY KEY ({', '.join(key)})) WITHOUT ROWID" if key else ")"
        await self._do(f"CREATE TABLE staging.{table} ({described}{end}")
        self._marks[table] = f"({', '.join('?' * len(columns))})"

    async def fill(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        def insert() -> None:
            with self._use:
                is_own = not self._connection.in_transaction
                if is_own:
                    self._connection.execute("BEGIN")
                for start in range(0, len(rows), _ROWS_AT_ONCE):
                    some = rows[start : start + _ROWS_AT_ONCE]
                    marks = ", ".join([self._marks[table]] * len(some))
                    sql = f"INSERT OR IGNORE INTO staging.{table} VALUES {marks}"  # noqa: S608 - our own names
                    self._connection.execute(sql, list(chain.from_iterable(some)))
                if is_own:
                    self._connection.execute("COMMIT")

        await asyncio.to_thread(insert)

    async def run(self, sql: str, **parameters: Any) -> int:
        count, _ = await self._do(sql, parameters)
        self._touched += max(count, 0)
        return count

    async def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        _, rows = await self._do(sql)
        return rows

    async def begin(self) -> None:
        try:
            await self._do("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise RegisterBusy from error

    async def commit(self) -> None:
        if self._connection.in_transaction:
            await self._do("COMMIT")

    async def settle(self) -> None:
        if self._touched >= MANY_ROWS:
            for sql in ("PRAGMA main.analysis_limit = 1000", "ANALYZE main", "PRAGMA main.wal_checkpoint(TRUNCATE)"):
                await self._do(sql)

    def close(self) -> None:
        """What was not committed is undone."""
        with self._use:
            self._connection.close()

    async def _do(self, sql: str, parameters: Mapping[str, Any] | None = None) -> tuple[int, list[tuple[Any, ...]]]:
        """How many rows a statement touched, and those it gave."""

        def execute() -> tuple[int, list[tuple[Any, ...]]]:
            with self._use:
                cursor = self._connection.execute(sql, parameters or {})
                return cursor.rowcount, cursor.fetchall()

        return await asyncio.to_thread(execute)


@asynccontextmanager
async def _open_postgresql(url: URL) -> AsyncIterator[Bulk]:
    try:
        connection = await asyncpg.connect(
            dsn=url.set(drivername="postgresql").render_as_string(hide_password=False),
            # For this connection alone: what is sorted and compared here has millions of rows.
            server_settings={"work_mem": "64MB", "maintenance_work_mem": "128MB", "application_name": "miss import"},
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnreachable from error
    try:
        bulk = _Postgresql(connection)
        try:
            yield bulk
            await bulk.commit()
            await bulk.settle()
        except BaseException:
            await bulk.roll_back()
            raise
    finally:
        await connection.close()


_NAMED = re.compile(r"(?<!:):([a-z_]+)")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class _Postgresql:
    is_sqlite = False

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._transaction: Any = None
        self._touched = 0

    async def stage(self, table: str, columns: Columns, key: Sequence[str] = ()) -> None:
        described = ", ".join(
            f'{name} {kind} COLLATE "C"' if kind == "text" else f"{name} {kind}" for name, kind in columns.items()
        )
        await self._connection.execute(f"CREATE TEMPORARY TABLE {table} ({described})")

    async def fill(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            await self._connection.copy_to_table(table, source=_copied(rows), format="text")

    async def run(self, sql: str, **parameters: Any) -> int:
        names = list(dict.fromkeys(_NAMED.findall(sql)))
        numbered = _NAMED.sub(lambda match: f"${names.index(match[1]) + 1}", sql)
        done: str = await self._connection.execute(numbered, *(parameters[name] for name in names))
        last = done.rpartition(" ")[2]
        count = int(last) if last.isdigit() else 0
        self._touched += count
        return count

    async def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.fetch(sql)]

    async def begin(self) -> None:
        self._transaction = self._connection.transaction()
        await self._transaction.start()
        if not await self._connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", IMPORT_LOCK):
            raise RegisterBusy

    async def commit(self) -> None:
        if self._transaction is not None:
            await self._transaction.commit()
            self._transaction = None

    async def roll_back(self) -> None:
        if self._transaction is not None and not self._connection.is_closed():
            await self._transaction.rollback()

    async def settle(self) -> None:
        """Index-only scans need the visibility map, and the planner its statistics."""
        if self._touched < MANY_ROWS:
            return
        for name in ("practitioner", "role", "site", "term", "typo", "word", "mailbox", "qualification", "commune"):
            await self._connection.execute(f"VACUUM (ANALYZE) register_{name}")


async def _copied(rows: Iterable[Sequence[Any]]) -> AsyncIterator[bytes]:
    """Rows in COPY's text format.  Texts hold no control character but may hold a backslash."""
    lines = []
    for row in rows:
        line = "\t".join(["\\N" if value is None else str(value) for value in row])
        if "\\" in line:
            line = "\t".join(["\\N" if value is None else str(value).translate(_ESCAPED) for value in row])
        lines.append(line)
        if len(lines) == 5_000:
            yield ("\n".join(lines) + "\n").encode()
            lines.clear()
    if lines:
        yield ("\n".join(lines) + "\n").encode()
