"""What proves messages: envelopes and deposit receipts, as the server has them too, hence not sealed.  protocol §6

An envelope is kept here because the server deletes its own when the conversation's `ttl` is over.
"""

from dataclasses import dataclass

from miss.base.ids import ConversationId
from miss.client.store.file import StoreFile


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one message."""

    env: bytes
    receipt: bytes | None
    """None: it came from somebody else, and the server was not asked for the receipt yet."""


class EvidenceStore:
    """By place in the log; goes when its message goes."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def keep(self, cid: ConversationId, seq: int, env: bytes, receipt: bytes | None = None) -> None:
        """The first envelope of a place stays, a receipt that comes later completes it."""
        sql = """INSERT INTO evidence VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET receipt = excluded.receipt WHERE receipt IS NULL"""
        self._file.execute(sql, cid, seq, env, receipt)

    def receipts(self, cid: ConversationId, after_seq: int, to_seq: int) -> list[tuple[int, bytes]]:
        """The deposit receipts of the places after `after_seq` up to `to_seq`."""
        sql = "SELECT seq, receipt FROM evidence WHERE cid = ? AND seq > ? AND seq <= ? AND receipt IS NOT NULL"
        return [(seq, receipt) for seq, receipt in self._file.all(sql, cid, after_seq, to_seq)]

    def find(self, cid: ConversationId, seq: int) -> Evidence | None:
        row = self._file.one("SELECT env, receipt FROM evidence WHERE cid = ? AND seq = ?", cid, seq)
        return None if row is None else Evidence(*row)
