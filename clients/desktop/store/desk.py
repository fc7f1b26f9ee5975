"""What a desk adds to the sealed chat store: the search index, settings, marks of conversations.  SQLCipher, FTS5.

Everything here can be made again from the chat store but the settings: a file that does not open is set aside and
begun anew.  `synchronous=NORMAL` under WAL: a cut may lose the last marks, never the file.

« lesion » finds « Lésion », and every word of a search may be cut short at its end.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import sqlcipher3

from clients.desktop.state.global_key import parse_global_key
from clients.desktop.state.listing import plain
from clients.desktop.state.model import NoticeLevel, Settings, Theme
from clients.desktop.store.errors import DeskFull, DeskNewer
from miss.base.ids import ConversationId
from miss.client.model import Presence
from miss.protocol.crypto.primitives import derive

VERSION: Final = 2
_SCHEMA: Final = {
    1: """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE mark (
        cid BLOB PRIMARY KEY, pinned INTEGER NOT NULL DEFAULT 0, muted INTEGER NOT NULL DEFAULT 0,
        indexed_seq INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, cid UNINDEXED, seq UNINDEXED, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
    );
    CREATE TABLE place (cid BLOB NOT NULL, seq INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (cid, seq))
        WITHOUT ROWID;
    """,
    2: """
    CREATE TABLE report (
        number TEXT PRIMARY KEY, version TEXT NOT NULL, file TEXT NOT NULL, written_at TEXT NOT NULL,
        taken_at TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    """,
}


def _known_key(text: str) -> str:
    if text:
        parse_global_key(text)
    return text


@dataclass(frozen=True, slots=True)
class Marks:
    """What a person decided about a conversation, on this desk."""

    pinned: bool = False
    muted: bool = False


class Desk:
    """One account's file, open."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the file at `path`, or make it; one that does not open is set aside.  `key`: 32 bytes.

        Raises DeskNewer.
        """
        self._path = path
        self._key = derive(key, "desktop-desk")
        self.was_damaged = False
        """True: the file could not be read and was begun anew."""
        try:
            self._open()
        except sqlcipher3.DatabaseError:
            self._connection.close()
            self.was_damaged = True
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._open()

    def _open(self) -> None:
        self._connection = sqlcipher3.connect(str(self._path), isolation_level=None, check_same_thread=False)
        self._connection.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "secure_delete=ON",
            "cache_size=-1000",
        ):
            self._connection.execute(f"PRAGMA {pragma}").fetchone()
        (version,) = self._one("PRAGMA user_version")
        if self._all("PRAGMA cipher_integrity_check"):  # every page by its HMAC: a hole is found now, not in a search
            raise sqlcipher3.DatabaseError("a page does not open")
        if version > VERSION:
            self._connection.close()
            raise DeskNewer
        for step in range(version + 1, VERSION + 1):
            self._connection.executescript(f"BEGIN; {_SCHEMA[step]} PRAGMA user_version = {step}; COMMIT;")

    def close(self) -> None:
        """Release the file; calling twice is harmless."""
        self._connection.close()

    # Settings and marks

    def settings(self) -> Settings:
        """What was chosen; what this version does not know is left out."""
        found = self.setting("settings")
        stored: dict[str, Any] = json.loads(found) if found else {}
        known = {one.name: stored[one.name] for one in fields(Settings) if one.name in stored}
        try:
            settings = replace(Settings(), **known)
            return replace(
                settings,
                theme=Theme(settings.theme),
                notices=NoticeLevel(settings.notices),
                presence=Presence(settings.presence),
                global_key=_known_key(settings.global_key),
                own_words=tuple(str(one) for one in settings.own_words),
            )
        except (TypeError, ValueError):
            return Settings()

    def save_settings(self, settings: Settings) -> None:
        """Keep what was chosen."""
        self.put_setting("settings", json.dumps(asdict(settings)))

    def setting(self, name: str) -> str:
        """Something small under a name: the place of a window; empty if there is nothing."""
        row = self._one("SELECT value FROM setting WHERE name = ?", name)
        return str(row[0]) if row else ""

    def put_setting(self, name: str, value: str) -> None:
        """Keep something small under a name."""
        self._do("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def marks(self) -> dict[ConversationId, Marks]:
        """What was decided about each conversation that has marks."""
        rows = self._all("SELECT cid, pinned, muted FROM mark")
        return {ConversationId(cid): Marks(bool(pinned), bool(muted)) for cid, pinned, muted in rows}

    def put_marks(self, cid: ConversationId, marks: Marks) -> None:
        """Pin, mute or neither."""
        sql = """INSERT INTO mark (cid, pinned, muted) VALUES (?, ?, ?)
            ON CONFLICT (cid) DO UPDATE SET pinned = excluded.pinned, muted = excluded.muted"""
        self._do(sql, cid, marks.pinned, marks.muted)

    # The index

    def indexed(self, cid: ConversationId) -> int:
        """Up to where a conversation is in the index."""
        row = self._one("SELECT indexed_seq FROM mark WHERE cid = ?", cid)
        return int(row[0]) if row else 0

    def index(self, cid: ConversationId, texts: Iterable[tuple[int, str]], up_to: int = 0) -> None:
        """What each place says now (empty: nothing any more), all of it or none; `up_to`: everything before is in.

        Raises DeskFull.
        """
        self._do("BEGIN IMMEDIATE")
        try:
            for seq, text in texts:
                self._forget(cid, seq)
                if text:
                    self._do("INSERT INTO words VALUES (?, ?, ?)", text, cid, seq)
                    self._do("INSERT INTO place VALUES (?, ?, last_insert_rowid())", cid, seq)
            if up_to:
                sql = """INSERT INTO mark (cid, indexed_seq) VALUES (?, ?)
                    ON CONFLICT (cid) DO UPDATE SET indexed_seq = max(indexed_seq, excluded.indexed_seq)"""
                self._do(sql, cid, up_to)
            self._do("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk has rolled back by itself
                self._connection.execute("ROLLBACK")
            raise

    def _forget(self, cid: ConversationId, seq: int) -> None:
        row = self._one("SELECT row FROM place WHERE cid = ? AND seq = ?", cid, seq)
        if row is not None:
            self._do("DELETE FROM words WHERE rowid = ?", row[0])
            self._do("DELETE FROM place WHERE cid = ? AND seq = ?", cid, seq)

    def search(
        self, text: str, cid: ConversationId | None = None, limit: int = 100
    ) -> list[tuple[ConversationId, int]]:
        """Places that say every word of `text`, the latest first."""
        wanted = plain(text).split()
        if not wanted:
            return []
        query = " ".join(f'"{word}"*' for word in wanted)
        where, values = ("AND cid = ?", (query, cid, limit)) if cid is not None else ("", (query, limit))
        sql = f"SELECT cid, seq FROM words WHERE words MATCH ? {where} ORDER BY rowid DESC LIMIT ?"  # noqa: S608
        return [(ConversationId(found), int(seq)) for found, seq in self._connection.execute(sql, values)]

    def rest(self) -> None:
        """Give back the memory that indexing took."""
        self._connection.execute("PRAGMA shrink_memory")

    def count(self) -> int:
        """Messages in the index."""
        return int(self._one("SELECT count(*) FROM place")[0])

    # Answers handed to the practice's software

    def report(self, number: str) -> tuple[str, str, str] | None:
        """Version, file name and when it was taken (ISO 8601, empty: not yet) of what was handed over."""
        row = self._one("SELECT version, file, taken_at FROM report WHERE number = ?", number)
        return (row[0], row[1], row[2]) if row else None

    def put_report(self, number: str, version: str, file: str, written_at: str) -> None:
        """An answer was handed over: this version, in this file, at that time (ISO 8601)."""
        self._do(
            "INSERT OR REPLACE INTO report (number, version, file, written_at) VALUES (?, ?, ?, ?)",
            *(number, version, file, written_at),
        )

    def note_taken(self, number: str, taken_at: str) -> None:
        """The practice's software has taken it (ISO 8601)."""
        self._do("UPDATE report SET taken_at = ? WHERE number = ?", taken_at, number)

    def reports(self) -> Sequence[tuple[str, str, str]]:
        """Number, file name and when it was taken, of everything that was handed over."""
        return self._all("SELECT number, file, taken_at FROM report ORDER BY number")

    # SQL

    def _do(self, sql: str, *values: object) -> None:
        try:
            self._connection.execute(sql, values)
        except sqlcipher3.OperationalError:
            raise DeskFull from None

    def _one(self, sql: str, *values: object) -> Any:
        return self._connection.execute(sql, values).fetchone()

    def _all(self, sql: str, *values: object) -> list[Any]:
        return list(self._connection.execute(sql, values).fetchall())
