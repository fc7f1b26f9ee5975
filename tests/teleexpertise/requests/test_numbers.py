"""On both databases: two requests that come together get two numbers, the year's first two too."""

import asyncio

from miss.storage import Database
from teleexpertise.requests import store
from tests.conditions import WAIT_S
from tests.conftest import db

__all__ = ["db"]


async def test_the_first_requests_of_a_year_may_come_together(db: Database) -> None:
    if not db.is_sqlite:
        # A plain race is lost too rarely to prove anything: here the second comes while the first is not committed.
        async with asyncio.timeout(WAIT_S):
            async with db.transaction() as tx:
                first = await store.take_number(tx, 2027)
                second = asyncio.create_task(_take(db))
                await asyncio.sleep(0)
            assert {first, await second} == {"TE27000001", "TE27000002"}
    taken = await asyncio.gather(*(_take(db, year=2028) for _ in range(8)))
    assert sorted(taken) == [f"TE2800000{rank}" for rank in range(1, 9)]


async def _take(db: Database, year: int = 2027) -> str:
    async with db.transaction() as tx:
        return await store.take_number(tx, year)
