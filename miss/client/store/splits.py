"""Proof that two people of a conversation were shown different logs, for whoever has to explain it.  protocol §3"""

from miss.base.ids import AccountId, ConversationId
from miss.client.model import SplitView
from miss.client.store.file import StoreFile


class SplitStore:
    """One finding for each place and person."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, split: SplitView) -> bool:
        """Keep it; False if it was known."""
        sql = "INSERT OR IGNORE INTO split_view (cid, at_seq, uid, theirs, ours, proof) VALUES (?, ?, ?, ?, ?, ?)"
        uid = split.uid or b""
        return self._file.execute(sql, split.cid, split.at_seq, uid, split.theirs, split.ours, split.proof) > 0

    def list_(self, cid: ConversationId) -> list[SplitView]:
        """In the order of the log."""
        sql = "SELECT at_seq, uid, theirs, ours, proof FROM split_view WHERE cid = ? ORDER BY at_seq, uid"
        return [
            SplitView(cid, at_seq, AccountId(uid) if uid else None, theirs, ours, proof)
            for at_seq, uid, theirs, ours, proof in self._file.all(sql, cid)
        ]
