"""The schema has a version; a file of a later one is left alone."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from miss.base.clock import to_ms
from miss.client.errors import StoreNewer
from miss.client.store import Store
from miss.client.store.file import StoreFile
from miss.client.store.schema import STEPS, VERSION
from tests.miss.client.store.test_messages import CID, envelope_id, message
from tests.miss.protocol.people import Stream

KEY = b"k" * 32


def test_a_new_file_has_the_current_version(tmp_path: Path) -> None:
    Store(tmp_path / "store.db", KEY, Stream("s")).close()

    connection = sqlite3.connect(tmp_path / "store.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_a_newer_file_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path, KEY, Stream("s")).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()

    with pytest.raises(StoreNewer):
        Store(path, KEY, Stream("s"))

    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)
    connection.close()


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path, KEY, Stream("s")).close()
    store = Store(path, KEY, Stream("s"))

    assert store.device.find() is None
    store.close()


def _first_version(path: Path, folder: Path) -> None:
    """A store as the first version left it, with one message."""
    file = StoreFile(folder / "other.db", KEY, Stream("s"))
    check = file.one("SELECT sealed FROM meta WHERE name = 'check'")[0]
    old, at_ms = message(1), to_ms(message(1).sent_at)
    content: list[object] = [old.uid, at_ms, at_ms, "text", old.text, None, [], "", False]
    sealed = file.seal(f"message {CID.hex()} 1", msgspec.msgpack.encode(content))
    file.close()
    with sqlite3.connect(path) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO meta VALUES ('check', ?)", (check,))
        row = (CID, 1, old.mid, old.did, envelope_id(1), False, b"l" * 32, sealed)
        connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.close()


def test_a_store_of_the_first_version_is_brought_up_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    _first_version(path, tmp_path)

    with Store(path, KEY, Stream("t")) as store:
        assert store.messages.list_(CID) == [message(1)]
        assert store.messages.last_log(CID) == (1, b"l" * 32)
        store.messages.add(message(2), envelope_id=envelope_id(2), env_hash=b"h" * 32)
        store.messages.extend_log(CID)
        assert store.messages.log_at(CID, 2) is not None
        # When the server took it was not noted then: it does not expire by mistake.
        assert store.messages.expire(CID, to_ms(message(1).sent_at) + 1) == [2]
        store.evidence.keep(CID, 1, b"env", b"receipt")

    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()
