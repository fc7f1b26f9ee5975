"""What the server does not show any more: the author's wish, the agreed time, or withheld."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from miss.client.events import MessageChanged
from miss.client.incoming.deletions import LEAST_RETENTION, SLACK
from miss.client.model import DELETE
from miss.protocol.crypto.commits import Policy
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.receipts import log_next, log_start
from miss.protocol.crypto.tombstones import compose_tombstone
from miss.protocol.errors import BadTombstone, TombstoneForged
from miss.protocol.wire.frames import Del, Gone, Item
from tests.miss.client.bench import Bench, bench
from tests.miss.client.devices import first_epoch, join, linked_store
from tests.miss.client.incoming.test_intake import CID, TEAM, item, seal
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, Person, Team, body

ENV = seal(ALICE, body("un"))
HASH = hash_envelope(ENV)
MONTH_MS = LEAST_RETENTION // timedelta(milliseconds=1)


def tombstone(author: Person = ALICE, seq: int = 1, env_hash: bytes = HASH, signer: Person | None = None) -> bytes:
    return compose_tombstone(
        cid=CID,
        seq=seq,
        env_hash=env_hash,
        uid=author.uid,
        did=author.did,
        ts_ms=NOW_MS + 9,
        ik=(signer or author).keys.ik,
    ).raw


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Bench]:
    """Bob's device, a member of Alice's conversation."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    yield bench(store, BOB)
    store.close()


async def test_a_tombstone_says_who_deleted_and_the_log_goes_on(house: Bench) -> None:
    second = seal(ALICE, body("deux", 2), "b")
    await house.intake.take(CID, [Item(1, b"", NOW_MS, Gone(HASH, tombstone())), item(2, second)], 2)

    gone, received = house.store.messages.list_(CID)
    assert (gone.uid, gone.is_deleted, gone.refused, gone.text) == (ALICE.uid, True, "", "")
    assert received.text == "deux"
    log = log_next(log_start(CID), HASH, 1)
    assert house.store.messages.log_at(CID, 2) == log_next(log, hash_envelope(second), 2)


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (None, "message_withheld"),
        (Gone(HASH, None), "message_withheld"),
        (Gone(HASH, tombstone(signer=BOB)), "tombstone_forged"),
        (Gone(HASH, tombstone(author=CAROL)), "tombstone_forged"),
        (Gone(HASH, tombstone(seq=2)), "tombstone_forged"),
        (Gone(HASH, tombstone(env_hash=b"h" * 32)), "tombstone_forged"),
        (Gone(HASH, b"\x92garbage"), "bad_tombstone"),
    ],
)
async def test_what_the_author_did_not_delete_is_withheld(house: Bench, gone: Gone | None, reason: str) -> None:
    await house.intake.take(CID, [Item(1, b"", NOW_MS, gone)], 1)

    (refused,) = house.store.messages.list_(CID)
    assert (refused.refused, refused.is_deleted) == (reason, False)
    assert (house.store.messages.log_at(CID, 1) is None) == (gone is None)


@pytest.mark.parametrize(("age_ms", "shown"), [(MONTH_MS, 0), (MONTH_MS - 600_000, 1)])
async def test_without_a_ttl_the_server_keeps_for_a_month_at_least(house: Bench, age_ms: int, shown: int) -> None:
    await house.intake.take(CID, [Item(1, b"", NOW_MS - age_ms, Gone(HASH, None))], 1)

    assert [message.refused for message in house.store.messages.list_(CID)] == ["message_withheld"] * shown
    assert house.store.messages.log_at(CID, 1) is not None


async def test_a_ttl_is_believed_once_it_is_over(tmp_path: Path) -> None:
    commit, es = first_epoch(ALICE, BOB, policy=Policy(ttl_s=60))
    cid = commit.core.cid
    minute_ms = 60_000 + SLACK // timedelta(milliseconds=1)
    with linked_store(tmp_path / "bob.db", BOB, ALICE) as store:
        join(store, Team(commit, es))
        house = bench(store, BOB)
        old, new = Item(1, b"", NOW_MS - minute_ms, Gone(HASH, None)), Item(2, b"", NOW_MS, Gone(HASH, None))
        await house.intake.take(cid, [old, new], 2)
        assert [(one.seq, one.refused) for one in store.messages.list_(cid)] == [(2, "message_withheld")]


async def test_a_server_cannot_make_a_message_older_than_the_one_before_it(house: Bench) -> None:
    lying = Item(2, b"", NOW_MS - 2 * MONTH_MS, Gone(HASH, None))
    await house.intake.take(CID, [item(1, ENV), lying], 2)

    assert [message.refused for message in house.store.messages.list_(CID)] == ["", "message_withheld"]


async def test_a_deletion_while_we_watch(house: Bench) -> None:
    await house.intake.take(CID, [item(1, ENV)], 1)
    news = await house.deletions.take(Del(CID, 1, tombstone(), ALICE.uid))

    gone = house.store.messages.find(CID, 1)
    assert gone is not None
    assert gone.is_deleted
    assert news == [MessageChanged(gone, ALICE.uid, DELETE)]
    assert house.store.evidence.find(CID, 1) is None
    assert await house.deletions.take(Del(CID, 1, tombstone(), ALICE.uid)) == []
    assert await house.deletions.take(Del(CID, 7, tombstone(seq=7), ALICE.uid)) == []  # not here yet


@pytest.mark.parametrize("signed", [tombstone(author=BOB), tombstone(signer=BOB), tombstone(env_hash=b"h" * 32), b"?"])
async def test_nobody_else_deletes_it(house: Bench, signed: bytes) -> None:
    await house.intake.take(CID, [item(1, ENV)], 1)
    with pytest.raises((TombstoneForged, BadTombstone)):
        await house.deletions.take(Del(CID, 1, signed, ALICE.uid))

    assert [message.text for message in house.store.messages.list_(CID)] == ["un"]
