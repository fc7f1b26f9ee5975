"""Telling how far one has received and read: what was not told is told again, at most once a second."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.base.clock import monotonic_s
from miss.client.errors import UnknownMessage
from miss.client.store import Store
from miss.protocol.crypto.receipts import log_start, parse_read_receipt, verify_read_receipt
from miss.protocol.wire.frames import Read, Recv, Typing
from tests.miss.client.devices import join, linked_store
from tests.miss.client.script import Script, bob_on
from tests.miss.protocol.people import ALICE, BOB, team

TEAM = team()
CID = TEAM.commit.core.cid


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Bob's, in Alice's conversation, with three messages received."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    store.conversations.advance(CID, last_seq=3, synced_seq=3)
    yield store
    store.close()


async def test_a_read_receipt_is_signed_and_told_after_the_reception(store: Store) -> None:
    store.conversations.advance(CID, read_seq=2)
    script = Script()
    async with bob_on(script, store):
        (received,), (read,) = await script.hear(Recv, 1), await script.hear(Read, 1)

    assert (received.seq, read.seq) == (3, 2)
    receipt = parse_read_receipt(read.receipt)
    verify_read_receipt(receipt, BOB.chain)
    assert (receipt.cid, receipt.seq, receipt.uid, receipt.log) == (CID, 2, BOB.uid, log_start(CID))


async def test_what_was_told_is_not_told_again_on_the_next_connection(store: Store) -> None:
    script = Script()
    async with bob_on(script, store):
        await script.hear(Recv, 1)
    store.conversations.advance(CID, read_seq=3)

    script = Script()
    async with bob_on(script, store):
        await script.hear(Read, 1)
    assert [type(frame) for frame in script.others] == [Read]


async def test_read_while_offline_is_told_later(store: Store) -> None:
    script = Script()
    async with bob_on(script, store) as bob:
        bob.mark_read(CID, 3)
        assert [frame.seq for frame in await script.hear(Read, 1)] == [3]


async def test_what_is_read_in_silence_is_never_told_and_the_next_place_is(store: Store) -> None:
    store.device.set_tells_reading(False)
    store.conversations.advance(CID, read_seq=1)
    script = Script()
    async with bob_on(script, store) as bob:
        assert not bob.tells_reading
        assert [frame.seq for frame in await script.hear(Recv, 1)] == [3], "what has arrived is told all the same"
        bob.typing(CID, on=True)
        await script.hear(Typing, 1)
        assert [type(frame) for frame in script.others] == [Recv, Typing]
        bob.mark_read(CID, 2)
        bob.set_tells_reading(True)
        assert store.conversations.get(CID).read_reported_seq == 2, "there is nothing left to tell of it"

    script = Script()
    async with bob_on(script, store) as bob:
        assert bob.tells_reading
        bob.mark_read(CID, 3)
        assert [frame.seq for frame in await script.hear(Read, 1)] == [3]


async def test_one_report_a_second_for_a_conversation(store: Store) -> None:
    script = Script()
    async with bob_on(script, store) as bob:
        bob.mark_read(CID, 1)
        await script.hear(Read, 1)
        first_s = monotonic_s()
        for seq in (2, 3):
            bob.mark_read(CID, seq)
            await asyncio.sleep(0)
        reads = await script.hear(Read, 2)

        assert [frame.seq for frame in reads] == [1, 3]
        assert monotonic_s() - first_s > 0.8


async def test_what_is_not_here_yet_cannot_have_been_read(store: Store) -> None:
    async with bob_on(Script(), store) as bob:
        with pytest.raises(UnknownMessage):
            bob.mark_read(CID, 4)
