"""Pinned chains."""

from pathlib import Path

from miss.client.store import Store
from miss.client.store.people import ContactRecord
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import ALICE, BOB, Stream


def test_links_come_back_in_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db", KEY, Stream("s"))
    store.people.append(ALICE.uid, 1, [b"first", b"second"])
    store.people.append(BOB.uid, 1, [b"another"])
    store.people.append(ALICE.uid, 3, [b"third"])

    assert store.people.links(ALICE.uid) == [b"first", b"second", b"third"]
    assert store.people.links(BOB.uid) == [b"another"]
    assert store.people.links(ALICE.did) == []  # type: ignore[arg-type]  # a stranger
    store.close()


def test_resets_wait_until_they_are_accepted(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        people = store.people
        assert people.find_contact(BOB.uid) is None
        people.note_resets(BOB.uid, 0, 0)
        assert people.list_unaccepted() == frozenset()
        people.note_resets(BOB.uid, 0, 1)
        assert people.list_unaccepted() == {BOB.uid}
        people.accept(BOB.uid)
        assert people.list_unaccepted() == frozenset()
        people.note_resets(BOB.uid, 1, 0)
        assert people.find_contact(BOB.uid) == ContactRecord(1, 1, None)


def test_what_was_known_before_the_store_kept_it_is_not_blocked(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        store.people.note_resets(BOB.uid, 2, 2)
        assert store.people.list_unaccepted() == frozenset()
        store.people.note_resets(ALICE.uid, 2, 3)
        assert store.people.list_unaccepted() == {ALICE.uid}


def test_a_warning_is_kept_once_by_its_latest_time(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        store.people.warn(BOB.uid, ["new_device"], 5)
        store.people.warn(ALICE.uid, ["reset"], 6)
        store.people.warn(BOB.uid, ["new_device"], 7)
        assert store.people.warnings() == [(BOB.uid, "new_device", 7), (ALICE.uid, "reset", 6)]
        store.people.note_resets(BOB.uid, 0, 0)
        store.people.accept(BOB.uid)
        assert store.people.warnings() == [(ALICE.uid, "reset", 6)]
