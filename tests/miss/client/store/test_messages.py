"""Messages: one place in the log is written once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from miss.base.clock import to_ms
from miss.base.ids import BlobId, MessageId
from miss.client.model import Attachment, Message
from miss.client.store import Store
from miss.protocol.crypto.receipts import log_next, log_start
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import ALICE, BOB, Stream, team

CID = team().commit.core.cid
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PHOTO = Attachment(blob=BlobId(b"b" * 16), key=b"k" * 32, size=3, hash=b"h" * 32, mime="image/jpeg", thumbnail=b"jpg")


def message(seq: int, **changes: object) -> Message:
    first = Message(
        cid=CID,
        seq=seq,
        mid=MessageId(seq.to_bytes(16, "big")),
        uid=BOB.uid,
        did=BOB.did,
        is_mine=False,
        sent_at=AT,
        deposited_at=AT,
        text=f"numéro {seq}",
    )
    return replace(first, **changes)  # type: ignore[arg-type]


def envelope_id(seq: int) -> bytes:
    return b"e" * 8 + seq.to_bytes(8, "big")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.db", KEY, Stream("s"))
    yield store
    store.close()


def test_a_message_comes_back_as_it_was(store: Store) -> None:
    kept = message(1, attachments=(PHOTO,), reply=MessageId(b"r" * 16))

    assert store.messages.add(kept, envelope_id=envelope_id(1), env_hash=b"h" * 32)

    assert store.messages.find(CID, 1) == kept
    assert store.messages.env_hash_at(CID, 1) == b"h" * 32
    assert store.messages.find_seq_of(BOB.did, MessageId((1).to_bytes(16, "big"))) == 1
    assert store.messages.find(CID, 2) is None


def test_a_place_is_written_once(store: Store) -> None:
    store.messages.add(message(1), envelope_id=envelope_id(1), env_hash=None)

    assert not store.messages.add(
        message(1, text="autre", mid=MessageId(b"o" * 16)), envelope_id=b"o" * 16, env_hash=None
    )

    found = store.messages.find(CID, 1)
    assert found is not None
    assert found.text == "numéro 1"


def test_a_replay_is_the_same_envelope_or_message_at_another_place(store: Store) -> None:
    store.messages.add(message(1), envelope_id=envelope_id(1), env_hash=None)
    mid, other = MessageId((1).to_bytes(16, "big")), MessageId(b"o" * 16)

    assert store.messages.is_replay(CID, 2, BOB.did, mid, envelope_id(2))
    assert store.messages.is_replay(CID, 2, BOB.did, other, envelope_id(1))
    assert not store.messages.is_replay(CID, 1, BOB.did, mid, envelope_id(1))
    assert not store.messages.is_replay(CID, 2, BOB.did, other, envelope_id(2))
    assert not store.messages.is_replay(CID, 2, ALICE.did, mid, envelope_id(1))


def test_refused_messages_do_not_stand_in_each_others_way(store: Store) -> None:
    for seq in (1, 2):
        refused = message(seq, mid=None, uid=None, did=None, text="", refused="envelope_forged")
        assert store.messages.add(refused, envelope_id=None, env_hash=None)

    assert [one.refused for one in store.messages.list_(CID)] == ["envelope_forged", "envelope_forged"]


def test_order_pages_and_gaps(store: Store) -> None:
    for seq in (4, 1, 2):
        store.messages.add(message(seq), envelope_id=envelope_id(seq), env_hash=None)

    assert [one.seq for one in store.messages.list_(CID)] == [1, 2, 4]
    assert [one.seq for one in store.messages.list_(CID, after_seq=1, limit=1)] == [2]
    assert store.messages.last_contiguous(CID, 0) == 2
    assert store.messages.last_contiguous(CID, 3) == 4


def test_unread_counts_the_others(store: Store) -> None:
    store.messages.add(message(1), envelope_id=envelope_id(1), env_hash=None)
    store.messages.add(message(2, is_mine=True), envelope_id=envelope_id(2), env_hash=None)
    store.messages.add(message(3), envelope_id=envelope_id(3), env_hash=None)

    assert store.messages.count_unread(CID, 0) == 2
    assert store.messages.count_unread(CID, 1) == 1


def test_what_is_about_another_message_has_no_place_of_its_own(store: Store) -> None:
    store.messages.add(message(1), envelope_id=envelope_id(1), env_hash=None)
    edit = message(2, type="edit", text="mieux", reply=message(1).mid)
    store.messages.add(edit, envelope_id=envelope_id(2), env_hash=None, about=1, shown=False)
    answer = message(3, reply=message(1).mid)
    store.messages.add(answer, envelope_id=envelope_id(3), env_hash=None)

    first, third = store.messages.list_(CID)
    assert (first.text, [version.text for version in first.versions]) == ("mieux", ["numéro 1"])
    assert third.quote is not None
    assert third.quote.text == "mieux"
    assert store.messages.count_unread(CID, 0) == 2
    assert store.messages.about(CID, 1) == [edit]


def test_erased_content_is_nowhere(store: Store) -> None:
    test_what_is_about_another_message_has_no_place_of_its_own(store)
    store.evidence.keep(CID, 1, b"env")
    store.evidence.keep(CID, 2, b"env of the edit")
    first = store.messages.find(CID, 1)
    assert first is not None
    store.messages.erase(first, 1_790_000_000_000)

    gone, third = store.messages.list_(CID)
    assert (gone.text, gone.versions, gone.is_deleted, gone.uid, gone.mid) == ("", (), True, BOB.uid, first.mid)
    assert gone.deleted_at is not None
    assert third.quote is not None
    assert third.quote.is_deleted
    assert (store.messages.find(CID, 2), store.evidence.find(CID, 1), store.evidence.find(CID, 2)) == (None, None, None)
    assert store.messages.is_replay(CID, 9, BOB.did, first.mid, envelope_id(9))  # type: ignore[arg-type]


def test_what_has_expired_keeps_its_place_in_the_log(store: Store) -> None:
    for seq in (1, 2, 3):
        one = message(seq, deposited_at=AT + timedelta(seconds=seq))
        store.messages.add(one, envelope_id=envelope_id(seq), env_hash=bytes([seq]) * 32)
    assert store.messages.expire(CID, to_ms(AT + timedelta(seconds=2))) == [1, 2]
    assert store.messages.expire(CID, to_ms(AT + timedelta(seconds=2))) == []

    assert [one.seq for one in store.messages.list_(CID)] == [3]
    assert store.messages.find(CID, 1) is None
    assert store.messages.has(CID, 1)
    store.messages.extend_log(CID)
    assert store.messages.last_log(CID) == (3, store.messages.log_at(CID, 3))
    assert store.messages.oldest_ms(CID) == to_ms(AT + timedelta(seconds=3))


def test_a_log_goes_as_far_as_nothing_is_missing(store: Store) -> None:
    for seq in (1, 2, 4):
        store.messages.add(message(seq), envelope_id=envelope_id(seq), env_hash=bytes([seq]) * 32)
    store.messages.extend_log(CID)
    log_2 = log_next(log_next(log_start(CID), b"\1" * 32, 1), b"\2" * 32, 2)
    assert store.messages.last_log(CID) == (2, log_2)
    assert store.messages.gaps(CID, 0, 6) == [(3, 3), (5, 6)]

    store.messages.add(message(3), envelope_id=envelope_id(3), env_hash=b"\3" * 32)
    store.messages.extend_log(CID)
    assert store.messages.last_log(CID) == (4, log_next(log_next(log_2, b"\3" * 32, 3), b"\4" * 32, 4))


def test_content_stays_out_of_repr() -> None:
    assert "numéro" not in repr(message(1))
