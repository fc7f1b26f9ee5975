"""One SQLite file whose values are sealed.

Durable on commit (WAL, `synchronous=FULL`), held by one process at a time, so that a device is never two.  A value
is sealed with XChaCha20-Poly1305 under the store's key and bound to its place: a value moved to another row, or
put back from a copy of another store, does not open.

Calls are synchronous: each is a few rows and one flush of a local disk, and between two of them nothing else of
the client runs, which is what makes « stored before announced » true without locks.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from miss.base.random import RandomBytes
from miss.client.errors import StoreDamaged, StoreInUse, StoreWiped, WrongStoreKey
from miss.client.store import schema
from miss.protocol.crypto.primitives import derive, domain, open_, seal

_CHECK: Final = b"MiSS store"


class StoreFile:
    """The connection, its transactions, and the seal on its values."""

    def __init__(self, path: Path, key: bytes, random_bytes: RandomBytes) -> None:
        """Open the file at `path`, or make it.  `key`: 32 bytes.

        Raises WrongStoreKey, StoreNewer, StoreInUse, StoreDamaged if it is no SQLite file.
        """
        self._key = derive(key, "store")
        self._random_bytes = random_bytes
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._wiped = False
        try:
            self._open()
        except BaseException:
            self._connection.close()
            raise

    def _open(self) -> None:
        try:
            # Exclusive before WAL: the second process to open the file is refused, and no shared memory is needed.
            for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                self._connection.execute(f"PRAGMA {pragma}").fetchone()
            with self.transaction():
                schema.upgrade(self._connection)
                self._check_key()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise StoreInUse from None
            raise
        except sqlite3.DatabaseError:
            raise StoreDamaged(where="file") from None

    def _check_key(self) -> None:
        row = self.one("SELECT sealed FROM meta WHERE name = 'check'")
        if row is None:
            self.execute("INSERT INTO meta VALUES ('check', ?)", self.seal("check", _CHECK))
        elif open_(self._key, row[0], _ad("check")) != _CHECK:
            raise WrongStoreKey

    def wipe(self) -> None:
        """Delete every value, also from the free pages of the file and from its journal.

        The open store stays empty: writing to it raises StoreWiped, so that nothing under way brings anything back.
        Opened again it is a new store under the same key.
        """
        tables = self.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        self._connection.execute("PRAGMA secure_delete=ON").fetchone()
        with self.transaction():
            self._connection.execute("PRAGMA defer_foreign_keys=ON")
            for (table,) in tables:
                self._connection.execute(f'DELETE FROM "{table}"')  # noqa: S608  # names from the schema itself
            self._check_key()
        self._wiped = True
        self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Release the file; calling twice is harmless."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when the block ends.  A block inside a block belongs to the outer one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.OperationalError):  # a failed COMMIT may have rolled back already
                self._connection.execute("ROLLBACK")
            raise

    def execute(self, sql: str, *values: object) -> int:
        """Run one statement; the number of rows it changed.  Outside of a transaction it is one by itself.

        Raises StoreWiped.
        """
        if self._wiped:
            raise StoreWiped
        return self._connection.execute(sql, values).rowcount

    def one(self, sql: str, *values: object) -> Any:
        """The first row as a tuple, or None."""
        return self._connection.execute(sql, values).fetchone()

    def all(self, sql: str, *values: object) -> list[Any]:
        """Every row, as tuples."""
        return self._connection.execute(sql, values).fetchall()

    def seal(self, place: str, value: bytes) -> bytes:
        """`value`, encrypted for the row and column that `place` names."""
        return seal(self._key, value, _ad(place), self._random_bytes)

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for `place`.  Raises StoreDamaged if it was altered or belongs elsewhere."""
        value = open_(self._key, sealed, _ad(place))
        if value is None:
            raise StoreDamaged(where=place.partition(" ")[0])
        return value


def _ad(place: str) -> bytes:
    return domain("store-place") + place.encode()
