"""Catching up: in order, without a gap, whatever order the server speaks in."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from miss.base.ids import ConversationId
from miss.client import Client, Store
from miss.client.events import Event, MessageReceived, Synced
from miss.client.store.conversations import RECEIVED
from miss.directory.sample.people import ANNE_MODELE
from miss.protocol.crypto.commits import Commit
from miss.protocol.crypto.envelopes import seal_envelope
from miss.protocol.crypto.receipts import compose_read_receipt, log_start
from miss.protocol.wire.frames import Frame, Head, Heads, Msg, Read, Recv
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import first_epoch, join, linked_store, next_epoch, texts
from tests.miss.client.script import Script, bob_on, saying
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, Stream, body, team

TEAM = team()
CID = TEAM.commit.core.cid
ENVELOPES = {
    seq: seal_envelope(
        es=TEAM.es,
        commit=TEAM.commit,
        did=ALICE.did,
        ik=ALICE.keys.ik,
        body=body(f"{seq}", seq),
        random_bytes=Stream(f"envelope {seq}"),
    )
    for seq in range(1, 8)
}


def seal(commit: Commit, es: bytes, text: str) -> bytes:
    return seal_envelope(
        es=es, commit=commit, did=ALICE.did, ik=ALICE.keys.ik, body=body(text), random_bytes=Stream(text)
    )


def heads(last_seq: int, read_seq: int = 0) -> Heads:
    return Heads((Head(CID, last_seq, read_seq, 1),))


def msg(seq: int) -> Msg:
    return Msg(CID, seq, ENVELOPES[seq], NOW_MS + seq)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Bob's, in Alice's conversation."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    yield store
    store.close()


async def received(client: Client, count: int) -> list[str]:
    """The texts of the next messages announced."""
    found: list[str] = []
    events = client.events()
    async with asyncio.timeout(WAIT_S):
        while len(found) < count:
            event: Event = await anext(events)
            if isinstance(event, MessageReceived):
                found.append(event.message.text)
    return found


async def test_what_is_missing_is_pulled_page_by_page(store: Store) -> None:
    script = Script(saying([heads(5)]))
    script.log, script.page_items = {seq: ENVELOPES[seq] for seq in range(1, 6)}, 2
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()

        assert texts(bob, CID) == ["1", "2", "3", "4", "5"]
        assert script.pulls == [(1, 5), (3, 5), (5, 5)]
        assert store.conversations.get(CID).synced_seq == 5
        assert store.device.resume() is not None


async def test_only_what_is_missing_is_pulled(store: Store) -> None:
    script = Script(saying([heads(2)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2)}
    async with bob_on(script, store) as bob:
        await bob.wait_synced()
    script = Script(saying([heads(3)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2, 3)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()

        assert script.pulls == [(3, 3)]
        assert texts(bob, CID) == ["1", "2", "3"]


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 1, 3), (3, 2, 1), (1, 1, 3, 2, 2)])
async def test_messages_that_overtake_each_other_are_put_in_order(store: Store, order: Sequence[int]) -> None:
    frames: list[Frame] = [heads(0), *(msg(seq) for seq in order)]
    script = Script(saying(frames))
    async with bob_on(script, store) as bob:
        assert await received(bob, 3) == ["1", "2", "3"]
        assert script.pulls == []


async def test_a_gap_is_pulled_after_a_moment(store: Store) -> None:
    script = Script(saying([heads(0), msg(1), msg(4)]))
    script.log = {seq: ENVELOPES[seq] for seq in range(1, 5)}
    async with bob_on(script, store) as bob:
        assert await received(bob, 4) == ["1", "2", "3", "4"]
        assert script.pulls == [(2, 4)]


async def test_heads_at_any_time_repair_a_lost_publication(store: Store) -> None:
    script = Script(saying([heads(0), msg(1), heads(2)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2)}
    async with bob_on(script, store) as bob:
        assert await received(bob, 2) == ["1", "2"]


def read(seq: int) -> Read:
    """Alice has opened everything up to `seq`."""
    receipt = compose_read_receipt(
        cid=CID, seq=seq, log=log_start(CID), uid=ALICE.uid, did=ALICE.did, ts_ms=NOW_MS, ik=ALICE.keys.ik
    )
    return Read(CID, seq, receipt.raw, ALICE.uid)


@pytest.mark.parametrize("marker", [Recv(CID, 2, ALICE.uid), read(2)], ids=["received", "read"])
async def test_a_receipt_that_comes_before_its_message_has_it_pulled(store: Store, marker: Frame) -> None:
    script = Script(saying([heads(0), msg(1), marker]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2)}
    async with bob_on(script, store) as bob:
        assert await received(bob, 2) == ["1", "2"]
        assert script.pulls == [(2, 2)]


async def test_receipts_of_what_is_here_and_of_nothing_known_pull_nothing(store: Store) -> None:
    strangers = ConversationId(b"?" * 32)
    markers: list[Frame] = [Recv(CID, 1, ALICE.uid), read(1), Recv(strangers, 9, ALICE.uid), Recv(CID, 1, CAROL.uid)]
    script = Script(saying([heads(0), msg(1), *markers, msg(2)]))
    async with bob_on(script, store) as bob:
        assert await received(bob, 2) == ["1", "2"]
        assert script.pulls == []
        assert store.conversations.markers(CID, RECEIVED) == {ALICE.uid: 1}
        assert store.conversations.markers(strangers, RECEIVED) == {}


async def test_what_was_never_ours_to_read_is_not_waited_for(tmp_path: Path) -> None:
    alone, _ = first_epoch(ALICE)
    joined, es = next_epoch(alone, ALICE, BOB)
    cid, envelope = joined.core.cid, seal(joined, es, "bienvenue")
    script = Script(saying([Heads((Head(cid, 4, 0, 2),))]))
    script.log = {4: envelope}
    with linked_store(tmp_path / "newcomer.db", BOB, ALICE) as store:
        store.conversations.add(cid, 0)
        store.conversations.add_epoch(alone, None)
        store.conversations.add_epoch(joined, es)
        async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
            await bob.wait_synced()
            assert texts(bob, cid) == ["bienvenue"]
            assert script.pulls == [(1, 4)]


async def test_what_the_server_leaves_out_is_withheld(store: Store) -> None:
    script = Script(saying([heads(5)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 4)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        withheld = "message_withheld"
        assert texts(bob, CID) == ["1", withheld, withheld, "4", withheld]


async def test_what_was_withheld_is_asked_for_again_on_the_next_connection(store: Store) -> None:
    script = Script(saying([heads(4)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 4)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
    script = Script(saying([heads(4)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2, 3, 4)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert texts(bob, CID) == ["1", "2", "3", "4"]
        assert script.pulls == [(2, 3)]
    async with bob_on(Script(saying([heads(4)])), store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert bob.split_views(CID) == []


async def test_a_log_said_to_be_longer_than_it_is(store: Store) -> None:
    far = 2**53 - 1
    script = Script(saying([heads(far), msg(3)]))
    script.log = {1: ENVELOPES[1], 2: ENVELOPES[2]}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        await until_true(bob, lambda: texts(bob, CID)[:3] == ["1", "2", "3"])  # what was said of 3 was not true
        assert bob.messages(CID, 3)[0].refused == "message_withheld"

    script = Script(saying([heads(4)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2, 3, 4)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert texts(bob, CID) == ["1", "2", "3", "4"]
        assert store.conversations.get(CID).synced_seq == 4
        assert bob.split_views(CID) == []  # nothing that held was taken back


async def test_an_empty_range_is_not_asked_for_twice(store: Store) -> None:
    script = Script(saying([heads(3)]))
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert script.pulls == [(1, 3)]
        assert store.conversations.get(CID).synced_seq == 3


async def test_what_was_read_on_another_device_counts_as_read(store: Store) -> None:
    script = Script(saying([heads(2, read_seq=2)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()

        assert bob.conversation(CID).unread == 0


async def test_the_server_is_told_what_was_received(store: Store) -> None:
    script = Script(saying([heads(2)]))
    script.log = {seq: ENVELOPES[seq] for seq in (1, 2)}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert [frame.seq for frame in await script.hear(Recv, 1)] == [2]


async def test_a_refused_envelope_does_not_hold_up_the_others(store: Store) -> None:
    script = Script(saying([heads(3)]))
    script.log = {1: ENVELOPES[1], 2: ENVELOPES[2][:-1] + b"\0", 3: ENVELOPES[3]}
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()

        assert texts(bob, CID) == ["1", "envelope_unreadable", "3"]


async def test_caught_up_is_told_again_after_a_new_connection(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        events = alice.events()
        await server.stop()
        await server.start()
        async with asyncio.timeout(WAIT_S):
            while not isinstance(await anext(events), Synced):
                pass
