"""Messages that the server has lost and this device still holds: kept apart from the log, which goes on without them.

A row is the message's own, with the place it had; its content stays sealed for that place.  protocol §5, Restoration
"""

from miss.base.ids import ConversationId, DeviceId, MessageId
from miss.client.model import LostMessage
from miss.client.store.file import StoreFile
from miss.client.store.messages import MessageStore

_ROW = "cid, seq, mid, did, mine, sealed, at_ms, env, receipt"


class LostStore:
    """By conversation, restore and place of then."""

    def __init__(self, file: StoreFile, messages: MessageStore) -> None:
        self._file = file
        self._messages = messages

    def cut(self, cid: ConversationId, after_seq: int, restoration: int) -> int:
        """Take everything after a place out of the log; how many messages were kept here.

        What was refused, or had lost its content already, is gone: there is nothing to keep of it.
        """
        with self._file.transaction():
            sql = f"""INSERT OR IGNORE INTO lost_message (restoration, {_ROW})
                SELECT ?1, {", ".join(f"message.{name}" for name in _ROW.split(", ")[:7])}, evidence.env,
                evidence.receipt FROM message LEFT JOIN evidence USING (cid, seq)
                WHERE message.cid = ?2 AND seq > ?3 AND NOT refused AND sealed <> x''"""  # noqa: S608  # constants
            kept = self._file.execute(sql, restoration, cid, after_seq)
            self._file.execute("DELETE FROM message WHERE cid = ? AND seq > ?", cid, after_seq)
            self._file.execute("DELETE FROM alarm WHERE cid = ? AND seq > ?", cid, after_seq)
            self._file.execute("DELETE FROM split_view WHERE cid = ? AND at_seq > ?", cid, after_seq)
            self._file.execute("DELETE FROM statement WHERE cid = ? AND seq > ?", cid, after_seq)
            self._file.execute("UPDATE marker SET receipt = NULL WHERE cid = ? AND seq > ?", cid, after_seq)
            self._file.execute("UPDATE marker SET seq = ? WHERE cid = ? AND seq > ?", after_seq, cid, after_seq)
            return kept

    def list_(self, cid: ConversationId) -> list[LostMessage]:
        """In the order they had."""
        sql = """SELECT restoration, resent, cid, seq, mid, did, mine, sealed FROM lost_message
            WHERE cid = ? ORDER BY restoration, seq"""
        return [
            LostMessage(self._messages.read(*row), restoration, bool(resent))
            for restoration, resent, *row in self._file.all(sql, cid)
        ]

    def mark_resent(self, cid: ConversationId, mid: MessageId) -> None:
        """It is in the outbox again."""
        self._file.execute("UPDATE lost_message SET resent = 1 WHERE cid = ? AND mid = ?", cid, mid)

    def take_back(self, cid: ConversationId, did: DeviceId, mid: MessageId) -> bool:
        """It stands in the log again: nothing of it is lost.  False if it was not here."""
        return self._file.execute("DELETE FROM lost_message WHERE cid = ? AND did = ? AND mid = ?", cid, did, mid) > 0

    def count(self, restoration: int) -> int:
        """How many messages one restore has lost, as this device knows, and nobody has sent again."""
        (count,) = self._file.one("SELECT count(*) FROM lost_message WHERE restoration = ? AND NOT resent", restoration)
        return int(count)

    def expire(self, cid: ConversationId, before_ms: int) -> None:
        """Drop what the server had taken before that: a conversation's `ttl` holds for these too."""
        self._file.execute("DELETE FROM lost_message WHERE cid = ? AND at_ms BETWEEN 1 AND ?", cid, before_ms)
