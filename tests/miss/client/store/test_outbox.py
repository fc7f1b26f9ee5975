"""The outbox: in order, durable, and it remembers every envelope it ever sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.base.ids import BlobId, ConversationId, MessageId
from miss.client.store import Store
from miss.client.store.outbox import Draft
from miss.protocol.crypto.envelopes import hash_envelope
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import Stream

FIRST, SECOND, THIRD = (MessageId(letter * 16) for letter in (b"1", b"2", b"3"))
HERE, THERE = ConversationId(b"h" * 32), ConversationId(b"t" * 32)


def draft(text: str = "Bonjour") -> Draft:
    return Draft(ts_ms=1_790_000_000_000, type="text", text=text)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.db", KEY, Stream("s"))
    yield store
    store.close()


def test_the_next_of_each_conversation_in_the_order_written(store: Store) -> None:
    store.outbox.add(SECOND, THERE, draft())
    store.outbox.add(FIRST, HERE, draft())
    store.outbox.add(THIRD, HERE, draft())

    assert [entry.mid for entry in store.outbox.next_of_each()] == [SECOND, FIRST]
    store.outbox.remove(FIRST)
    assert [entry.mid for entry in store.outbox.next_of_each()] == [SECOND, THIRD]
    assert [entry.mid for entry in store.outbox.list_(HERE)] == [THIRD]


def test_a_failed_message_lets_the_next_one_go_and_comes_back_in_its_place(store: Store) -> None:
    store.outbox.add(FIRST, HERE, draft())
    store.outbox.add(SECOND, HERE, draft())

    store.outbox.fail(FIRST, "too_long")
    assert [entry.mid for entry in store.outbox.next_of_each()] == [SECOND]
    assert [entry.failed for entry in store.outbox.list_(HERE)] == ["too_long", ""]

    store.outbox.retry(FIRST)
    assert [entry.mid for entry in store.outbox.next_of_each()] == [FIRST]


def test_every_envelope_is_remembered(store: Store) -> None:
    store.outbox.add(FIRST, HERE, draft())
    assert store.outbox.last_envelope(FIRST) is None

    store.outbox.keep_envelope(FIRST, b"one")
    store.outbox.keep_envelope(FIRST, b"two")

    assert store.outbox.last_envelope(FIRST) == b"two"
    assert store.outbox.has_sent(FIRST, hash_envelope(b"one"))
    assert store.outbox.has_sent(FIRST, hash_envelope(b"two"))
    assert not store.outbox.has_sent(FIRST, hash_envelope(b"three"))
    assert not store.outbox.has_sent(SECOND, hash_envelope(b"one"))
    entry = store.outbox.find(FIRST)
    assert entry is not None
    assert (entry.attempts, entry.draft) == (2, draft())


def test_removing_takes_envelopes_and_blobs_along(store: Store) -> None:
    store.outbox.add(FIRST, HERE, draft(), [b"blob"])
    store.outbox.keep_envelope(FIRST, b"one")

    store.outbox.remove(FIRST)

    assert store.outbox.find(FIRST) is None
    assert store.outbox.last_envelope(FIRST) is None
    assert store.outbox.missing_blobs(FIRST) == []


def test_blobs_are_uploaded_once_unless_the_server_forgot_them(store: Store) -> None:
    store.outbox.add(FIRST, HERE, draft(), [b"zero", b"one"])
    assert store.outbox.missing_blobs(FIRST) == [(0, b"zero"), (1, b"one")]

    store.outbox.set_blob_id(FIRST, 0, BlobId(b"0" * 16))
    assert store.outbox.missing_blobs(FIRST) == [(1, b"one")]
    store.outbox.set_blob_id(FIRST, 1, BlobId(b"1" * 16))
    assert store.outbox.blob_ids(FIRST) == [b"0" * 16, b"1" * 16]

    store.outbox.clear_blob_ids(FIRST)
    assert store.outbox.missing_blobs(FIRST) == [(0, b"zero"), (1, b"one")]
