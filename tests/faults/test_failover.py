"""PostgreSQL fails over to a standby, or ends in the midst of statements: nobody is refused for good, nothing is lost.

Everybody who uses the database meanwhile hears `DatabaseUnreachable`, whatever the driver and SQLAlchemy call it, and
goes on by themselves once somebody serves writes again.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from miss.storage import Database
from miss.storage.direct import HotStatement
from miss.storage.errors import DatabaseUnreachable
from tests.faults.pair import Cluster, Pair, postgresql_pair
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.long

PATIENCE_S = 60.0
WORKERS = 6
"""Of each kind."""
_INSERT = text("INSERT INTO written VALUES (:id)")
_COUNT = text("SELECT count(*) FROM written")
_HOT_INSERT = HotStatement("INSERT INTO written VALUES ($1)", _INSERT, ("id",))
_HOT_COUNT = HotStatement("SELECT count(*) FROM written", _COUNT)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with postgresql_pair() as made:
        yield made


@dataclass
class Crowd:
    """Writers and readers on every way into the database, who never stop and note what they were told."""

    db: Database
    acknowledged: set[int] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    """For good: everything but `DatabaseUnreachable`."""
    away: int = 0
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self) -> None:
        number = next(self._ids)
        async with self.db.transaction() as tx:
            await (await tx.connection()).execute(_INSERT, {"id": number})
        self.acknowledged.add(number)

    async def write_hot(self) -> None:
        number = next(self._ids)
        async with self.db.hot_transaction() as tx:
            await _HOT_INSERT.fetch(tx, number)
        self.acknowledged.add(number)

    async def read(self) -> None:
        async with self.db.snapshot() as tx:
            await (await tx.connection()).execute(_COUNT)

    async def read_hot(self) -> None:
        async with self.db.hot_reads() as tx:
            await _HOT_COUNT.fetch(tx)

    async def until_written(self, more: int) -> None:
        """Until so many more writes were acknowledged."""
        wanted = len(self.acknowledged) + more
        await self._until(lambda: len(self.acknowledged) >= wanted)

    async def until_away(self) -> None:
        """Until somebody heard that the database is away."""
        before = self.away
        await self._until(lambda: self.away > before)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                self._told.clear()
                await self._told.wait()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        ways = (self.write, self.write_hot, self.read, self.read_hot)
        tasks = [asyncio.create_task(self._keep(way)) for way in ways for _ in range(WORKERS)]
        try:
            await self.until_written(50)
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, way: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await way()
            except DatabaseUnreachable:
                self.away += 1
                await asyncio.sleep(0.01)  # nobody asks a database that is away as fast as they can
            except Exception as error:
                self.refused[f"{way.__name__}: {_named(error)}"] += 1
            self._told.set()


def _named(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    code = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"{type(error).__name__} {code or ''} {str(error)[:80]}" + (f" < {_named(cause)}" if cause else "")


@asynccontextmanager
async def crowd_on(serving: list[Cluster]) -> AsyncIterator[Crowd]:
    """A crowd whose new connections go to the first of `serving`, where the table is."""
    line = Proxy(lambda: serving[0].port)
    asked = await asyncpg.connect(serving[0].url)
    await asked.execute("CREATE TABLE written (id bigint PRIMARY KEY)")
    await asked.close()
    await line.start()
    db = Database(make_url(serving[0].url).set(port=line.port).render_as_string(hide_password=False))
    try:
        yield Crowd(db)
    finally:
        await db.close()
        await line.close()


async def _written(cluster: Cluster) -> set[int]:
    asked = await asyncpg.connect(cluster.url)
    try:
        return {row[0] for row in await asked.fetch("SELECT id FROM written")}
    finally:
        await asked.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT])
async def test_a_standby_takes_over(pair: Pair, how: signal.Signals) -> None:
    serving = [pair.first]
    async with crowd_on(serving) as crowd, crowd.at_work():
        await asyncio.to_thread(pair.first.kill, how)
        await crowd.until_away()
        # Whoever knocks at the standby before it was promoted can read there, and not write.
        serving[0] = pair.second
        await crowd.until_away()
        await asyncio.to_thread(pair.second.promote)
        await crowd.until_written(50)
    assert not crowd.refused
    assert crowd.acknowledged <= await _written(pair.second)


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT])
async def test_it_ends_and_starts_again(pair: Pair, how: signal.Signals) -> None:
    async with crowd_on([pair.first]) as crowd, crowd.at_work():
        for _ in range(5):
            await asyncio.to_thread(pair.first.kill, how)
            await crowd.until_away()
            await asyncio.to_thread(pair.first.start)
            await crowd.until_written(20)
    assert not crowd.refused
    assert crowd.acknowledged <= await _written(pair.first)


async def test_connections_to_a_server_that_only_reads_are_given_up(pair: Pair) -> None:
    """The proxy's answer was the standby for a moment: nobody stays there."""
    serving = [pair.first]
    async with crowd_on(serving) as crowd:
        for way in (crowd.write, crowd.write_hot):
            serving[0] = pair.second
            await crowd.db.close()
            with pytest.raises(DatabaseUnreachable):
                await way()
            serving[0] = pair.first
            await way()
