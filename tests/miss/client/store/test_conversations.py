"""Conversations: positions that only move forward, epochs with their secrets, markers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.client.errors import UnknownConversation
from miss.client.store import Store
from miss.client.store.conversations import READ, RECEIVED
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import ALICE, BOB, Stream, team

TEAM = team()
CID = TEAM.commit.core.cid


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.db", KEY, Stream("s"))
    yield store
    store.close()


def test_an_unknown_conversation(store: Store) -> None:
    assert store.conversations.find(CID) is None
    assert store.conversations.last_epoch(CID) is None
    with pytest.raises(UnknownConversation):
        store.conversations.get(CID)


def test_positions_never_go_back(store: Store) -> None:
    assert store.conversations.add(CID, 1000)
    assert not store.conversations.add(CID, 2000)

    assert store.conversations.advance(CID, synced_seq=5, last_seq=9)
    assert not store.conversations.advance(CID, synced_seq=4, last_seq=9)

    record = store.conversations.get(CID)
    assert (record.synced_seq, record.last_seq, record.read_seq) == (5, 9, 0)
    with pytest.raises(ValueError, match="sealed"):
        store.conversations.advance(CID, sealed=1)


def test_the_most_recent_comes_first(store: Store) -> None:
    other = type(CID)(b"o" * 32)
    store.conversations.add(CID, 1000)
    store.conversations.add(other, 2000)
    assert [record.cid for record in store.conversations.list_()] == [other, CID]

    store.conversations.touch(CID, 3000)
    store.conversations.touch(CID, 500)

    assert [record.cid for record in store.conversations.list_()] == [CID, other]


def test_a_name(store: Store) -> None:
    store.conversations.add(CID, 0)
    assert store.conversations.get(CID).name == ""

    store.conversations.set_name(CID, "Équipe de l'aile B")

    assert store.conversations.get(CID).name == "Équipe de l'aile B"


def test_epochs_are_found_by_number_and_by_hash(store: Store) -> None:
    store.conversations.add_epoch(TEAM.commit, TEAM.es)

    epoch = store.conversations.last_epoch(CID)
    assert epoch is not None
    assert (epoch.number, epoch.es, epoch.commit.hash) == (1, TEAM.es, TEAM.commit.hash)
    assert store.conversations.find_epoch_of(CID, TEAM.commit.hash) == epoch
    assert store.conversations.find_epoch(CID, 2) is None
    assert store.conversations.epochs(CID) == {1: epoch}
    assert epoch.commit.box(ALICE.uid) is None  # boxes are not kept


def test_a_secret_that_comes_later_completes_its_epoch_and_is_never_lost(store: Store) -> None:
    store.conversations.add_epoch(TEAM.commit, None)
    store.conversations.add_epoch(TEAM.commit, TEAM.es)
    store.conversations.add_epoch(TEAM.commit, None)

    epoch = store.conversations.last_epoch(CID)
    assert epoch is not None
    assert epoch.es == TEAM.es


def test_markers_only_move_forward(store: Store) -> None:
    assert store.conversations.mark(CID, BOB.uid, READ, 4)
    assert not store.conversations.mark(CID, BOB.uid, READ, 4)
    assert not store.conversations.mark(CID, BOB.uid, READ, 3)
    assert store.conversations.mark(CID, BOB.uid, RECEIVED, 6)

    assert store.conversations.markers(CID, READ) == {BOB.uid: 4}
    assert store.conversations.markers(CID, RECEIVED) == {BOB.uid: 6}
