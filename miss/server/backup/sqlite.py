"""One consistent file of a SQLite database, while servers write to it: SQLite's online backup.

https://www.sqlite.org/backup.html.  The copy is one transaction's view, checked before it counts.
"""

import sqlite3
from pathlib import Path

from miss.server.backup.errors import CopyFailed

_PAGES_AT_ONCE = 4096
"""Sixteen megabytes between two looks at what the servers want."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the database at `source` to `target`, which is replaced.  Blocks; run it in a thread.

    Raises CopyFailed: `source` is no database, the disk is full, the copy does not hold.
    """
    making = target.with_suffix(".making")
    making.unlink(missing_ok=True)
    try:
        if not source.is_file():
            raise sqlite3.OperationalError(f"{source} is missing")
        reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
        writing = sqlite3.connect(making)
        try:
            reading.backup(writing, pages=_PAGES_AT_ONCE)
            # The copy is a file of its own, without a log beside it, on whatever disk it comes to lie.
            writing.execute("PRAGMA journal_mode=DELETE").fetchone()
            (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
        finally:
            writing.close()
            reading.close()
        making.chmod(0o600)
        making.replace(target)
    except sqlite3.Error as error:
        making.unlink(missing_ok=True)
        raise CopyFailed(program="SQLite", reason=str(error)) from None
