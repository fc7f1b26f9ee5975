import asyncio

import pytest
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.storage import Database
from teleexpertise.availability import Availabilities
from teleexpertise.dispatch import Decision, Dispatch
from teleexpertise.dispatch import store as dispatch_store
from teleexpertise.dispatch.model import TURN, Candidate, Choice, Exclusion
from teleexpertise.dispatch.tables import PoolMemberRow, PoolRow
from tests.teleexpertise.dispatch.pools import ANNE, BRUNO, NOW, POOL, a_need


async def assign(dispatch: Dispatch, db: Database, number: int) -> None:
    """As somebody else does, on another connection."""
    async with db.transaction() as tx:
        await dispatch.assign(tx, POOL.id, a_need(number), NOW)


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_what_was_read_before_the_lock_is_read_again_under_it(
    db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    """On SQLite nobody writes in between: the transaction holds the file from its beginning."""
    dispatch = Dispatch(db, clock, random_bytes, Availabilities(db, clock))
    async with db.transaction() as tx:
        await dispatch_store.insert_pool(tx, POOL, NOW)
    await dispatch.put_member(POOL.id, ANNE)
    async with db.transaction() as tx:
        seen = [*(await tx.exec(select(PoolRow))), *(await tx.exec(select(PoolMemberRow)))]
        for number in (1, 2):
            await asyncio.create_task(assign(dispatch, db, number))
        pool = await dispatch.lock_pool(tx, POOL.id)
        (member,) = await dispatch.list_members(tx, pool, NOW)
        assert len(seen) == 2
    assert (pool.virtual_time, member.credit, member.open_count) == (TURN, 2 * TURN, 2)


async def test_a_decision_survives_its_json(db: Database) -> None:
    decision = Decision(
        (Candidate(ANNE, (Exclusion.CAP, Exclusion.QUOTA), TURN, NOW, NOW), Candidate(BRUNO, credit=2**40)),
        BRUNO,
        Choice.CONTINUITY,
        ANNE,
        NOW,
        True,
        2**40,
        {BRUNO: 2**40 + TURN},
    )
    async with db.transaction() as tx:
        await dispatch_store.insert_pool(tx, POOL, NOW)
        await dispatch_store.insert_decision(tx, "decision-1", a_need().request_id, POOL.id, None, decision, NOW)
    async with db.snapshot() as tx:
        recorded = dispatch_store.Recorded(NOW, POOL.id, decision)
        assert await dispatch_store.list_decisions(tx, a_need().request_id, 10) == [recorded]
