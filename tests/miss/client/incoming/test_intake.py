"""What comes in: verified, stored in its place, announced after; what does not hold keeps its place with a reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.base.clock import from_ms
from miss.base.ids import MessageId
from miss.client.errors import ServerUnreachable
from miss.client.events import MessageReceived, MessageRefused, Sent
from miss.client.model import NAME, Role
from miss.client.store.outbox import Draft
from miss.protocol.crypto.commits import Commit
from miss.protocol.crypto.envelopes import Body, hash_envelope, seal_envelope
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.receipts import log_next, log_start
from miss.protocol.wire.frames import Item
from tests.miss.client.bench import Bench, bench
from tests.miss.client.devices import first_epoch, join, linked_store, next_epoch
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
def house(tmp_path: Path) -> Iterator[Bench]:
    """Bob's device, a member of Alice's conversation."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    yield bench(store, BOB)
    store.close()


async def test_messages_are_stored_in_order_then_announced(house: Bench) -> None:
    first, second = seal(ALICE, body("un", 1), "a"), seal(ALICE, body("deux", 2), "b")

    await house.intake.take(CID, [item(1, first), item(2, second)], 2)

    messages = house.store.messages.list_(CID)
    assert [(one.seq, one.text, one.uid, one.is_mine) for one in messages] == [
        (1, "un", ALICE.uid, False),
        (2, "deux", ALICE.uid, False),
    ]
    assert house.store.conversations.get(CID).synced_seq == 2
    assert await house.told() == [MessageReceived(message) for message in messages]
    log = log_next(log_start(CID), hash_envelope(first), 1)
    assert house.store.messages.log_at(CID, 2) == log_next(log, hash_envelope(second), 2)


async def test_the_same_items_again_change_nothing(house: Bench) -> None:
    items = [item(1, seal(ALICE, body("un")))]
    await house.intake.take(CID, items, 1)
    await house.intake.take(CID, items, 1)

    assert len(await house.told()) == 1


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        (b"\x93garbage", "bad_envelope"),
        (seal(ALICE, body("un"))[:-1] + b"\0", "envelope_unreadable"),
        (seal(CAROL, body("un")), "unknown_sender"),
    ],
)
async def test_what_does_not_hold_keeps_its_place(house: Bench, env: bytes, reason: str) -> None:
    house.server.shows_chain(ALICE)
    house.server.shows_chain(BOB)

    await house.intake.take(CID, [item(1, env), item(2, seal(ALICE, body("deux", 2)))], 2)

    refused, received = house.store.messages.list_(CID)
    assert (refused.refused, refused.text, refused.uid) == (reason, "", None)
    assert received.text == "deux"
    assert await house.told() == [MessageRefused(refused), MessageReceived(received)]


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


async def test_a_message_under_another_secret_than_the_epochs(house: Bench) -> None:
    env = seal_envelope(
        es=b"x" * 32, commit=TEAM.commit, did=ALICE.did, ik=ALICE.keys.ik, body=body("un"), random_bytes=Stream("a")
    )
    await house.intake.take(CID, [item(1, env)], 1)

    assert house.store.messages.list_(CID)[0].refused == "wrong_commit_key"


async def test_a_message_under_a_commit_the_server_does_not_know_either(house: Bench) -> None:
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


async def test_a_replay_is_refused(house: Bench) -> None:
    env, again = seal(ALICE, body("un"), "a"), seal(ALICE, body("un"), "b")

    await house.intake.take(CID, [item(1, env), item(2, env), item(3, again)], 3)

    reasons = [message.refused for message in house.store.messages.list_(CID)]
    assert reasons == ["", "message_replayed", "message_replayed"]


async def test_our_own_message_settles_the_outbox(house: Bench) -> None:
    own = body("de moi", 7)
    house.store.outbox.add(own.mid, CID, Draft(NOW_MS, "text", "de moi"))

    await house.intake.take(CID, [item(1, seal(BOB, own))], 1)

    assert house.store.outbox.find(own.mid) is None
    assert await house.told() == [Sent(CID, own.mid, 1)]
    assert house.store.messages.list_(CID)[0].is_mine


async def test_an_acknowledged_message_is_stored_as_sent(house: Bench) -> None:
    own = Body(mid=MessageId(b"7" * 16), ts=NOW_MS, type="text", text="de moi")
    house.store.outbox.add(own.mid, CID, Draft(NOW_MS, "text", "de moi"))
    entry = house.store.outbox.find(own.mid)
    assert entry is not None

    house.intake.keep_own(entry, seal(BOB, own), 2, NOW_MS + 5)
    assert house.store.conversations.get(CID).synced_seq == 0  # 1 is missing
    await house.intake.take(CID, [item(1, seal(ALICE, body("un")))], 1)

    assert house.store.conversations.get(CID).synced_seq == 2
    mine = house.store.messages.find(CID, 2)
    assert mine is not None
    assert (mine.text, mine.mid, mine.is_mine, mine.deposited_at) == ("de moi", own.mid, True, from_ms(NOW_MS + 5))
    assert house.store.outbox.find(own.mid) is None


async def test_only_an_admin_names_the_conversation(house: Bench) -> None:
    by_alice = Body(mid=MessageId(b"1" * 16), ts=NOW_MS, type=NAME, text="Aile B")
    by_bob = Body(mid=MessageId(b"2" * 16), ts=NOW_MS, type=NAME, text="Autre nom")

    await house.intake.take(CID, [item(1, seal(ALICE, by_alice, "a")), item(2, seal(BOB, by_bob, "b"))], 2)

    assert house.store.conversations.get(CID).name == "Aile B"


async def test_nothing_is_stored_when_the_keys_cannot_be_had(house: Bench) -> None:
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


async def test_somebody_of_before_writes_nothing_with_the_servers_help(tmp_path: Path) -> None:
    before, old = first_epoch(ALICE, BOB, CAROL)
    after, new = next_epoch(before, ALICE, BOB)
    cid = before.core.cid
    with linked_store(tmp_path / "bob.db", BOB, ALICE, CAROL) as store:
        store.conversations.add(cid, 0)
        for commit, es in ((before, old), (after, new)):
            store.conversations.add_epoch(commit, es)
        house = bench(store, BOB)

        def under(commit: Commit, es: bytes, author: Person, number: int) -> bytes:
            content, seed = body(f"{number}", number), Stream(f"{number}")
            return seal_envelope(
                es=es, commit=commit, did=author.did, ik=author.keys.ik, body=content, random_bytes=seed
            )

        items = [
            item(1, under(before, old, CAROL, 1)),
            item(2, under(after, new, ALICE, 2)),
            item(3, under(before, old, CAROL, 3)),
        ]
        await house.intake.take(cid, items, 3)
        await house.intake.take(cid, [item(4, under(before, old, CAROL, 4))], 4)

        shown = [(message.text, message.refused) for message in store.messages.list_(cid)]
        assert shown == [("1", ""), ("2", ""), ("", "wrong_commit"), ("", "wrong_commit")]
