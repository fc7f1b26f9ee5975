"""Which failures of a database and its driver mean that it cannot serve now, and not that the statement is wrong."""

import sqlite3
from typing import Final

import asyncpg

_AWAY: Final = ("08", "25006", "25P03", "53", "55", "57", "58")
"""Beginnings of SQLSTATEs (PostgreSQL, appendix A): connection, a server that only reads, a transaction that stood
still (`silence`), resources, state, operator's intervention, system."""
_ONLY_READS: Final = "25006"
"""We never ask for a transaction that only reads: whoever says so is a standby, or was made one."""


def is_away(sqlstate: str | None) -> bool:
    """True if the same statement may succeed a moment later."""
    return (sqlstate or "").startswith(_AWAY)


def is_astray(error: BaseException | None) -> bool:
    """True if a connection on which this happened is to be given up, although it seems to stand.

    It leads to a server that only reads; or the server has said its last word while nobody asked, after which the
    driver is at a loss (« cannot switch to state »), until the end of the connection arrives as well.
    """
    return isinstance(error, asyncpg.InternalClientError) or getattr(error, "sqlstate", None) == _ONLY_READS


def is_unreadable(error: BaseException | None) -> bool:
    """True if SQLite reads something else than it wrote: the disk went away under its file, or is dying.

    Whoever asks has nothing to do with it and loses nothing by asking again; `miss check` looks at the file.
    """
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    return (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
