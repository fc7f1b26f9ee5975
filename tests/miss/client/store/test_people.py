"""Pinned chains."""

from pathlib import Path

from miss.client.store import Store
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
