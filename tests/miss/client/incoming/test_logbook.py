"""One log for everybody: what others saw is compared with what this device saw, and a difference is proof."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from miss.base.ids import MessageId
from miss.client.events import MessageReceived
from miss.client.model import SplitView
from miss.client.store.outbox import Draft
from miss.protocol.crypto.envelopes import Seen, hash_envelope
from miss.protocol.crypto.receipts import Leaf, compose_read_receipt, log_next, log_start, sign_batch
from miss.protocol.wire.frames import Read
from tests.miss.client.bench import Bench, bench
from tests.miss.client.devices import join, linked_store
from tests.miss.client.incoming.test_intake import CID, TEAM, item, seal
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, OPERATOR, body

FIRST, SECOND = seal(ALICE, body("un", 1), "a"), seal(ALICE, body("deux", 2), "b")
LOG_1 = log_next(log_start(CID), hash_envelope(FIRST), 1)
LOG_2 = log_next(LOG_1, hash_envelope(SECOND), 2)
OTHER = b"o" * 32


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Bench]:
    """Bob's device, a member of Alice's conversation."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    yield bench(store, BOB)
    store.close()


def after(seq: int, log: bytes, number: int = 3) -> bytes:
    """Alice's next message, who has seen `log` at `seq`."""
    return seal(ALICE, msgspec.structs.replace(body("trois", number), seen=Seen(seq, log)), f"c{number}")


def receipt(seq: int, log: bytes) -> Read:
    raw = compose_read_receipt(
        cid=CID, seq=seq, log=log, uid=ALICE.uid, did=ALICE.did, ts_ms=NOW_MS, ik=ALICE.keys.ik
    ).raw
    return Read(CID, seq, raw, ALICE.uid)


def splits(events: list[object]) -> list[SplitView]:
    return [event for event in events if isinstance(event, SplitView)]


async def test_who_saw_the_same_log_says_so(house: Bench) -> None:
    await house.intake.take(CID, [item(1, FIRST), item(2, SECOND), item(3, after(2, LOG_2))], 3)
    await house.intake.take(CID, [item(4, after(1, LOG_1, 4))], 4)

    assert splits(list(await house.told())) == house.store.splits.list_(CID) == []
    assert house.logbook.seen(CID) == Seen(4, house.store.messages.log_at(CID, 4) or b"")


@pytest.mark.parametrize(
    ("seen_seq", "ours"), [(2, LOG_2), (1, LOG_1), (3, b""), (9, b"")], ids=["here", "before", "itself", "beyond"]
)
async def test_who_saw_another_log_is_proof(house: Bench, seen_seq: int, ours: bytes) -> None:
    env = after(seen_seq, OTHER)
    await house.intake.take(CID, [item(1, FIRST), item(2, SECOND), item(3, env)], 3)
    await house.intake.take(CID, [item(4, after(seen_seq, OTHER, 4))], 4)  # told once

    found = SplitView(CID, seen_seq, ALICE.uid, OTHER, ours, env)
    events = await house.told()
    assert splits(list(events)) == house.store.splits.list_(CID) == [found]
    assert [event.message.seq for event in events if isinstance(event, MessageReceived)] == [1, 2, 3, 4]


async def test_a_read_receipt_of_another_log(house: Bench) -> None:
    await house.intake.take(CID, [item(1, FIRST), item(2, SECOND)], 2)
    await house.markers.take_read(receipt(1, LOG_1))
    await house.markers.take_read(receipt(2, OTHER))

    assert [(split.at_seq, split.theirs, split.ours) for split in splits(list(await house.told()))] == [
        (2, OTHER, LOG_2)
    ]


@pytest.mark.parametrize(
    ("log", "count"), [(LOG_2, 0), (OTHER, 1), (log_start(CID), 0)], ids=["same", "other", "start"]
)
async def test_a_read_receipt_from_beyond_what_is_here_is_compared_later(house: Bench, log: bytes, count: int) -> None:
    await house.intake.take(CID, [item(1, FIRST)], 1)
    await house.markers.take_read(receipt(2, log))
    assert house.store.splits.list_(CID) == []
    await house.intake.take(CID, [item(2, SECOND)], 2)

    assert len(splits(list(await house.told()))) == count


async def test_a_place_shows_the_same_again(house: Bench) -> None:
    await house.intake.take(CID, [item(1, FIRST)], 1)
    await house.intake.take_again(CID, item(1, FIRST))
    assert house.store.splits.list_(CID) == []
    await house.intake.take_again(CID, item(1, SECOND))

    (split,) = splits(list(await house.told()))
    assert (split.at_seq, split.uid, split.proof) == (1, None, SECOND)


async def test_a_log_that_got_shorter(house: Bench) -> None:
    await house.intake.take(CID, [item(1, FIRST), item(2, SECOND)], 2)
    house.intake.note_rollback(CID, 1)

    assert splits(list(await house.told())) == [SplitView(CID, 2, None, b"", LOG_2, b"")]


def deposited(env: bytes, seq: int, log: bytes) -> bytes:
    (signed,) = sign_batch([Leaf(CID, seq, hash_envelope(env), log, NOW_MS)], OPERATOR.rc)
    return signed.to_bytes()


def keep_own(house: Bench, seq: int, log_before: bytes) -> bytes:
    """A message of Bob's at `seq`, and the log after it by the server."""
    own = replace_mid(seq)
    env = seal(BOB, own, f"own {seq}")
    house.store.outbox.add(own.mid, CID, Draft(NOW_MS, "text", "de moi"))
    entry = house.store.outbox.find(own.mid)
    assert entry is not None
    log = log_next(log_before, hash_envelope(env), seq)
    house.intake.keep_own(entry, env, seq, NOW_MS, deposited(env, seq, log))
    return log


def replace_mid(seq: int):  # type: ignore[no-untyped-def]
    return msgspec.structs.replace(body("de moi"), mid=MessageId(bytes([seq]) * 16))


async def test_the_log_is_known_once_what_was_missing_is_here(house: Bench) -> None:
    log_2 = keep_own(house, 2, LOG_1)
    assert house.store.messages.log_at(CID, 2) is None
    await house.intake.take(CID, [item(1, FIRST)], 1)

    assert house.store.messages.log_at(CID, 2) == log_2
    assert house.store.splits.list_(CID) == []


async def test_a_receipt_that_contradicts_what_the_server_sent(house: Bench) -> None:
    keep_own(house, 2, OTHER)
    await house.intake.take(CID, [item(1, FIRST)], 1)

    assert [(split.at_seq, split.uid) for split in splits(list(await house.told()))] == [(2, None)]


async def test_who_came_later_starts_from_the_servers_signed_word(house: Bench) -> None:
    house.store.conversations.advance(CID, last_seq=6, synced_seq=6)  # of a time that was not theirs to read
    log_7 = keep_own(house, 7, OTHER)
    assert house.logbook.seen(CID) == Seen(7, log_7)
    env = after(7, OTHER, 8)
    await house.intake.take(CID, [item(8, env)], 8)

    assert [(split.at_seq, split.ours) for split in splits(list(await house.told()))] == [(7, log_7)]


async def test_what_holds_takes_the_place_of_what_was_refused(house: Bench) -> None:
    await house.intake.take(CID, [item(1, FIRST), item(2, FIRST), item(3, after(1, LOG_1))], 3)
    assert [message.refused for message in house.store.messages.list_(CID)] == ["", "message_replayed", ""]
    await house.intake.take(CID, [item(2, b"\x93garbage"), item(2, SECOND)], 3)
    await house.intake.take_again(CID, item(2, b"\x93garbage"))

    assert [message.text for message in house.store.messages.list_(CID)] == ["un", "deux", "trois"]
    assert house.store.messages.log_at(CID, 2) == LOG_2
    log_3 = log_next(LOG_2, hash_envelope(after(1, LOG_1)), 3)
    assert house.store.messages.log_at(CID, 3) == log_3
    events = await house.told()
    received = [event.message.text for event in events if isinstance(event, MessageReceived)]
    assert received == ["un", "trois", "deux"]
    assert [split.at_seq for split in splits(list(events))] == [2]  # two things were shown at one place
