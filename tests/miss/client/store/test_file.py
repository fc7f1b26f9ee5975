"""The sealed file: one process, one key, every value in its place."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from miss.client.errors import StoreDamaged, StoreInUse, StoreWiped, WrongStoreKey
from miss.client.store.file import StoreFile
from tests.miss.protocol.people import Stream

KEY = b"k" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def open_file(path: Path, key: bytes = KEY) -> StoreFile:
    return StoreFile(path, key, Stream("store"))


def test_a_value_opens_where_it_was_sealed_and_nowhere_else(path: Path) -> None:
    file = open_file(path)
    sealed = file.seal("message 1", b"Bonjour")

    assert file.open("message 1", sealed) == b"Bonjour"
    with pytest.raises(StoreDamaged):
        file.open("message 2", sealed)
    with pytest.raises(StoreDamaged):
        file.open("message 1", sealed[:-1])
    file.close()


def test_another_key_does_not_open_the_file(path: Path) -> None:
    open_file(path).close()

    with pytest.raises(WrongStoreKey):
        open_file(path, b"x" * 32)

    open_file(path).close()


def test_a_second_process_is_refused_while_the_first_lives(path: Path) -> None:
    file = open_file(path)
    script = f"""
from pathlib import Path
from miss.base.random import system_random
from miss.client.errors import StoreInUse
from miss.client.store.file import StoreFile
try:
    StoreFile(Path({str(path)!r}), {KEY!r}, system_random)
except StoreInUse:
    print("in use")
"""
    second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert second.stdout == "in use\n", second.stderr
    with pytest.raises(StoreInUse):
        open_file(path)

    file.close()
    open_file(path).close()


def test_what_is_no_store_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database at all, by any means" * 100)

    with pytest.raises(StoreDamaged):
        open_file(path)


def test_a_transaction_is_all_or_nothing(path: Path) -> None:
    file = open_file(path)

    def fail_half_way() -> None:
        with file.transaction():
            file.execute("INSERT INTO meta VALUES ('a', x'00')")
            with file.transaction():
                file.execute("INSERT INTO meta VALUES ('b', x'00')")
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail_half_way()

    assert file.one("SELECT count(*) FROM meta WHERE name IN ('a', 'b')") == (0,)
    with file.transaction():
        file.execute("INSERT INTO meta VALUES ('a', x'00')")
    assert file.one("SELECT count(*) FROM meta WHERE name = 'a'") == (1,)
    file.close()


def test_commits_are_flushed_to_the_disk(path: Path) -> None:
    file = open_file(path)

    assert file.one("PRAGMA synchronous") == (2,)  # FULL
    assert file.one("PRAGMA journal_mode") == ("wal",)
    file.close()


def test_what_was_committed_is_there_again(path: Path) -> None:
    file = open_file(path)
    file.execute("INSERT INTO meta VALUES ('a', ?)", file.seal("a", b"value"))
    file.close()

    again = open_file(path)
    assert again.open("a", again.one("SELECT sealed FROM meta WHERE name = 'a'")[0]) == b"value"
    again.close()


def test_a_closed_file_answers_no_more(path: Path) -> None:
    file = open_file(path)
    file.close()
    file.close()

    with pytest.raises(sqlite3.ProgrammingError):
        file.one("SELECT 1")


def test_a_wiped_file_holds_nothing_takes_nothing_and_is_new_afterwards(path: Path) -> None:
    file = open_file(path)
    sealed = file.seal("outbox", b"Bonjour")
    with file.transaction():
        file.execute("INSERT INTO outbox (mid, cid, sealed) VALUES (?, ?, ?)", b"m", b"c", sealed)
        file.execute("INSERT INTO outbox_blob (mid, place, content) VALUES (?, 1, ?)", b"m", b"picture" * 10_000)
    assert on_disk(path, sealed)
    file.wipe()

    assert not on_disk(path, sealed)
    assert not on_disk(path, b"picturepicture")
    assert file.all("SELECT * FROM outbox") == []
    with pytest.raises(StoreWiped):
        file.execute("INSERT INTO outbox (mid, cid, sealed) VALUES (?, ?, ?)", b"m", b"c", sealed)
    file.close()
    with pytest.raises(WrongStoreKey):
        open_file(path, b"x" * 32)
    file = open_file(path)
    assert file.all("SELECT * FROM outbox_blob") == []
    file.execute("INSERT INTO outbox (mid, cid, sealed) VALUES (?, ?, ?)", b"m", b"c", sealed)
    file.close()


def on_disk(path: Path, what: bytes) -> bool:
    """True if the file or its journal still holds these bytes."""
    return any(what in each.read_bytes() for each in path.parent.iterdir())
