"""What this device signed about places of a log and the server has not confirmed yet.  protocol §3"""

from dataclasses import dataclass
from enum import StrEnum

from miss.base.ids import ConversationId
from miss.client.store.file import StoreFile


class StatementKind(StrEnum):
    """What a statement asks of the server."""

    TOMBSTONE = "tombstone"  # delete the envelope
    ACKNOWLEDGEMENT = "acknowledgement"  # stop the alarm


@dataclass(frozen=True, slots=True)
class PendingStatement:
    """One signed object about one place."""

    cid: ConversationId
    seq: int
    kind: StatementKind
    signed: bytes


class StatementStore:
    """Each stays until the server has it, or refuses it for good."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, statement: PendingStatement) -> None:
        """Keep it; the first of its kind about a place stays."""
        sql = "INSERT OR IGNORE INTO statement (cid, seq, kind, signed) VALUES (?, ?, ?, ?)"
        self._file.execute(sql, statement.cid, statement.seq, statement.kind.value, statement.signed)

    def list_(self) -> list[PendingStatement]:
        """Everything that waits, at most 1,000."""
        sql = "SELECT cid, seq, kind, signed FROM statement ORDER BY cid, seq LIMIT 1000"
        rows = self._file.all(sql)
        return [PendingStatement(cid, seq, StatementKind(kind), signed) for cid, seq, kind, signed in rows]

    def settle(self, cid: ConversationId, seq: int, kind: StatementKind) -> None:
        """The server has it, or refused it for good."""
        self._file.execute("DELETE FROM statement WHERE cid = ? AND seq = ? AND kind = ?", cid, seq, kind.value)
