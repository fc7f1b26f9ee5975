"""The list of recent publications."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import AccountId, ConversationId
from miss.chat.notices import store
from miss.chat.notices.model import Committed, Linked, Told
from miss.chat.service import NOTICES_LIFE, SWEEP_JOB
from miss.storage import Database
from tests.miss.chat.acts import runner
from tests.miss.chat.kit import EACH_DATABASE, Place, Process
from tests.miss.chat.world import World

OURS, THEIRS = b"o" * 16, b"t" * 16
COMMITTED = Committed(ConversationId(b"c" * 32), 2)
LINKED = Linked(AccountId(b"u" * 16), 3)


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_process_reads_what_others_wrote_after_a_number(db: Database, clock: MovableClock) -> None:
    now = clock.now()
    async with db.transaction() as tx:
        start = await store.last_number(tx)
        first = await store.append(tx, THEIRS, (COMMITTED,), now)
        await store.append(tx, OURS, (LINKED,), now)
        last = await store.append(tx, THEIRS, (LINKED, Told((), b"frame", True)), now)
        assert start < first < last == await store.last_number(tx)
        found = await store.list_after(tx, start, not_from=OURS)
        assert [(bulletin.number, bulletin.notices) for bulletin in found] == [(first, (COMMITTED,)), (last, (LINKED,))]
        assert [bulletin.number for bulletin in await store.list_after(tx, first, not_from=OURS)] == [last]


async def test_the_sweep_forgets_what_every_process_has_seen(process: Process, world: World, place: Place) -> None:
    async with place.db.transaction() as tx:
        old = await store.append(tx, THEIRS, (COMMITTED,), place.clock.now())
    place.clock.advance(NOTICES_LIFE + timedelta(minutes=1))
    async with place.db.transaction() as tx:
        young = await store.append(tx, THEIRS, (LINKED,), place.clock.now())
    assert await runner(process, world, SWEEP_JOB).run_due() == 1
    async with place.db.snapshot() as tx:
        assert [bulletin.number for bulletin in await store.list_after(tx, old - 1, not_from=OURS)] == [young]
