"""The indexes of tables that are filled for the first time: made after the rows, in one go, instead of row by row.

On PostgreSQL the primary key is one of them.  On SQLite these tables are their primary key.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import AddConstraint, CreateIndex, DDLElement, DropIndex


class Index(NamedTuple):
    """The statements that take one index away and make it again."""

    drop: str
    create: str


def indexes_of(tables: Iterable[Table], *, is_sqlite: bool) -> list[Index]:
    """Those of some tables, in an order that is always the same."""
    dialect: Dialect = sqlite.dialect() if is_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    found = []
    for table in tables:
        if not is_sqlite:
            # It has no name in the migrations: PostgreSQL gave it this one, and gives it again.
            drop = f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_pkey"
            # Not isolated: whoever makes the table from this metadata later still wants its key.
            key = AddConstraint(table.primary_key, isolate_from_table=False)
            found.append(Index(drop, _sql(key, dialect)))
        ordered = sorted(table.indexes, key=lambda index: str(index.name))
        found += [Index(_sql(DropIndex(index), dialect), _sql(CreateIndex(index), dialect)) for index in ordered]
    return found


def _sql(statement: DDLElement, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))
