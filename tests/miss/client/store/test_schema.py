"""The schema has a version; a file of a later one is left alone."""

import sqlite3
from pathlib import Path

import pytest

from miss.client.errors import StoreNewer
from miss.client.store import Store
from miss.client.store.schema import VERSION
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
