"""A task holds one connection of a database at a time; other tasks, and other databases, do not concern it."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import text

from miss.storage import Database, Transaction
from miss.storage.nesting import Holders, NestedTransaction

WAYS = ("snapshot", "transaction", "hot_transaction", "hot_reads")


def enter(db: Database, way: str) -> AbstractAsyncContextManager[Transaction]:
    entered: AbstractAsyncContextManager[Transaction] = getattr(db, way)()
    return entered


@pytest.mark.parametrize("outer", WAYS)
@pytest.mark.parametrize("inner", WAYS)
async def test_a_second_connection_of_the_same_database_is_refused(db: Database, outer: str, inner: str) -> None:
    async with enter(db, outer):
        with pytest.raises(NestedTransaction):
            async with enter(db, inner):
                pytest.fail("a rush would stop here")
    async with enter(db, inner) as tx:
        assert (await (await tx.connection()).execute(text("SELECT 1"))).scalar_one() == 1


async def test_who_is_handed_the_transaction_reads_in_it(db: Database) -> None:
    async with db.transaction() as tx, db.reading(tx) as reading:
        assert reading is tx
    async with db.reading(None) as reading:
        assert (await (await reading.connection()).execute(text("SELECT 1"))).scalar_one() == 1


async def test_another_task_and_another_database_are_their_own(db: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path}/other.db")

    async def read() -> None:
        async with db.snapshot():
            pass

    async with db.snapshot(), other.snapshot():
        await asyncio.create_task(read())
    await other.close()


async def test_in_production_nothing_is_refused(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Holders, "is_one_enough", False)
    async with db.snapshot(), db.snapshot():
        pass
