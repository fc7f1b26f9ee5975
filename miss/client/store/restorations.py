"""The operator's statements of restores, what has to be reconciled for them, and what to put back with.  protocol §5"""

from collections.abc import Iterable
from typing import Final

from miss.base.ids import AccountId, ConversationId
from miss.client.store.file import StoreFile
from miss.protocol.crypto.commits import Commit, parse_commit
from miss.protocol.crypto.restorations import Restoration, parse_restoration

KEEP_COMMITS_MS: Final = 40 * 24 * 3600 * 1000
"""Whole commits of ours are kept for as long as a backup that lacks them may be (35 days unless set otherwise)."""
UNDECLARED_MS: Final = 60 * 1000
"""How long after the signature somebody may still write who has not heard of it."""


class RestorationStore:
    """Statements stay for good; the rest until it is settled."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    # Statements

    def last(self) -> Restoration | None:
        """The last one that was accepted."""
        row = self._file.one("SELECT statement FROM restoration ORDER BY epoch DESC LIMIT 1")
        return None if row is None else parse_restoration(row[0])

    def list_(self) -> list[Restoration]:
        """All of them, oldest first."""
        return [parse_restoration(raw) for (raw,) in self._file.all("SELECT statement FROM restoration ORDER BY epoch")]

    def accept(self, statements: Iterable[Restoration], since_ms: int | None) -> None:
        """Pin statements that were verified; every conversation is to be reconciled as from `since_ms` (None: none)."""
        with self._file.transaction():
            for one in statements:
                self._file.execute("INSERT INTO restoration VALUES (?, ?)", one.epoch, one.raw)
            if since_ms is not None:
                sql = """INSERT INTO unreconciled SELECT cid, ? FROM conversation WHERE true
                    ON CONFLICT DO UPDATE SET since_ms = min(since_ms, excluded.since_ms)"""
                self._file.execute(sql, since_ms)

    def explains(self, sent_ms: int) -> bool:
        """True for what was written between the time restored to and the moment devices heard of it: its author may
        have seen what is lost.  By the author's date, which is signed: the server's would be its own word."""
        return any(one.restored_to_ms <= sent_ms <= one.ts_ms + UNDECLARED_MS for one in self.list_())

    # Conversations to be reconciled

    def since(self, cid: ConversationId) -> int | None:
        """What the server took from then on may be lost; None if there is nothing to reconcile."""
        row = self._file.one("SELECT since_ms FROM unreconciled WHERE cid = ?", cid)
        return None if row is None else int(row[0])

    def unreconciled(self) -> dict[ConversationId, int]:
        """Those that wait, and since when."""
        return {ConversationId(cid): ms for cid, ms in self._file.all("SELECT cid, since_ms FROM unreconciled")}

    def settle(self, cid: ConversationId) -> None:
        """This one goes on."""
        self._file.execute("DELETE FROM unreconciled WHERE cid = ?", cid)

    # Commits of one's own, whole

    def keep_commit(self, commit: Commit, now_ms: int) -> None:
        """Before it is sent: a server that loses it can have it again, with the boxes of all."""
        core = commit.core
        with self._file.transaction():
            self._file.execute("DELETE FROM own_commit WHERE at_ms < ?", now_ms - KEEP_COMMITS_MS)
            sql = "INSERT OR REPLACE INTO own_commit VALUES (?, ?, ?, ?)"
            self._file.execute(sql, core.cid, core.epoch, commit.to_bytes(), now_ms)

    def find_commit(self, cid: ConversationId, epoch: int, commit_hash: bytes) -> bytes | None:
        """The whole commit of that epoch, if it is ours and no other came first."""
        row = self._file.one('SELECT "commit" FROM own_commit WHERE cid = ? AND epoch = ?', cid, epoch)
        return None if row is None or parse_commit(row[0]).hash != commit_hash else row[0]

    # People whom lost commits had taken out

    def note_out(self, cid: ConversationId, uids: Iterable[AccountId]) -> None:
        """The server has forgotten that these were taken out."""
        for uid in uids:
            self._file.execute("INSERT OR IGNORE INTO taken_out VALUES (?, ?)", cid, uid)

    def list_out(self, cid: ConversationId) -> frozenset[AccountId]:
        """Who must not be written to in this conversation, until they are out again."""
        return frozenset(AccountId(uid) for (uid,) in self._file.all("SELECT uid FROM taken_out WHERE cid = ?", cid))

    def settle_out(self, cid: ConversationId, members: Iterable[AccountId]) -> None:
        """A commit has just been taken: who is not among its `members` is out again."""
        for uid in self.list_out(cid) - set(members):
            self._file.execute("DELETE FROM taken_out WHERE cid = ? AND uid = ?", cid, uid)
