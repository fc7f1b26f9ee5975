"""Envelopes and receipts are kept with their messages, and go with them."""

import sqlite3
from pathlib import Path

import pytest

from miss.client.store import Store
from miss.client.store.evidence import Evidence
from tests.miss.client.devices import KEY
from tests.miss.client.store.test_messages import CID, envelope_id, message
from tests.miss.protocol.people import Stream


def test_a_receipt_completes_what_is_there_once(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        store.messages.add(message(1), envelope_id=envelope_id(1), env_hash=None)
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
        store.messages.add(message(1), envelope_id=envelope_id(1), env_hash=None)
        store.evidence.keep(CID, 1, b"env", b"receipt")
        with pytest.raises(sqlite3.IntegrityError):
            store.evidence.keep(CID, 2, b"of no message")
        store._file.execute("DELETE FROM message")
        assert store.evidence.find(CID, 1) is None
