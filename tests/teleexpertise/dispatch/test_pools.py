"""What people write about a pool, on record, and undoing it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.ids import PoolId, PractitionerId
from miss.base.random import RandomBytes
from miss.storage import Database
from teleexpertise.availability import Availabilities, Availability
from teleexpertise.availability.errors import NeverOpen, UnknownZone
from teleexpertise.dispatch import Dispatch, Terms
from teleexpertise.dispatch.model import TURN
from teleexpertise.dispatch.policies import Policy
from teleexpertise.dispatch.pools import Pools, Sheet
from teleexpertise.dispatch.pools.errors import ChangeOvertaken, ChangeUnknown, FallbackUnknown, SheetIncomplete
from teleexpertise.dispatch.pools.model import sheet_of
from tests.teleexpertise.dispatch.pools import ALWAYS, ANNE, BRUNO, NOW, POOL, a_need
from tests.teleexpertise.one_database import db

__all__ = ["db"]

BY = PractitionerId("coordinator")
SHEET = sheet_of(POOL, Policy())


@pytest.fixture
def dispatch(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Dispatch:
    return Dispatch(db, clock, random_bytes, Availabilities(db, clock))


@pytest.fixture
def pools(db: Database, clock: MovableClock, random_bytes: RandomBytes, dispatch: Dispatch) -> Pools:
    return Pools(db, clock, random_bytes, dispatch)


async def written(pools: Pools, dispatch: Dispatch, db: Database, pool_id: PoolId) -> Sheet:
    async with db.snapshot() as tx:
        return sheet_of(await dispatch.get_pool(tx, pool_id), await pools.get_policy(tx, pool_id))


async def test_a_sheet_is_changed_and_undone_and_done_again(pools: Pools, dispatch: Dispatch, db: Database) -> None:
    other = await pools.create("dermatologie", SHEET)
    pool_id = await pools.create("dermatologie", SHEET)
    changed = replace(
        SHEET, name="Nord", hours=ALWAYS, open_now_only=True, accept_within=timedelta(hours=2), zone="Indian/Reunion",
        policy=Policy(departments=frozenset({"974"}), fallbacks=(other,), fallback_percent=50),
    )  # fmt: skip
    change = await pools.change(pool_id, changed, BY)
    assert change is not None
    assert await written(pools, dispatch, db, pool_id) == changed
    assert await pools.change(pool_id, changed, BY) is None, "nothing new, nothing on record"
    undone = await pools.undo(pool_id, change.id, BY)
    assert await written(pools, dispatch, db, pool_id) == SHEET
    assert undone is not None
    with pytest.raises(ChangeOvertaken):
        await pools.undo(pool_id, change.id, BY)
    await pools.undo(pool_id, undone.id, BY)
    assert await written(pools, dispatch, db, pool_id) == changed
    async with db.snapshot() as tx:
        assert [one.after for one in await pools.list_changes(tx, pool_id)] == [changed, SHEET, changed]
    with pytest.raises(ChangeUnknown):
        await pools.undo(other, change.id, BY)


async def test_undoing_gives_nobody_their_turns_back(pools: Pools, dispatch: Dispatch, db: Database) -> None:
    pool_id = await pools.create("dermatologie", SHEET)
    joined = await pools.put_member(pool_id, ANNE, Terms(cap=3), BY)
    await pools.put_member(pool_id, BRUNO, Terms(), BY)
    async with db.transaction() as tx:
        await dispatch.assign(tx, pool_id, a_need(), NOW)
    louder = await pools.put_member(pool_id, ANNE, Terms(weight=4, cap=3), BY)
    assert joined is not None
    assert louder is not None
    with pytest.raises(ChangeOvertaken):
        await pools.undo(pool_id, joined.id, BY)
    await pools.undo(pool_id, louder.id, BY)
    await pools.undo(pool_id, joined.id, BY)
    async with db.snapshot() as tx:
        anne, bruno = await dispatch.list_members(tx, await dispatch.get_pool(tx, pool_id), NOW)
        [taker] = await pools.list_takers(tx, "dermatologie")
    assert (anne.terms, anne.credit, bruno.credit) == (Terms(cap=3, active=False), TURN, 0)
    assert taker.members == {BRUNO}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"name": "  "}, SheetIncomplete),
        ({"accept_within": timedelta(0)}, SheetIncomplete),
        ({"zone": "Europe/Lille"}, UnknownZone),
        ({"hours": Availability()}, NeverOpen),
        ({"policy": Policy(fallbacks=(PoolId("nowhere"),))}, FallbackUnknown),
    ],
)
async def test_a_sheet_with_which_no_pool_works_is_refused(
    changes: dict[str, Any], refused: type[MissError], pools: Pools, dispatch: Dispatch, db: Database
) -> None:
    pool_id = await pools.create("dermatologie", SHEET)
    with pytest.raises(refused):
        await pools.change(pool_id, replace(SHEET, **changes), BY)
    with pytest.raises(FallbackUnknown):
        await pools.change(pool_id, replace(SHEET, policy=Policy(fallbacks=(pool_id,))), BY)
    assert await written(pools, dispatch, db, pool_id) == SHEET
