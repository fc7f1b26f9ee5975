"""Deletions told while this device was away, or before what they delete: applied all the same, forged ones noted."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.base.ids import ConversationId
from miss.client import Client, Store
from miss.client.events import ServerLied
from miss.client.store.statements import PendingStatement, StatementKind
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.tombstones import compose_tombstone
from miss.protocol.wire.frames import Del, Heads
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import join, linked_store, texts
from tests.miss.client.script import Script, bob_on, saying
from tests.miss.client.test_sync import CID, ENVELOPES, TEAM, heads, msg
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, Person


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Bob's, in Alice's conversation."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    yield store
    store.close()


def deletion(seq: int, signer: Person = ALICE, cid: ConversationId = CID) -> Del:
    """Alice deletes what stands at `seq`."""
    tombstone = compose_tombstone(
        cid=cid,
        seq=seq,
        env_hash=hash_envelope(ENVELOPES[seq]),
        uid=ALICE.uid,
        did=ALICE.did,
        ts_ms=NOW_MS + 9,
        ik=signer.keys.ik,
    )
    return Del(cid, seq, tombstone.raw, ALICE.uid)


async def hold(store: Store, *seqs: int) -> None:
    """Let Bob's device have had these messages."""
    script = Script(saying([heads(0), *(msg(seq) for seq in seqs)]))
    async with bob_on(script, store) as bob:
        await until_true(bob, lambda: len(bob.messages(CID)) == len(seqs))


def deleted(bob: Client) -> list[int]:
    return [one.seq for one in bob.messages(CID) if one.is_deleted]


async def test_a_device_that_was_away_learns_what_was_deleted(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        async with server.online(PAUL_EXEMPLE) as bob:
            cid = await alice.create_conversation([bob_uid])
            for text in ("un", "deux", "trois"):
                await alice.wait_sent(alice.send_text(cid, text))
            await until_true(bob, lambda: len(texts(bob, cid)) == 3)
        for seq in (1, 3):  # by tombstone alone: no message tells of it
            env_hash = alice._store.messages.env_hash_at(cid, seq)
            assert env_hash is not None
            device = alice._store.device.get()
            raw = compose_tombstone(
                cid=cid, seq=seq, env_hash=env_hash, uid=device.uid, did=device.did, ts_ms=NOW_MS, ik=device.keys.ik
            ).raw
            alice._store.statements.add(PendingStatement(cid, seq, StatementKind.TOMBSTONE, raw))
        alice._parts.statements.wake()
        await until_true(alice, lambda: all(alice.message(cid, seq).is_deleted for seq in (1, 3)))
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["", "deux", ""]
        assert bob.message(cid, 1).deleted_at is not None
        assert bob.incidents() == []
        assert bob.split_views(cid) == []


async def test_only_what_happened_since_all_was_here_is_asked_for(store: Store) -> None:
    first = Script(saying([heads(0)]))
    async with bob_on(first, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
    second = Script(saying([heads(0)]))
    async with bob_on(second, store) as bob, asyncio.timeout(WAIT_S):
        resume_ms = store.device.resume()
        assert resume_ms is not None
        await bob.wait_synced()
    assert first.asked_deletions == ["/api/chat/deletions?since=0&after="]
    assert second.asked_deletions == [f"/api/chat/deletions?since={resume_ms - 60_000}&after="]


async def test_a_device_that_holds_nothing_asks_for_nothing(tmp_path: Path) -> None:
    with linked_store(tmp_path / "new.db", BOB, ALICE) as store:
        script = Script(saying([Heads(())]))
        async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
            await bob.wait_synced()
        assert script.asked_deletions == []


async def test_a_forged_deletion_in_the_list_is_noted_and_the_others_count(store: Store) -> None:
    await hold(store, 1, 2, 3)
    script = Script(saying([heads(3)]))
    script.deletions = [deletion(1, signer=BOB), deletion(2), deletion(7)]
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert deleted(bob) == [2]
        assert [(one.code, one.cid, one.uid) for one in bob.incidents()] == [("tombstone_forged", CID, None)]


@pytest.mark.parametrize("listed", [[], [1]], ids=["empty pages", "the same page"])
async def test_a_list_without_end_is_given_up_and_asked_for_again(store: Store, listed: list[int]) -> None:
    await hold(store, 1)
    resume_ms = store.device.resume()
    script = Script(saying([heads(1)]))
    script.deletions, script.more_deletions = [deletion(seq) for seq in listed], True
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        events = bob.events()
        await bob.wait_synced()
        assert [event.code async for event in _lies(events, 1)] == ["deletions_without_end"]
        assert deleted(bob) == listed
    assert len(script.asked_deletions) <= 2
    assert store.device.resume() == resume_ms


async def _lies(events, count: int):  # type: ignore[no-untyped-def]
    while count:
        event = await anext(events)
        if isinstance(event, ServerLied):
            count -= 1
            yield event


async def test_a_list_that_cannot_be_had_holds_up_nothing_and_is_asked_for_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miss.client.sync.RETRY_S", 0.05)
    await hold(store, 1)
    resume_ms = store.device.resume()
    script = Script(saying([heads(1)]))
    script.answers_http = False
    script.deletions = [deletion(1)]
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        await bob.wait_synced()
        assert deleted(bob) == []
        script.answers_http = True
        await until_true(bob, lambda: deleted(bob) == [1])
    assert store.device.resume() == resume_ms


async def test_a_deletion_that_overtakes_its_message_waits_for_it(store: Store) -> None:
    script = Script(saying([heads(0), msg(1), deletion(2), deletion(3), msg(3), msg(2)]))
    async with bob_on(script, store) as bob:
        await until_true(bob, lambda: deleted(bob) == [2, 3])
        assert texts(bob, CID) == ["1", "", ""]
