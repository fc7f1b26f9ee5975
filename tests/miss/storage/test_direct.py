"""Statements on the driver: the same rows on both databases, one transaction, and a clean end when it goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from miss.storage import Database
from miss.storage.columns import JsonText
from miss.storage.direct import DRIVER, Change, HotBatch, HotReads, HotStatement, HotWrites, PortableStatement, write
from miss.storage.errors import DatabaseUnreachable

THING = Table("hot_thing", MetaData(), Column("k", LargeBinary, primary_key=True), Column("n", BigInteger))
ADD = HotBatch(
    "INSERT INTO hot_thing (k, n) SELECT * FROM unnest($1::bytea[], $2::bigint[])", insert(THING), ("k", "n")
)
SET = HotBatch(
    "UPDATE hot_thing SET n = news.n FROM unnest($1::bytea[], $2::bigint[]) AS news (k, n) WHERE hot_thing.k = news.k",
    update(THING).where(THING.c.k == bindparam("of_k")).values(n=bindparam("to_n")),
    ("of_k", "to_n"),
)
ADD_ONE = HotStatement(
    "INSERT INTO hot_thing (k, n) VALUES ($1, $2) RETURNING n",
    insert(THING).values(k=bindparam("key"), n=bindparam("number")).returning(THING.c.n),
    ("key", "number"),
)
AMONG = HotStatement(
    "SELECT k, n FROM hot_thing WHERE k = ANY($1::bytea[]) ORDER BY k",
    select(THING.c.k, THING.c.n).where(THING.c.k.in_(bindparam("ks", expanding=True))).order_by(THING.c.k),
    ("ks",),
)
ABOVE = HotStatement(
    "SELECT k FROM hot_thing WHERE n > $1 AND n < $2 ORDER BY k",
    select(THING.c.k).where(THING.c.n > bindparam("low"), THING.c.n < bindparam("high")).order_by(THING.c.k),
    ("low", "high"),
)
AT = PortableStatement(select(THING.c.n).where(THING.c.k == bindparam("key"), THING.c.n > 0), ("key",))
PUT = PortableStatement(insert(THING), ("k", "n"))
MOVE = PortableStatement(update(THING).where(THING.c.k == bindparam("key"), THING.c.n.in_((1, 2))), ("key", "n"))
BOTH = HotReads(AMONG, ABOVE)
ALL = HotWrites(ADD, SET, ADD_ONE)


SAID = Table("hot_said", MetaData(), Column("k", LargeBinary, primary_key=True), Column("said", JSON))
SAY = PortableStatement(insert(SAID).values(said=bindparam("words", type_=JsonText)), ("k", "words"))
READ = PortableStatement(select(cast(SAID.c.said, Text)).where(SAID.c.k == bindparam("key")), ("key",))


@pytest.fixture
async def things(db: Database) -> AsyncIterator[Database]:
    """A database that holds a → 1, b → 2."""
    async with db.schema_change() as connection:
        await connection.run_sync(THING.create)
    async with db.hot_transaction() as tx:
        assert not await ADD.fetch(tx, (b"a", 1), (b"b", 2))
    yield db
    async with db.schema_change() as connection:
        await connection.run_sync(THING.drop)


async def everything(db: Database) -> list[tuple[Any, ...]]:
    async with db.snapshot() as tx:
        rows: Sequence[Any] = (await (await tx.connection()).execute(select(THING).order_by(THING.c.k))).all()
    return [tuple(row) for row in rows]


async def test_questions_asked_together_are_answered_in_order(things: Database) -> None:
    async with things.hot_reads() as tx:
        assert [tuple(row) for row in await AMONG.fetch(tx, [b"a", b"x"])] == [(b"a", 1)]
        among, above = await BOTH.fetch(tx, [[b"b", b"a"]], (1, 9))
    assert [tuple(row) for row in among] == [(b"a", 1), (b"b", 2)]
    assert [tuple(row) for row in above] == [(b"b",)]


async def test_changes_made_together_are_all_there_and_the_last_one_answers(things: Database) -> None:
    async with things.hot_transaction() as tx:
        rows = await ALL.fetch(tx, [(b"c", 3), (b"d", 4)], [(b"a", 10), (b"b", 20)], (b"e", 5))
        assert [tuple(row) for row in rows] == [(5,)]
    assert await everything(things) == [(b"a", 10), (b"b", 20), (b"c", 3), (b"d", 4), (b"e", 5)]


@pytest.mark.parametrize("way", ["hot_transaction", "transaction"])
async def test_one_form_serves_both_databases_with_its_constants(things: Database, way: str) -> None:
    async with getattr(things, way)() as tx:
        await write(tx, Change(PUT, (b"c", -3)), Change(MOVE, (b"a", 10)), Change(ADD, [(b"d", 4), (b"e", 5)]))
        asked, above = await HotReads(AT, ABOVE).fetch(tx, (b"a",), (3, 6))
        assert [tuple(row) for row in asked] == [(10,)]
        assert [tuple(row) for row in above] == [(b"d",), (b"e",)]
        assert not await AT.fetch(tx, b"c"), "not above the constant"
        await write(tx, Change(MOVE, (b"a", 20)))
        await write(tx)
    assert await everything(things) == [(b"a", 10), (b"b", 2), (b"c", -3), (b"d", 4), (b"e", 5)]


@pytest.mark.parametrize("way", ["hot_transaction", "transaction"])
async def test_json_is_written_and_read_as_its_text(db: Database, way: str) -> None:
    async with db.schema_change() as connection:
        await connection.run_sync(SAID.create)
    async with getattr(db, way)() as tx:
        await SAY.fetch(tx, b"k", '{"é": [1, null]}')
        assert json.loads((await READ.fetch(tx, b"k"))[0][0]) == {"é": [1, None]}
        (parsed,) = await (await tx.connection()).execute(select(SAID.c.said))
    assert parsed[0] == {"é": [1, None]}, "the same as what SQLAlchemy writes"
    async with db.schema_change() as connection:
        await connection.run_sync(SAID.drop)


def test_a_value_that_only_sqlalchemy_would_fill_in_is_refused() -> None:
    filled = Table(
        "hot_filled", MetaData(), Column("k", LargeBinary, primary_key=True), Column("n", BigInteger, default=7)
    )
    with pytest.raises(ValueError, match="n"):
        PortableStatement(insert(filled), ("k",))


async def test_what_is_kept_for_one_transaction_is_nothing_to_the_next(things: Database) -> None:
    async with things.hot_transaction() as tx:
        tx.info["held"] = "until the end"
    async with things.hot_transaction() as tx:
        assert "held" not in tx.info


async def test_a_block_that_raises_leaves_nothing_of_either_kind(things: Database) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        async with things.hot_transaction() as tx:
            await ADD.fetch(tx, (b"c", 3))
            await tx.exec(insert(THING).values(k=b"d", n=4))
            raise RuntimeError("half-way")
    assert await everything(things) == [(b"a", 1), (b"b", 2)]


async def test_what_the_session_is_asked_belongs_to_the_same_transaction(things: Database) -> None:
    async with things.hot_transaction() as tx:
        await ADD.fetch(tx, (b"c", 3))
        await tx.exec(update(THING).where(THING.c.k == b"c").values(n=30))
        assert [tuple(row) for row in await AMONG.fetch(tx, [b"c"])] == [(b"c", 30)]
    async with things.hot_transaction() as tx:
        # The next one on that connection sees what there is now, not what the last one remembered.
        assert [tuple(row) for row in await AMONG.fetch(tx, [b"c"])] == [(b"c", 30)]
    assert (b"c", 30) in await everything(things)


async def test_a_key_that_is_taken_has_the_same_name_on_both_databases(things: Database) -> None:
    with pytest.raises(IntegrityError):
        async with things.hot_transaction() as tx:
            await ALL.fetch(tx, [(b"c", 3), (b"a", 4)], [(b"a", 10)], (b"e", 5))
    assert await everything(things) == [(b"a", 1), (b"b", 2)]
    async with things.hot_transaction() as tx:
        assert not await ADD.fetch(tx, (b"c", 3))


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_a_connection_lost_in_a_transaction_is_an_outage_and_the_next_one_is_new(things: Database) -> None:
    with pytest.raises(DatabaseUnreachable):
        async with things.hot_transaction() as tx:
            await ADD.fetch(tx, (b"c", 3))
            await _end_backend(things, tx.info[DRIVER].get_server_pid())
            await ADD.fetch(tx, (b"d", 4))
    async with things.hot_transaction() as tx:
        await ADD.fetch(tx, (b"e", 5))
    assert await everything(things) == [(b"a", 1), (b"b", 2), (b"e", 5)]


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_connections_lost_between_two_transactions_are_not_noticed(things: Database) -> None:
    async with things.hot_transaction() as tx:
        hot = tx.info[DRIVER]
    async with things.transaction() as tx:
        pooled: Any = (await (await tx.connection()).get_raw_connection()).driver_connection
    for driver in (hot, pooled):
        closed = asyncio.Event()
        driver.add_termination_listener(lambda _driver, closed=closed: closed.set())
        await _end_backend(things, driver.get_server_pid())
        await asyncio.wait_for(closed.wait(), 5)
    async with things.hot_transaction() as tx:
        await ADD.fetch(tx, (b"c", 3))
    async with things.transaction() as tx:
        await tx.exec(insert(THING).values(k=b"d", n=4))
    assert await everything(things) == [(b"a", 1), (b"b", 2), (b"c", 3), (b"d", 4)]


async def _end_backend(db: Database, pid: int) -> None:
    """As the operator of PostgreSQL would."""
    other = Database(db.url.render_as_string(hide_password=False).replace("+asyncpg", ""))
    async with other.transaction() as tx:
        await (await tx.connection()).execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await other.close()
