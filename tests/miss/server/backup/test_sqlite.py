"""A copy of a database that is being written to is one moment of it; what is no database is named."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from miss.server.backup.errors import CopyFailed
from miss.server.backup.sqlite import copy_sqlite


@pytest.fixture
def source(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database in WAL mode, its last rows in the log only."""
    connection = sqlite3.connect(tmp_path / "miss.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE pair (a INTEGER, b INTEGER)")
    connection.execute("INSERT INTO pair VALUES (1, 1)")
    yield connection
    connection.close()


def test_committed_rows_are_in_the_copy_and_open_ones_are_not(source: sqlite3.Connection, tmp_path: Path) -> None:
    source.execute("INSERT INTO pair VALUES (2, 2)")
    source.execute("BEGIN")
    source.execute("INSERT INTO pair VALUES (3, 0)")
    copy_sqlite(tmp_path / "miss.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT a, b FROM pair ORDER BY a").fetchall() == [(1, 1), (2, 2)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


def test_a_damaged_database_is_not_copied_over_the_last_good_copy(tmp_path: Path) -> None:
    (tmp_path / "miss.db").write_bytes(b"not a database at all, not even nearly so" * 100)
    (tmp_path / "copy.db").write_bytes(b"the copy before")
    with pytest.raises(CopyFailed):
        copy_sqlite(tmp_path / "miss.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"the copy before"
    assert not (tmp_path / "copy.making").exists()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CopyFailed):
        copy_sqlite(tmp_path / "miss.db", tmp_path / "copy.db")
    assert not (tmp_path / "miss.db").exists()
