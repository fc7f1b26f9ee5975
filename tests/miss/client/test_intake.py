"""What comes in: verified, stored in its place, announced after; what does not hold keeps its place with a reason."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from miss.base.clock import MovableClock, from_ms
from miss.base.ids import MessageId
from miss.client.epochs import Epochs
from miss.client.errors import ServerUnreachable
from miss.client.events import Announcer, EventStream, MessageReceived, MessageRefused, Sent
from miss.client.identity import Identities
from miss.client.intake import Intake
from miss.client.model import NAME, Role
from miss.client.server_time import ServerTime
from miss.client.store.outbox import Draft
from miss.protocol.crypto.commits import Commit
from miss.protocol.crypto.envelopes import Body, hash_envelope, seal_envelope
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.receipts import log_next, log_start
from miss.protocol.wire.frames import Item
from tests.miss.client.devices import join, linked_store
from tests.miss.client.doubles import Server
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, Person, Stream, body, chains, team

TEAM = team()
CID = TEAM.commit.core.cid
NOTHING: dict[str, list[bytes]] = {"commits": [], "boxes": [], "histories": []}


def seal(author: Person, content: Body, seed: str = "envelope") -> bytes:
    return seal_envelope(
        es=TEAM.es, commit=TEAM.commit, did=author.did, ik=author.keys.ik, body=content, random_bytes=Stream(seed)
    )


def item(seq: int, env: bytes) -> Item:
    return Item(seq, env, NOW_MS + seq)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Bob's device, a member of Alice's conversation."""
    store, server, announcer = linked_store(tmp_path / "bob.db", BOB, ALICE), Server(), Announcer()
    join(store, TEAM)
    time, api, device = ServerTime(MovableClock(from_ms(NOW_MS))), server.api(BOB), store.device.get()
    identities = Identities(store, device.root, api, time, announcer)
    epochs = Epochs(store, device, identities, api, time, Stream("epochs"), announcer)
    intake = Intake(store, device, identities, epochs, announcer)
    yield SimpleNamespace(store=store, server=server, intake=intake, events=announcer.stream())
    store.close()


async def drain(events: EventStream) -> list[object]:
    events.put(None)
    return [event async for event in events]


async def test_messages_are_stored_in_order_then_announced(house: SimpleNamespace) -> None:
    first, second = seal(ALICE, body("un", 1), "a"), seal(ALICE, body("deux", 2), "b")

    await house.intake.take(CID, [item(1, first), item(2, second)], 2)

    messages = house.store.messages.list_(CID)
    assert [(one.seq, one.text, one.uid, one.is_mine) for one in messages] == [
        (1, "un", ALICE.uid, False),
        (2, "deux", ALICE.uid, False),
    ]
    assert house.store.conversations.get(CID).synced_seq == 2
    assert await drain(house.events) == [MessageReceived(message) for message in messages]
    log = log_next(log_start(CID), hash_envelope(first), 1)
    assert house.store.messages.log_at(CID, 2) == log_next(log, hash_envelope(second), 2)


async def test_the_same_items_again_change_nothing(house: SimpleNamespace) -> None:
    items = [item(1, seal(ALICE, body("un")))]
    await house.intake.take(CID, items, 1)
    await house.intake.take(CID, items, 1)

    assert len(await drain(house.events)) == 1


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        (b"\x93garbage", "bad_envelope"),
        (seal(ALICE, body("un"))[:-1] + b"\0", "envelope_unreadable"),
        (seal(CAROL, body("un")), "unknown_sender"),
    ],
)
async def test_what_does_not_hold_keeps_its_place(house: SimpleNamespace, env: bytes, reason: str) -> None:
    house.server.shows_chain(ALICE)
    house.server.shows_chain(BOB)

    await house.intake.take(CID, [item(1, env), item(2, seal(ALICE, body("deux", 2)))], 2)

    refused, received = house.store.messages.list_(CID)
    assert (refused.refused, refused.text, refused.uid) == (reason, "", None)
    assert received.text == "deux"
    assert await drain(house.events) == [MessageRefused(refused), MessageReceived(received)]


def commit_of_everybody() -> Commit:
    """The conversation's second commit, which Bob's device has not seen yet."""
    commit, _ = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER, CAROL.uid: Role.MEMBER},
        policy=TEAM.commit.core.policy,
        chains=chains(ALICE, BOB, CAROL),
        random_bytes=Stream("second"),
        previous=TEAM.commit,
    )
    return commit


async def test_a_message_under_another_secret_than_the_epochs(house: SimpleNamespace) -> None:
    env = seal_envelope(
        es=b"x" * 32, commit=TEAM.commit, did=ALICE.did, ik=ALICE.keys.ik, body=body("un"), random_bytes=Stream("a")
    )
    await house.intake.take(CID, [item(1, env)], 1)

    assert house.store.messages.list_(CID)[0].refused == "wrong_commit_key"


async def test_a_message_under_a_commit_the_server_does_not_know_either(house: SimpleNamespace) -> None:
    house.server.answers[f"/api/chat/conversations/{CID.hex()}/commits"] = 200, NOTHING
    env = seal_envelope(
        es=TEAM.es,
        commit=commit_of_everybody(),
        did=ALICE.did,
        ik=ALICE.keys.ik,
        body=body("un"),
        random_bytes=Stream("a"),
    )
    await house.intake.take(CID, [item(1, env)], 1)

    assert house.store.messages.list_(CID)[0].refused == "wrong_commit"


async def test_a_replay_is_refused(house: SimpleNamespace) -> None:
    env, again = seal(ALICE, body("un"), "a"), seal(ALICE, body("un"), "b")

    await house.intake.take(CID, [item(1, env), item(2, env), item(3, again)], 3)

    reasons = [message.refused for message in house.store.messages.list_(CID)]
    assert reasons == ["", "message_replayed", "message_replayed"]


async def test_a_deleted_message_leaves_its_place(house: SimpleNamespace) -> None:
    await house.intake.take(CID, [item(1, b""), item(2, seal(ALICE, body("deux", 2)))], 2)

    deleted, received = house.store.messages.list_(CID)
    assert deleted.is_deleted
    assert received.text == "deux"
    assert house.store.messages.log_at(CID, 2) is None  # what lies before it is not known any more


async def test_our_own_message_settles_the_outbox(house: SimpleNamespace) -> None:
    own = body("de moi", 7)
    house.store.outbox.add(own.mid, CID, Draft(NOW_MS, "text", "de moi"))

    await house.intake.take(CID, [item(1, seal(BOB, own))], 1)

    assert house.store.outbox.find(own.mid) is None
    assert await drain(house.events) == [Sent(CID, own.mid, 1)]
    assert house.store.messages.list_(CID)[0].is_mine


async def test_an_acknowledged_message_is_stored_as_sent(house: SimpleNamespace) -> None:
    own = Body(mid=MessageId(b"7" * 16), ts=NOW_MS, type="text", text="de moi")
    house.store.outbox.add(own.mid, CID, Draft(NOW_MS, "text", "de moi"))
    entry = house.store.outbox.find(own.mid)

    house.intake.keep_own(entry, seal(BOB, own), 2, NOW_MS + 5)
    assert house.store.conversations.get(CID).synced_seq == 0  # 1 is missing
    await house.intake.take(CID, [item(1, seal(ALICE, body("un")))], 1)

    assert house.store.conversations.get(CID).synced_seq == 2
    mine = house.store.messages.find(CID, 2)
    assert (mine.text, mine.mid, mine.is_mine, mine.deposited_at) == ("de moi", own.mid, True, from_ms(NOW_MS + 5))
    assert house.store.outbox.find(own.mid) is None


async def test_only_an_admin_names_the_conversation(house: SimpleNamespace) -> None:
    by_alice = Body(mid=MessageId(b"1" * 16), ts=NOW_MS, type=NAME, text="Aile B")
    by_bob = Body(mid=MessageId(b"2" * 16), ts=NOW_MS, type=NAME, text="Autre nom")

    await house.intake.take(CID, [item(1, seal(ALICE, by_alice, "a")), item(2, seal(BOB, by_bob, "b"))], 2)

    assert house.store.conversations.get(CID).name == "Aile B"


async def test_nothing_is_stored_when_the_keys_cannot_be_had(house: SimpleNamespace) -> None:
    house.server.answers[f"/api/chat/conversations/{CID.hex()}/commits"] = 502, b"gateway"
    later = seal_envelope(
        es=b"e" * 32,
        commit=commit_of_everybody(),
        did=ALICE.did,
        ik=ALICE.keys.ik,
        body=body("deux", 2),
        random_bytes=Stream("b"),
    )

    with pytest.raises(ServerUnreachable):
        await house.intake.take(CID, [item(1, seal(ALICE, body("un"))), item(2, later)], 2)

    assert house.store.messages.list_(CID) == []
    assert house.store.conversations.get(CID).synced_seq == 0
