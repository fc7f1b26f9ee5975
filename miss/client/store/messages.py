"""Messages as decrypted, by place in their conversation's log."""

import msgspec

from miss.base.clock import from_ms, to_ms
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.client.model import Message
from miss.client.store.file import StoreFile
from miss.protocol.crypto.attachments import Attachment


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    uid: bytes | None
    sent_at_ms: int
    deposited_at_ms: int
    type: str
    text: str
    reply: bytes | None
    attachments: tuple[Attachment, ...]
    refused: str
    is_deleted: bool


_content = msgspec.msgpack.Decoder(_Sealed)
_COLUMNS = "cid, seq, mid, did, mine, sealed"


class MessageStore:
    """A place in the log is written once."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, message: Message, *, envelope_id: bytes | None, log: bytes | None) -> bool:
        """Keep a message; False if its place is taken already.

        `envelope_id`: the header's random id, None for what was refused.  `log`: the conversation's log after this
        message (protocol §3), None if it is not known here.
        """
        sealed = _Sealed(
            uid=message.uid,
            sent_at_ms=to_ms(message.sent_at),
            deposited_at_ms=to_ms(message.deposited_at),
            type=message.type,
            text=message.text,
            reply=message.reply,
            attachments=message.attachments,
            refused=message.refused,
            is_deleted=message.is_deleted,
        )
        value = self._file.seal(_place(message.cid, message.seq), msgspec.msgpack.encode(sealed))
        sql = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cid, seq) DO NOTHING"
        return (
            self._file.execute(
                sql, message.cid, message.seq, message.mid, message.did, envelope_id, message.is_mine, log, value
            )
            > 0
        )

    def find(self, cid: ConversationId, seq: int) -> Message | None:
        sql = f"SELECT {_COLUMNS} FROM message WHERE cid = ? AND seq = ?"  # noqa: S608  # constants
        row = self._file.one(sql, cid, seq)
        return None if row is None else self._message(*row)

    def find_seq_of(self, did: DeviceId, mid: MessageId) -> int | None:
        """Where the message that `did` sent under `mid` stands."""
        row = self._file.one("SELECT seq FROM message WHERE mid = ? AND did = ?", mid, did)
        return None if row is None else int(row[0])

    def is_replay(self, cid: ConversationId, seq: int, did: DeviceId, mid: MessageId, envelope_id: bytes) -> bool:
        """True if another place of the log holds the same envelope or the same message (protocol §4)."""
        sql = """SELECT 1 FROM message
            WHERE cid = ?1 AND did = ?2 AND seq <> ?3 AND (mid = ?4 OR envelope_id = ?5) LIMIT 1"""
        return self._file.one(sql, cid, did, seq, mid, envelope_id) is not None

    def list_(self, cid: ConversationId, after_seq: int = 0, limit: int = 1000) -> list[Message]:
        """Messages after `after_seq`, in the order of the log."""
        sql = f"SELECT {_COLUMNS} FROM message WHERE cid = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        return [self._message(*row) for row in self._file.all(sql, cid, after_seq, limit)]

    def count_unread(self, cid: ConversationId, read_seq: int) -> int:
        """Messages of others after `read_seq`."""
        sql = "SELECT count(*) FROM message WHERE cid = ? AND seq > ? AND NOT mine"
        return int(self._file.one(sql, cid, read_seq)[0])

    def last_contiguous(self, cid: ConversationId, seq: int) -> int:
        """The place up to which nothing is missing after `seq`."""
        while self._file.one("SELECT 1 FROM message WHERE cid = ? AND seq = ?", cid, seq + 1) is not None:
            seq += 1
        return seq

    def log_at(self, cid: ConversationId, seq: int) -> bytes | None:
        row = self._file.one("SELECT log FROM message WHERE cid = ? AND seq = ?", cid, seq)
        return None if row is None else row[0]

    def _message(
        self, cid: ConversationId, seq: int, mid: MessageId | None, did: DeviceId | None, mine: int, sealed: bytes
    ) -> Message:
        content = _content.decode(self._file.open(_place(cid, seq), sealed))
        return Message(
            cid=cid,
            seq=seq,
            mid=mid,
            uid=None if content.uid is None else AccountId(content.uid),
            did=did,
            is_mine=bool(mine),
            sent_at=from_ms(content.sent_at_ms),
            deposited_at=from_ms(content.deposited_at_ms),
            type=content.type,
            text=content.text,
            reply=None if content.reply is None else MessageId(content.reply),
            attachments=content.attachments,
            refused=content.refused,
            is_deleted=content.is_deleted,
        )


def _place(cid: ConversationId, seq: int) -> str:
    return f"message {cid.hex()} {seq}"
