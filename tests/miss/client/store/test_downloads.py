"""Downloads under way: what has come, in its order, until the file is whole."""

from pathlib import Path

from miss.base.ids import BlobId
from miss.client.store import Store
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import Stream

ONE, OTHER = BlobId(b"1" * 16), BlobId(b"2" * 16)


def test_parts_add_up(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        assert store.downloads.size_of(ONE) == 0
        store.downloads.append(ONE, 3, b"def")
        store.downloads.append(ONE, 0, b"abc")
        store.downloads.append(OTHER, 0, b"x")
        assert (store.downloads.size_of(ONE), store.downloads.content(ONE)) == (6, b"abcdef")
        store.downloads.remove(ONE)
        assert (store.downloads.size_of(ONE), store.downloads.size_of(OTHER)) == (0, 1)
