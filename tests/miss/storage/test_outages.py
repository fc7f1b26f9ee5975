"""What a database says when the same statement may succeed a moment later, and when it will not."""

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable
from miss.storage.outages import is_astray, is_away


@pytest.mark.parametrize("sqlstate", ["08006", "25006", "25P03", "53100", "53300", "55P03", "57P01", "57P03", "58030"])
def test_it_is_away(sqlstate: str) -> None:
    assert is_away(sqlstate)


@pytest.mark.parametrize("sqlstate", [None, "", "22001", "23505", "25P02", "42601"])
def test_the_statement_is_wrong(sqlstate: str | None) -> None:
    assert not is_away(sqlstate)


@pytest.mark.parametrize("error", [asyncpg.ReadOnlySQLTransactionError(), asyncpg.InternalClientError()])
def test_the_connection_leads_nowhere(error: Exception) -> None:
    assert is_astray(error)


@pytest.mark.parametrize("error", [None, asyncpg.UniqueViolationError(), asyncpg.InterfaceError("misused"), OSError()])
def test_the_connection_may_be_used_again(error: Exception | None) -> None:
    assert not is_astray(error)


async def test_a_file_that_reads_otherwise_than_it_was_written_is_an_outage(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    db = Database(f"sqlite:///{file}")
    async with db.transaction() as tx:
        await (await tx.connection()).execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, said TEXT UNIQUE)"))
        await (await tx.connection()).execute(text("INSERT INTO note VALUES (1, 'présente')"))
    with pytest.raises(IntegrityError):
        async with db.transaction() as tx:
            await (await tx.connection()).execute(text("INSERT INTO note VALUES (2, 'présente')"))
    await db.close()
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"?" * (len(content) - 4096))
    db = Database(f"sqlite:///{file}")
    with pytest.raises(DatabaseUnreachable):
        async with db.snapshot() as tx:
            await (await tx.connection()).execute(text("SELECT said FROM note"))
    await db.close()
