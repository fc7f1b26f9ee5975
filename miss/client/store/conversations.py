"""Conversations, the secrets of their epochs, and who has received and read how far.  protocol §3, §4"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from miss.base.ids import AccountId, ConversationId
from miss.client.errors import UnknownConversation
from miss.client.store.file import StoreFile
from miss.protocol.crypto.commits import Commit, parse_commit

RECEIVED = "received"
READ = "read"


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """Where one conversation stands here."""

    cid: ConversationId
    name: str = field(repr=False)
    synced_seq: int
    """Everything up to there was fetched."""
    last_seq: int
    """Where the server stood when last heard of."""
    read_seq: int
    read_reported_seq: int
    received_reported_seq: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """One verified commit, without the boxes, and the secret it gave."""

    commit: Commit
    es: bytes | None = field(repr=False)
    """None: this person was not a member, and no history was passed on."""

    @property
    def number(self) -> int:
        return self.commit.core.epoch


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    commit: bytes
    es: bytes | None


_epoch = msgspec.msgpack.Decoder(_Sealed)
_COLUMNS = "cid, sealed, synced_seq, last_seq, read_seq, read_reported_seq, received_reported_seq"
_POSITIONS = frozenset({"synced_seq", "last_seq", "read_seq", "read_reported_seq", "received_reported_seq"})


class ConversationStore:
    """Every position here only moves forward."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def find(self, cid: ConversationId) -> ConversationRecord | None:
        row = self._file.one(f"SELECT {_COLUMNS} FROM conversation WHERE cid = ?", cid)  # noqa: S608  # constants
        return None if row is None else self._record(row)

    def get(self, cid: ConversationId) -> ConversationRecord:
        """Raises UnknownConversation."""
        record = self.find(cid)
        if record is None:
            raise UnknownConversation
        return record

    def list_(self, limit: int = 1000) -> list[ConversationRecord]:
        """The most recently active first."""
        sql = f"SELECT {_COLUMNS} FROM conversation ORDER BY active_at_ms DESC, cid LIMIT ?"  # noqa: S608  # constants
        return [self._record(row) for row in self._file.all(sql, limit)]

    def _record(self, row: tuple[ConversationId, bytes, int, int, int, int, int]) -> ConversationRecord:
        cid, sealed, *positions = row
        return ConversationRecord(cid, self._file.open(_place(cid), sealed).decode(), *positions)

    def add(self, cid: ConversationId, at_ms: int) -> bool:
        """Make its row; False if it was there."""
        sql = "INSERT OR IGNORE INTO conversation (cid, active_at_ms, sealed) VALUES (?, ?, ?)"
        return self._file.execute(sql, cid, at_ms, self._file.seal(_place(cid), b"")) > 0

    def set_name(self, cid: ConversationId, name: str) -> None:
        sealed = self._file.seal(_place(cid), name.encode())
        self._file.execute("UPDATE conversation SET sealed = ? WHERE cid = ?", sealed, cid)

    def advance(self, cid: ConversationId, **positions: int) -> bool:
        """Move positions (`synced_seq=…`, `read_seq=…`) forward; True if any moved."""
        moved = False
        for column, seq in positions.items():
            if column not in _POSITIONS:
                raise ValueError(column)
            sql = f"UPDATE conversation SET {column} = ? WHERE cid = ? AND {column} < ?"  # noqa: S608  # checked above
            moved |= self._file.execute(sql, seq, cid, seq) > 0
        return moved

    def settle_reading(self) -> None:
        """Nothing that was read so far has to be told any more."""
        self._file.execute("UPDATE conversation SET read_reported_seq = max(read_reported_seq, read_seq)")

    def rewind(self, cid: ConversationId, seq: int) -> None:
        """The log ends at `seq`, whatever was said before: no position lies beyond."""
        columns = ", ".join(f"{column} = min({column}, ?1)" for column in sorted(_POSITIONS))
        self._file.execute(f"UPDATE conversation SET {columns} WHERE cid = ?2", seq, cid)  # noqa: S608  # constants

    def report_again(self, cid: ConversationId, read_seq: int) -> None:
        """The server remembers `read_seq`, and may have forgotten what was received: both are told again."""
        sql = """UPDATE conversation SET read_reported_seq = min(read_seq, ?), received_reported_seq = 0
            WHERE cid = ?"""
        self._file.execute(sql, read_seq, cid)

    def touch(self, cid: ConversationId, at_ms: int) -> None:
        """Something happened in it."""
        sql = "UPDATE conversation SET active_at_ms = ? WHERE cid = ? AND active_at_ms < ?"
        self._file.execute(sql, at_ms, cid, at_ms)

    # Epochs

    def add_epoch(self, commit: Commit, es: bytes | None) -> None:
        """Keep a verified commit; a secret that comes later (history) completes the row."""
        cid, number = commit.core.cid, commit.core.epoch
        known = self.find_epoch(cid, number)
        if known is not None and (known.es is not None or es is None):
            return
        sealed = msgspec.msgpack.encode(_Sealed(commit.stripped().to_bytes(), es))
        value = self._file.seal(_epoch_place(cid, number), sealed)
        self._file.execute("INSERT OR REPLACE INTO epoch VALUES (?, ?, ?, ?)", cid, number, commit.hash, value)

    def drop_epochs(self, cid: ConversationId, after: int) -> None:
        """The server has lost these commits, and others take their numbers."""
        with self._file.transaction():
            self._file.execute("DELETE FROM epoch WHERE cid = ? AND epoch > ?", cid, after)
            self._file.execute("UPDATE departure SET epoch = min(epoch, ?) WHERE cid = ?", after, cid)

    def last_epoch(self, cid: ConversationId) -> Epoch | None:
        """The latest one known here."""
        row = self._file.one("SELECT epoch, sealed FROM epoch WHERE cid = ? ORDER BY epoch DESC LIMIT 1", cid)
        return None if row is None else self._epoch(cid, *row)

    def find_epoch(self, cid: ConversationId, number: int) -> Epoch | None:
        row = self._file.one("SELECT epoch, sealed FROM epoch WHERE cid = ? AND epoch = ?", cid, number)
        return None if row is None else self._epoch(cid, *row)

    def find_epoch_of(self, cid: ConversationId, commit_hash: bytes) -> Epoch | None:
        """The epoch that an envelope's header names."""
        row = self._file.one("SELECT epoch, sealed FROM epoch WHERE cid = ? AND commit_hash = ?", cid, commit_hash)
        return None if row is None else self._epoch(cid, *row)

    def epochs(self, cid: ConversationId) -> dict[int, Epoch]:
        """Every epoch known here, by number."""
        rows = self._file.all("SELECT epoch, sealed FROM epoch WHERE cid = ? ORDER BY epoch", cid)
        return {number: self._epoch(cid, number, sealed) for number, sealed in rows}

    def every_epoch(self) -> Iterator[tuple[ConversationId, Epoch]]:
        """Every epoch of every conversation: what a rotation seals anew."""
        for cid, number, sealed in self._file.all("SELECT cid, epoch, sealed FROM epoch ORDER BY cid, epoch"):
            yield ConversationId(cid), self._epoch(cid, number, sealed)

    def _epoch(self, cid: ConversationId, number: int, sealed: bytes) -> Epoch:
        value = _epoch.decode(self._file.open(_epoch_place(cid, number), sealed))
        return Epoch(parse_commit(value.commit), value.es)

    # Markers

    def mark(self, cid: ConversationId, uid: AccountId, kind: str, seq: int) -> bool:
        """`uid` has received or read up to `seq`; True if that is news."""
        sql = """INSERT INTO marker (cid, uid, kind, seq) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET seq = excluded.seq, receipt = NULL WHERE excluded.seq > seq"""
        return self._file.execute(sql, cid, uid, kind, seq) > 0

    def markers(self, cid: ConversationId, kind: str) -> dict[AccountId, int]:
        """How far each person has received or read."""
        return dict(self._file.all("SELECT uid, seq FROM marker WHERE cid = ? AND kind = ?", cid, kind))

    def postpone_receipt(self, cid: ConversationId, uid: AccountId, receipt: bytes) -> None:
        """The last read receipt of `uid` names a log that this device has not computed yet."""
        sql = "UPDATE marker SET receipt = ? WHERE cid = ? AND uid = ? AND kind = ?"
        self._file.execute(sql, receipt, cid, uid, READ)

    def take_postponed_receipts(self, cid: ConversationId, seq: int) -> list[bytes]:
        """Remove and return the read receipts about places up to `seq`."""
        where = "cid = ? AND kind = ? AND seq <= ? AND receipt IS NOT NULL"
        rows = self._file.all(f"SELECT receipt FROM marker WHERE {where}", cid, READ, seq)  # noqa: S608  # constants
        if rows:
            self._file.execute(f"UPDATE marker SET receipt = NULL WHERE {where}", cid, READ, seq)  # noqa: S608
        return [receipt for (receipt,) in rows]

    def shortest_ttl_s(self, cid: ConversationId) -> int:
        """The shortest `ttl` that the members ever agreed on; 0 if they never did."""
        ttls = (epoch.commit.core.policy.ttl_s for epoch in self.epochs(cid).values())
        return min((ttl_s for ttl_s in ttls if ttl_s), default=0)

    # Departures

    def note_departure(self, cid: ConversationId, uid: AccountId, epoch: int) -> None:
        """`uid` said goodbye under that epoch."""
        self._file.execute("INSERT OR REPLACE INTO departure (cid, uid, epoch) VALUES (?, ?, ?)", cid, uid, epoch)

    def departures(self, cid: ConversationId) -> list[AccountId]:
        """Who said goodbye and is a member still, of every epoch since."""
        rows = self._file.all("SELECT uid, epoch FROM departure WHERE cid = ? ORDER BY uid", cid)
        return [AccountId(uid) for uid, epoch in rows if self.is_member_throughout(cid, AccountId(uid), epoch)]

    def with_departures(self) -> list[ConversationId]:
        """The conversations that somebody is leaving."""
        return [ConversationId(cid) for (cid,) in self._file.all("SELECT DISTINCT cid FROM departure ORDER BY cid")]

    def was_member(self, cid: ConversationId, uid: AccountId) -> bool:
        """True if `uid` is in any epoch known here, the latest looked at first."""
        rows = self._file.all("SELECT epoch, sealed FROM epoch WHERE cid = ? ORDER BY epoch DESC", cid)
        return any(self._epoch(cid, number, sealed).commit.member(uid) for number, sealed in rows)

    def is_member_throughout(self, cid: ConversationId, uid: AccountId, first: int, last: int | None = None) -> bool:
        """True if `uid` is in every epoch from `first` to `last` (None: the latest known here)."""
        sql = "SELECT epoch, sealed FROM epoch WHERE cid = ?1 AND epoch >= ?2 AND (?3 IS NULL OR epoch <= ?3)"
        rows = self._file.all(sql, cid, first, last)
        return bool(rows) and all(self._epoch(cid, number, sealed).commit.member(uid) for number, sealed in rows)

    def forget_departure(self, cid: ConversationId, uid: AccountId) -> None:
        self._file.execute("DELETE FROM departure WHERE cid = ? AND uid = ?", cid, uid)


def _place(cid: ConversationId) -> str:
    return f"conversation {cid.hex()}"


def _epoch_place(cid: ConversationId, number: int) -> str:
    return f"epoch {cid.hex()} {number}"
