"""The outbox drained through the real server: in order, once, whatever moves meanwhile."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from miss.base.ids import BlobId, ConversationId, MessageId
from miss.base.random import system_random
from miss.client import Client
from miss.client.errors import ServerRefused, UnknownMessage
from miss.client.events import SendFailed, Sent
from miss.client.store import Store
from miss.client.store.outbox import Draft
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.crypto.envelopes import Body, hash_envelope, seal_envelope
from miss.protocol.crypto.receipts import Leaf, log_next, log_start, sign_batch
from miss.protocol.wire.frames import Ack, Err, Head, Heads, Msg, Send
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import CLOCK, ChatServer, Proxy, until_true
from tests.miss.client.devices import join, linked_store, texts
from tests.miss.client.files.test_photo import jpeg
from tests.miss.client.script import Script, bob_on, saying
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, OPERATOR, team

MID = MessageId(b"m" * 16)
TEAM = team()
CID = TEAM.commit.core.cid


def seal_as(store: Store, cid: ConversationId, text: str) -> bytes:
    """An envelope under the last epoch this device knows."""
    device, epoch = store.device.get(), store.conversations.last_epoch(cid)
    assert epoch is not None
    assert epoch.es is not None
    return seal_envelope(
        es=epoch.es,
        commit=epoch.commit,
        did=device.did,
        ik=device.keys.ik,
        body=Body(mid=MID, ts=1_790_000_000_000, type="text", text=text),
        random_bytes=system_random,
    )


def draft(text: str) -> Draft:
    return Draft(1_790_000_000_000, "text", text)


async def talk(server: ChatServer, *others: str) -> ConversationId:
    """A conversation that Alice leads."""
    _, *uids = await server.link_everybody(ANNE_MODELE, *others)
    async with server.online(ANNE_MODELE) as alice:
        return await alice.create_conversation(uids[:1])


async def test_written_offline_leaves_in_order(server: ChatServer) -> None:
    cid = await talk(server, PAUL_EXEMPLE)
    written = [f"{number}" for number in range(5)]
    with server.store(ANNE_MODELE) as store:
        offline = Client.open(store, clock=CLOCK, random_bytes=system_random)
        for text in written:
            offline.send_text(cid, text)
        assert [waiting.text for waiting in offline.outgoing(cid)] == written

    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        await until_true(bob, lambda: texts(bob, cid) == written)
        await until_true(alice, lambda: alice.outgoing(cid) == [])
        assert texts(alice, cid) == written


async def test_an_acknowledgement_that_was_lost_is_given_again(server: ChatServer) -> None:
    cid = await talk(server, PAUL_EXEMPLE)
    async with (
        server.online(PAUL_EXEMPLE) as bob,
        Proxy(server) as proxy,
        server.online(ANNE_MODELE, proxy.url) as alice,
    ):
        proxy.quiet = True
        mid = alice.send_text(cid, "une fois")
        await until_true(bob, lambda: texts(bob, cid) == ["une fois"])
        assert alice.outgoing(cid)
        proxy.cut()
        proxy.quiet = False

        assert await alice.wait_sent(mid) == 1
        await alice.wait_sent(alice.send_text(cid, "ensuite"))
        await until_true(bob, lambda: texts(bob, cid) == ["une fois", "ensuite"])
        assert texts(alice, cid) == ["une fois", "ensuite"]


async def test_a_stale_epoch_is_answered_by_sealing_the_same_message_anew(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        async with server.online(PAUL_EXEMPLE) as bob:
            await until_true(bob, lambda: bob.conversations())
        with server.store(PAUL_EXEMPLE) as store:
            store.outbox.add(MID, cid, draft("scellé trop tôt"))
            store.outbox.keep_envelope(MID, seal_as(store, cid, "scellé trop tôt"))
        await alice.add_member(cid, carol_uid)

        async with server.online(PAUL_EXEMPLE) as bob, server.online(CLAIRE_TEMOIN) as carol:
            await bob.wait_sent(MID)
            await until_true(carol, lambda: texts(carol, cid) == ["scellé trop tôt"])
            assert [message.mid for message in carol.messages(cid)] == [MID]


async def test_a_conflict_with_an_earlier_sealing_of_ours_is_a_delivery(server: ChatServer) -> None:
    cid = await talk(server, PAUL_EXEMPLE)
    with server.store(ANNE_MODELE) as store:
        store.outbox.add(MID, cid, draft("deux sceaux"))
        first = seal_as(store, cid, "deux sceaux")
        store.outbox.keep_envelope(MID, first)
        copy = server.store_path(ANNE_MODELE).read_bytes()
        wal = server.store_path(ANNE_MODELE).with_name(server.store_path(ANNE_MODELE).name + "-wal").read_bytes()
    async with server.online(ANNE_MODELE) as alice:
        assert await alice.wait_sent(MID) == 1

    # The disk of before comes back, and the message was sealed once more before the connection.
    server.store_path(ANNE_MODELE).write_bytes(copy)
    server.store_path(ANNE_MODELE).with_name(server.store_path(ANNE_MODELE).name + "-wal").write_bytes(wal)
    with server.store(ANNE_MODELE) as store:
        second = seal_as(store, cid, "deux sceaux")
        assert hash_envelope(second) != hash_envelope(first)
        store.outbox.keep_envelope(MID, second)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        await until_true(alice, lambda: not alice.outgoing(cid))
        assert texts(alice, cid) == texts(bob, cid) == ["deux sceaux"]


async def test_a_conflict_with_something_else_asks_for_a_person(server: ChatServer) -> None:
    cid = await talk(server, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        mid = alice.send_text(cid, "le vrai")
        await alice.wait_sent(mid)
    with server.store(ANNE_MODELE) as store:
        envelope = seal_as(store, cid, "un autre")
        store.outbox.add(mid, cid, draft("un autre"))
        store.outbox.keep_envelope(mid, envelope)

    async with server.online(ANNE_MODELE) as alice:
        await until_true(alice, lambda: [one.failed for one in alice.outgoing(cid)] == ["conflict"])
        assert texts(alice, cid) == ["le vrai"]


async def test_a_refused_message_waits_and_lets_the_next_one_go(server: ChatServer) -> None:
    cid = await talk(server, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        events = alice.events()
        too_long = alice.send_text(cid, "x" * 70_000)
        with pytest.raises(ServerRefused) as refused:
            await alice.wait_sent(too_long)
        assert refused.value.server_code in {"envelope_too_large", "bad_body"}
        await alice.wait_sent(alice.send_text(cid, "court"))

        told = [await anext(events) for _ in range(2)]
        assert [type(event) for event in told] == [SendFailed, Sent]
        assert [waiting.mid for waiting in alice.outgoing(cid)] == [too_long]
        with pytest.raises(ServerRefused):
            await alice.wait_sent(too_long)
        alice.discard(too_long)
        with pytest.raises(UnknownMessage):
            await alice.wait_sent(too_long)


async def test_a_photo_survives_the_loss_of_its_upload(server: ChatServer) -> None:
    cid = await talk(server, PAUL_EXEMPLE)
    with server.store(ANNE_MODELE) as store:
        offline = Client.open(store, clock=CLOCK, random_bytes=system_random)
        mid = await offline.send_photo(cid, jpeg(), "vue de face")
        # Uploaded in another life, and swept since.
        store.outbox.set_blob_id(mid, 0, BlobId(b"b" * 16))

    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        await alice.wait_sent(mid)
        await until_true(bob, lambda: texts(bob, cid) == ["vue de face"])
        photo = await bob.fetch_photo(bob.messages(cid)[0])
        assert photo == await alice.fetch_photo(alice.messages(cid)[0])


# What is hard to make a real server do


@pytest.fixture
def bobs_store(tmp_path: Path) -> Iterator[Store]:
    """Bob's, in Alice's conversation, with one message to send."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    store.outbox.add(MID, CID, draft("de Bob"))
    yield store
    store.close()


def acknowledged(
    sent: Send, *, env: bytes | None = None, seq: int = 1, key: SigningKey = OPERATOR.rc, ts_ms: int = NOW_MS
) -> Ack:
    """What the server answers to a deposit, if it has `env` and signs with `key`."""
    env_hash = hash_envelope(sent.env if env is None else env)
    leaf = Leaf(sent.cid, seq, env_hash, log_next(log_start(sent.cid), env_hash, seq), NOW_MS)
    (receipt,) = sign_batch([leaf], key)
    return Ack(sent.ref, sent.mid, 1, ts_ms, receipt.to_bytes())


async def test_the_same_bytes_go_again_on_the_next_connection(bobs_store: Store) -> None:
    script = Script()
    async with bob_on(script, bobs_store):
        (first,) = await script.hear(Send, 1)
    script = Script()
    script.answer_send = acknowledged
    async with bob_on(script, bobs_store) as bob:
        assert await bob.wait_sent(MID) == 1

    (again,) = [frame for frame in script.others if isinstance(frame, Send)]
    assert (again.mid, again.env) == (first.mid, first.env)


@pytest.mark.parametrize(
    "flaw",
    [{"env": b"something else"}, {"seq": 2}, {"key": OPERATOR.op}, {"ts_ms": NOW_MS - 1}],
    ids=["another envelope", "another place", "not the receipt key", "another time"],
)
async def test_an_acknowledgement_that_proves_nothing_is_no_delivery(bobs_store: Store, flaw: dict[str, Any]) -> None:
    script = Script()
    script.answer_send = lambda sent: acknowledged(sent, **flaw)
    async with bob_on(script, bobs_store) as bob:
        with pytest.raises(ServerRefused) as refused:
            await bob.wait_sent(MID)

        assert refused.value.server_code == "receipt_forged"
        assert [waiting.text for waiting in bob.outgoing(CID)] == ["de Bob"]
        assert bob.messages(CID) == []


async def test_a_place_that_holds_another_message_is_no_delivery(bobs_store: Store) -> None:
    there = seal_envelope(
        es=TEAM.es,
        commit=TEAM.commit,
        did=ALICE.did,
        ik=ALICE.keys.ik,
        body=Body(mid=MessageId(b"a" * 16), ts=NOW_MS, type="text", text="d'Alice"),
        random_bytes=system_random,
    )
    script = Script(saying([Msg(CID, 1, there, NOW_MS)]))
    script.answer_send = acknowledged
    async with bob_on(script, bobs_store) as bob, asyncio.timeout(WAIT_S):
        with pytest.raises(ServerRefused) as refused:
            await bob.wait_sent(MID)
        assert refused.value.server_code == "receipt_forged"
        assert [message.text for message in bob.messages(CID)] == ["d'Alice"]


async def test_a_conflict_is_a_delivery_if_one_of_our_sealings_is_there(bobs_store: Store) -> None:
    earlier = seal_as(bobs_store, CID, "de Bob")
    bobs_store.outbox.keep_envelope(MID, earlier)
    bobs_store.outbox.keep_envelope(MID, seal_as(bobs_store, CID, "de Bob"))
    script = Script(saying([Heads((Head(CID, 0, 0, 1),))]))
    script.log = {1: earlier}
    script.answer_send = lambda sent: Err(sent.ref, "conflict", seq=1, env_hash=hash_envelope(earlier))
    async with bob_on(script, bobs_store) as bob:
        assert await bob.wait_sent(MID) == 1
        assert texts(bob, CID) == ["de Bob"]
        assert bob.outgoing(CID) == []


async def test_a_conflict_with_what_we_never_sent_is_none(bobs_store: Store) -> None:
    script = Script(saying([Heads((Head(CID, 0, 0, 1),))]))
    script.answer_send = lambda sent: Err(sent.ref, "conflict", seq=1, env_hash=b"h" * 32)
    async with bob_on(script, bobs_store) as bob:
        with pytest.raises(ServerRefused) as refused:
            await bob.wait_sent(MID)
        assert refused.value.server_code == "conflict"


async def test_a_temporary_refusal_is_tried_again(bobs_store: Store) -> None:
    script = Script()
    script.answer_send = lambda sent: (
        acknowledged(sent) if len(script.others) > 1 else Err(sent.ref, "database_unreachable", retry_after_s=0.01)
    )
    async with bob_on(script, bobs_store) as bob:
        assert await bob.wait_sent(MID) == 1
    first, second = (frame for frame in script.others if isinstance(frame, Send))
    assert first.env == second.env
