"""Statements of the one hot path, run on PostgreSQL's driver itself.  ADR 26

To prepare, compile from its cache and adapt one statement costs SQLAlchemy about 0.3 ms of CPU; asyncpg runs it in
0.03.  Storing a message takes six of them, so where thousands of messages a second pass (`miss.chat.delivery`) they
go to the driver, inside the very transaction that SQLAlchemy opened and will commit.  Everywhere else, and on SQLite,
whose driver is a thread away in any case, statements are SQLAlchemy's.

Refuses to open or end a transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from miss.storage.errors import DatabaseUnreachable
from miss.storage.outages import is_away

_DRIVER: Final = "miss.driver"
"""Where a session keeps what `_driver_of` found."""


class HotStatement:
    """One statement in two forms; both give the same rows, which the tests show on both databases."""

    def __init__(self, postgresql: str, core: Executable) -> None:
        """`postgresql`: with `$1`, `$2`…; `core`: with parameters named as `fetch` gets them, in that order."""
        self._sql = postgresql
        self._core = core

    async def fetch(self, tx: AsyncSession, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The rows, each readable by position.

        Raises DatabaseUnreachable, IntegrityError, and the driver's errors for a statement that is wrong.
        """
        driver = await _driver_of(tx)
        if driver is None:
            return (await (await tx.connection()).execute(self._core, parameters)).all()
        with _named_failures(self._sql):
            rows: Sequence[Any] = await driver.fetch(self._sql, *parameters.values())
            return rows


class HotBatch:
    """One statement for many rows: on PostgreSQL a single one over `unnest`ed columns."""

    def __init__(self, postgresql: str, core: Executable, columns: Sequence[str]) -> None:
        """`postgresql`: takes one array a column, in the order of `columns`, which name the parameters of `core`."""
        self._sql = postgresql
        self._core = core
        self._columns = tuple(columns)

    async def run(self, tx: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it for at least one row, each in the order of the columns.  Raises as `HotStatement.fetch`."""
        driver = await _driver_of(tx)
        if driver is None:
            named = [dict(zip(self._columns, row, strict=True)) for row in rows]
            await (await tx.connection()).execute(self._core, named)
            return
        with _named_failures(self._sql):
            await driver.execute(self._sql, *map(list, zip(*rows, strict=True)))


async def _driver_of(tx: AsyncSession) -> Any:
    """asyncpg's connection, in the session's open transaction; None on another database."""
    if _DRIVER not in tx.info:
        connection = await tx.connection()
        driver = None
        if connection.dialect.name == "postgresql":
            # SQLAlchemy begins the driver's transaction with the first statement that it sends itself.
            await connection.exec_driver_sql("SELECT 1")
            driver = (await connection.get_raw_connection()).driver_connection
        tx.info[_DRIVER] = driver
    return tx.info[_DRIVER]


@contextmanager
def _named_failures(sql: str) -> Iterator[None]:
    """What SQLAlchemy would have made of the driver's errors."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise IntegrityError(sql, None, error) from error
    except (asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise DatabaseUnreachable from error
    except asyncpg.PostgresError as error:
        if is_away(error.sqlstate):
            raise DatabaseUnreachable from error
        raise
