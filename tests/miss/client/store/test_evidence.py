"""Envelopes and receipts are kept with their messages, and go with them."""

import sqlite3
from pathlib import Path

import pytest

from miss.client.store import Store
from miss.client.store.evidence import Evidence
from miss.client.store.schema import STEPS, VERSION
from tests.miss.client.devices import KEY
from tests.miss.client.store.test_messages import CID, envelope_id, message
from tests.miss.protocol.people import Stream


def test_a_receipt_completes_what_is_there_once(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        store.messages.add(message(1), envelope_id=envelope_id(1), log=None)
        assert store.evidence.find(CID, 1) is None

        store.evidence.keep(CID, 1, b"env")
        assert store.evidence.find(CID, 1) == Evidence(b"env", None)
        store.evidence.keep(CID, 1, b"another", b"receipt")
        assert store.evidence.find(CID, 1) == Evidence(b"env", b"receipt")
        store.evidence.keep(CID, 1, b"another", b"second")
        assert store.evidence.find(CID, 1) == Evidence(b"env", b"receipt")
        assert store.evidence.find(CID, 2) is None


def test_it_goes_when_its_message_goes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path, KEY, Stream("s")) as store:
        store.messages.add(message(1), envelope_id=envelope_id(1), log=None)
        store.evidence.keep(CID, 1, b"env", b"receipt")
        with pytest.raises(sqlite3.IntegrityError):
            store.evidence.keep(CID, 2, b"of no message")
        store._file.execute("DELETE FROM message")
        assert store.evidence.find(CID, 1) is None


def test_a_store_of_the_first_version_is_brought_up_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path, KEY, Stream("s")) as store:
        store.messages.add(message(1), envelope_id=envelope_id(1), log=None)
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE evidence")
    connection.execute("PRAGMA user_version = 1")
    # What is left is the first version, to the letter.
    fresh = sqlite3.connect(":memory:")
    for statement in STEPS[0]:
        fresh.execute(statement)
    tables = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY name"
    assert connection.execute(tables).fetchall() == fresh.execute(tables).fetchall()
    fresh.close()
    connection.close()

    with Store(path, KEY, Stream("s")) as store:
        assert store.messages.find(CID, 1) == message(1)
        assert store.evidence.find(CID, 1) is None
        store.evidence.keep(CID, 1, b"env", b"receipt")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()
