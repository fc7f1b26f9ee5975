from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.storage import Database
from teleexpertise.dispatch.conflicts import Conflict, ConflictReason, Conflicts, model, store
from teleexpertise.dispatch.conflicts.errors import ConflictsFull, ConflictWithSelf
from tests.teleexpertise.dispatch.pools import ANNE, BRUNO, CAROL, REQUESTER
from tests.teleexpertise.one_database import db

__all__ = ["db"]


async def test_an_expert_declares_changes_and_takes_back(db: Database, clock: MovableClock) -> None:
    conflicts = Conflicts(db, clock)
    await conflicts.declare(ANNE, REQUESTER, ConflictReason.OTHER)
    clock.advance(timedelta(seconds=1))
    await conflicts.declare(ANNE, REQUESTER, ConflictReason.FAMILY)
    await conflicts.declare(ANNE, CAROL, ConflictReason.DISPUTE)
    await conflicts.declare(BRUNO, REQUESTER, ConflictReason.FINANCIAL)
    listed = await conflicts.list_(ANNE)
    assert [(one.requester, one.reason) for one in listed] == [
        (CAROL, ConflictReason.DISPUTE),
        (REQUESTER, ConflictReason.FAMILY),
    ]
    async with db.snapshot() as tx:
        assert await conflicts.list_against(tx, REQUESTER) == {ANNE, BRUNO}
        assert await conflicts.list_against(tx, ANNE) == frozenset()
    await conflicts.take_back(ANNE, REQUESTER)
    await conflicts.take_back(ANNE, REQUESTER)
    async with db.snapshot() as tx:
        assert await conflicts.list_against(tx, REQUESTER) == {BRUNO}


async def test_neither_with_oneself_nor_with_everybody(db: Database, clock: MovableClock) -> None:
    conflicts = Conflicts(db, clock)
    with pytest.raises(ConflictWithSelf):
        await conflicts.declare(ANNE, ANNE, ConflictReason.OTHER)
    async with db.transaction() as tx:
        for number in range(model.MAX_CONFLICTS):
            await store.put(
                tx, Conflict(ANNE, PractitionerId(f"requester-{number}"), ConflictReason.OTHER, clock.now())
            )
    with pytest.raises(ConflictsFull):
        await conflicts.declare(ANNE, REQUESTER, ConflictReason.OTHER)
