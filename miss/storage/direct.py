"""Statements of the hot paths, run on PostgreSQL's driver itself.  ADR 26, ADR 27

To prepare, compile from its cache and adapt one statement costs SQLAlchemy about 0.3 ms of CPU; asyncpg runs it in
0.03, and most of what is left is the way to the server and back.  So where thousands of messages a second pass
(`miss.chat.delivery`) statements go to the driver, and those that need not wait for each other go together: what a
batch has to know is one question (`HotReads`), what it changes one order (`HotWrites`).  Everywhere else, and on
SQLite, whose driver is a thread away in any case, statements are SQLAlchemy's, one after the other.

Where several rooms write in one step (`teleexpertise.requests.record`), their stores say what is to be written as
`Change`s, and `write` makes them together.

Refuses to open or end a transaction: `Database.hot_transaction` does.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, NamedTuple

import asyncpg
from sqlalchemy import ClauseElement, Executable
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel.ext.asyncio.session import AsyncSession

from miss.storage.errors import DatabaseUnreachable
from miss.storage.outages import is_away

DRIVER: Final = "miss.driver"
"""Where a session of `Database.hot_transaction` keeps asyncpg's connection; absent on another database."""

_PLACE = re.compile(r"\$(\d+)")
_POSTGRESQL = make_url("postgresql+asyncpg://").get_dialect()()


class HotStatement:
    """One statement in two forms; both give the same rows, which the tests show on both databases."""

    def __init__(self, postgresql: str, core: Executable, names: Sequence[str] = ()) -> None:
        """`postgresql`: with `$1`, `$2`…; `core`: with parameters of these names, in that order."""
        self.sql = postgresql
        self.names = tuple(names)
        self.places = len(self.names)
        self._core = core

    def arguments(self, values: Sequence[Any]) -> Sequence[Any]:
        """What the driver gets for `values`, which are given in the order of the names."""
        return values

    async def fetch(self, tx: AsyncSession, *values: Any) -> Sequence[Any]:
        """The rows, each readable by position; `values` in the order of the names.

        Raises DatabaseUnreachable, IntegrityError, and the driver's errors for a statement that is wrong.
        """
        driver = tx.info.get(DRIVER)
        if driver is None:
            return await self.fetch_core(tx, values)
        return await _run(driver, self.sql, self.arguments(values))

    async def fetch_core(self, tx: AsyncSession, values: Sequence[Any]) -> Sequence[Any]:
        """`fetch` through SQLAlchemy."""
        named = dict(zip(self.names, values, strict=True))
        result = await (await tx.connection()).execute(self._core, named)
        return result.all() if result.returns_rows else ()


class PortableStatement(HotStatement):
    """One statement in one form: SQLAlchemy writes it for PostgreSQL once, when its module is read.

    For what both databases say alike; a list of any length is `ANY` on PostgreSQL and needs a `HotStatement`.
    """

    def __init__(self, core: Executable, names: Sequence[str] = ()) -> None:
        """`core`: with parameters of these names; its other parameters are constants.  Raises ValueError for one
        that is neither: a default of a column, which only SQLAlchemy would fill in."""
        if not isinstance(core, ClauseElement):
            raise TypeError("a statement is needed")
        written = core.compile(dialect=_POSTGRESQL, column_keys=list(names))
        assert isinstance(written, SQLCompiler)  # noqa: S101 - what a dialect makes of a statement that is no DDL
        state = written.construct_expanded_state(dict.fromkeys(names))
        super().__init__(state.statement, core, names)
        in_order = state.positiontup or ()
        self._constants = {name: state.parameters[name] for name in in_order if name not in names}
        if None in self._constants.values():
            raise ValueError(f"parameters without a value: {sorted(self._constants)}")
        self._in_order = in_order
        self.places = len(in_order)

    def arguments(self, values: Sequence[Any]) -> Sequence[Any]:
        """In the order in which PostgreSQL's form has them, with the constants."""
        named = dict(zip(self.names, values, strict=True), **self._constants)
        return [named[name] for name in self._in_order]


class HotBatch(HotStatement):
    """One statement for many rows: on PostgreSQL a single one over `unnest`ed columns, one array a name.

    Its values are rows, each in the order of the names; at least one.
    """

    def arguments(self, values: Sequence[Any]) -> Sequence[Any]:
        """One array a column."""
        return [list(column) for column in zip(*values, strict=True)]

    async def fetch(self, tx: AsyncSession, *values: Any) -> Sequence[Any]:
        """Run it for these rows; nothing comes back.  Raises as `HotStatement.fetch`."""
        driver = tx.info.get(DRIVER)
        if driver is None:
            return await self.fetch_core(tx, values)
        return await _run(driver, self.sql, self.arguments(values))

    async def fetch_core(self, tx: AsyncSession, values: Sequence[Any]) -> Sequence[Any]:
        """`fetch` through SQLAlchemy: its way of running one statement for many rows."""
        named = [dict(zip(self.names, row, strict=True)) for row in values]
        await (await tx.connection()).execute(self._core, named)
        return ()


class HotReads:
    """Questions that are asked together: one way to the server and back, and one state of it for all answers."""

    def __init__(self, *statements: HotStatement) -> None:
        self._statements = statements
        parts = [f"ARRAY(SELECT ROW(part.*) FROM ({sql}) AS part)" for sql in _renumbered(statements)]  # noqa: S608
        self._sql = f"SELECT {', '.join(parts)}"

    async def fetch(self, tx: AsyncSession, *values: Sequence[Any]) -> list[Sequence[Any]]:
        """The rows of each statement, in order; `values`: those of each.  Raises as `HotStatement.fetch`."""
        driver = tx.info.get(DRIVER)
        if driver is None:
            asked = zip(self._statements, values, strict=True)
            return [await statement.fetch_core(tx, each) for statement, each in asked]
        return list((await _run(driver, self._sql, _joined(self._statements, values)))[0])


class HotWrites:
    """Changes of different tables that are made together; PostgreSQL makes them in any order."""

    def __init__(self, *statements: HotStatement) -> None:
        """The rows that come back are those of the last one."""
        self._statements = statements
        *first, last = _renumbered(statements)
        parts = [f"part_{number} AS ({sql})" for number, sql in enumerate(first)]
        self._sql = f"WITH {', '.join(parts)} {last}" if parts else last

    async def fetch(self, tx: AsyncSession, *values: Sequence[Any]) -> Sequence[Any]:
        """Make them; the rows of the last.  `values`: those of each statement.  Raises as `HotStatement.fetch`."""
        driver = tx.info.get(DRIVER)
        if driver is None:
            asked = zip(self._statements, values, strict=True)
            return [await statement.fetch_core(tx, each) for statement, each in asked][-1]
        return await _run(driver, self._sql, _joined(self._statements, values))


class Change(NamedTuple):
    """A statement that writes, with its values: what a store wants written, before it is."""

    statement: HotStatement
    values: Sequence[Any]


async def write(tx: AsyncSession, *changes: Change) -> None:
    """Make changes, no two of them of one row.  Raises as `HotStatement.fetch`."""
    if changes:
        together = _together(tuple(change.statement for change in changes))
        await together.fetch(tx, *(change.values for change in changes))


@lru_cache(maxsize=256)
def _together(statements: tuple[HotStatement, ...]) -> HotWrites:
    return HotWrites(*statements)


def _renumbered(statements: Sequence[HotStatement]) -> list[str]:
    """Their SQL, with each one's places counted on from those before."""
    texts, before = [], 0
    for statement in statements:
        start = before
        texts.append(_PLACE.sub(lambda place: f"${int(place[1]) + start}", statement.sql))  # noqa: B023 - used at once
        before += statement.places
    return texts


def _joined(statements: Sequence[HotStatement], values: Sequence[Sequence[Any]]) -> list[Any]:
    pairs = zip(statements, values, strict=True)
    return [argument for statement, each in pairs for argument in statement.arguments(each)]


async def _run(driver: Any, sql: str, arguments: Sequence[Any]) -> Sequence[Any]:
    with named_driver_failures(sql):
        rows: Sequence[Any] = await driver.fetch(sql, *arguments)
        return rows


@contextmanager
def named_driver_failures(sql: str = "") -> Iterator[None]:
    """What SQLAlchemy would have made of the driver's errors."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise IntegrityError(sql, None, error) from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError) as error:
        raise DatabaseUnreachable from error
    except asyncpg.PostgresError as error:
        if is_away(error.sqlstate):
            raise DatabaseUnreachable from error
        raise
