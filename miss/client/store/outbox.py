"""What this device has to send: durable before anything is tried, gone once the server has it.  protocol §7

For each message every envelope ever sent is kept with it: after a crash the same bytes go out again, and a server
that already holds other bytes under the same `mid` is recognised as holding our own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from miss.base.ids import BlobId, ConversationId, MessageId
from miss.client.store.file import StoreFile
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.envelopes import hash_envelope


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """What a person wrote."""

    ts_ms: int
    type: str
    text: str
    reply: bytes | None = None
    attachments: tuple[Attachment, ...] = ()
    """Their `blob` is set when they are uploaded."""
    urgent: bool = False
    mentions: tuple[bytes, ...] = ()
    ack_by_ms: int | None = None
    """Set: the message raises an alarm."""
    next_uids: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One message on its way."""

    mid: MessageId
    cid: ConversationId
    attempts: int
    failed: str
    draft: Draft = field(repr=False)


_draft = msgspec.msgpack.Decoder(Draft)
_COLUMNS = "mid, cid, attempts, failed, sealed"


class OutboxStore:
    """Entries in the order they were written."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, mid: MessageId, cid: ConversationId, draft: Draft, blobs: Sequence[bytes] = ()) -> None:
        """Keep a message and the encrypted content of its attachments, in their order."""
        with self._file.transaction():
            sealed = self._file.seal(_place(mid), msgspec.msgpack.encode(draft))
            self._file.execute("INSERT INTO outbox (mid, cid, sealed) VALUES (?, ?, ?)", mid, cid, sealed)
            for place, content in enumerate(blobs):
                self._file.execute(
                    "INSERT INTO outbox_blob (mid, place, content) VALUES (?, ?, ?)", mid, place, content
                )

    def add_first(self, cid: ConversationId, drafts: Sequence[tuple[MessageId, Draft]]) -> None:
        """Keep messages without files before all that waits, in their order; those that wait already stay."""
        with self._file.transaction():
            (first,) = self._file.one("SELECT coalesce(min(place), 1) FROM outbox")
            for place, (mid, draft) in enumerate(drafts, first - len(drafts)):
                sealed = self._file.seal(_place(mid), msgspec.msgpack.encode(draft))
                sql = "INSERT OR IGNORE INTO outbox (place, mid, cid, sealed) VALUES (?, ?, ?, ?)"
                self._file.execute(sql, place, mid, cid, sealed)

    def seal_anew(self, cid: ConversationId) -> None:
        """What was sealed for this conversation is not to be sent any more; it is recognised still if it comes back.

        What failed for a receipt that did not hold is tried again.
        """
        with self._file.transaction():
            mids = "SELECT mid FROM outbox WHERE cid = ?"
            self._file.execute(f"UPDATE outbox_envelope SET env = x'' WHERE mid IN ({mids})", cid)  # noqa: S608
            failed = "UPDATE outbox SET failed = '' WHERE cid = ? AND failed IN ('receipt_forged', 'bad_receipt')"
            self._file.execute(failed, cid)

    def find(self, mid: MessageId) -> OutboxEntry | None:
        row = self._file.one(f"SELECT {_COLUMNS} FROM outbox WHERE mid = ?", mid)  # noqa: S608  # constants
        return None if row is None else self._entry(*row)

    def list_(self, cid: ConversationId) -> list[OutboxEntry]:
        """Everything of one conversation that is not acknowledged."""
        sql = f"SELECT {_COLUMNS} FROM outbox WHERE cid = ? ORDER BY place"  # noqa: S608  # constants
        return [self._entry(*row) for row in self._file.all(sql, cid)]

    def next_of_each(self) -> list[OutboxEntry]:
        """The first entry of each conversation that did not fail, oldest first: what may be sent now."""
        sql = f"""SELECT {_COLUMNS} FROM outbox WHERE place IN
            (SELECT min(place) FROM outbox WHERE failed = '' GROUP BY cid) ORDER BY place"""  # noqa: S608
        return [self._entry(*row) for row in self._file.all(sql)]

    def _entry(self, mid: MessageId, cid: ConversationId, attempts: int, failed: str, sealed: bytes) -> OutboxEntry:
        return OutboxEntry(mid, cid, attempts, failed, _draft.decode(self._file.open(_place(mid), sealed)))

    def fail(self, mid: MessageId, code: str) -> None:
        """Keep it, and let it wait for a person."""
        self._file.execute("UPDATE outbox SET failed = ? WHERE mid = ?", code, mid)

    def retry(self, mid: MessageId) -> None:
        """Back in its place of the queue."""
        self._file.execute("UPDATE outbox SET failed = '' WHERE mid = ?", mid)

    def remove(self, mid: MessageId) -> None:
        """Forget an entry with its envelopes and blobs; nothing happens if there is none."""
        self._file.execute("DELETE FROM outbox WHERE mid = ?", mid)

    # Envelopes

    def keep_envelope(self, mid: MessageId, env: bytes) -> None:
        """Remember what is about to be sent."""
        with self._file.transaction():
            self._file.execute("UPDATE outbox SET attempts = attempts + 1 WHERE mid = ?", mid)
            sql = "INSERT INTO outbox_envelope (mid, env_hash, env) VALUES (?, ?, ?)"
            self._file.execute(sql, mid, hash_envelope(env), env)

    def last_envelope(self, mid: MessageId) -> bytes | None:
        """What was last sent, or about to be; None if it is to be sealed (anew)."""
        row = self._file.one("SELECT env FROM outbox_envelope WHERE mid = ? ORDER BY attempt DESC LIMIT 1", mid)
        return None if row is None or not row[0] else row[0]

    def has_sent(self, mid: MessageId, env_hash: bytes) -> bool:
        """True if the envelope with that H(env) is one of ours."""
        sql = "SELECT 1 FROM outbox_envelope WHERE mid = ? AND env_hash = ?"
        return self._file.one(sql, mid, env_hash) is not None

    # Blobs

    def missing_blobs(self, mid: MessageId) -> list[tuple[int, bytes]]:
        """Place and content of the attachments still to upload."""
        sql = "SELECT place, content FROM outbox_blob WHERE mid = ? AND blob_id IS NULL ORDER BY place"
        return [(place, content) for place, content in self._file.all(sql, mid)]

    def blob_ids(self, mid: MessageId) -> list[BlobId]:
        """What the server calls the uploaded attachments, in their order."""
        sql = "SELECT blob_id FROM outbox_blob WHERE mid = ? AND blob_id IS NOT NULL ORDER BY place"
        return [BlobId(blob_id) for (blob_id,) in self._file.all(sql, mid)]

    def set_blob_id(self, mid: MessageId, place: int, blob_id: BlobId) -> None:
        self._file.execute("UPDATE outbox_blob SET blob_id = ? WHERE mid = ? AND place = ?", blob_id, mid, place)

    def upload_id(self, mid: MessageId, place: int) -> BlobId | None:
        """What the server calls the upload that was begun; None if there is none."""
        row = self._file.one("SELECT upload_id FROM outbox_blob WHERE mid = ? AND place = ?", mid, place)
        return None if row is None else row[0]

    def set_upload_id(self, mid: MessageId, place: int, upload_id: BlobId | None) -> None:
        self._file.execute("UPDATE outbox_blob SET upload_id = ? WHERE mid = ? AND place = ?", upload_id, mid, place)

    def clear_blob_ids(self, mid: MessageId) -> None:
        """The server forgot the uploads (they die after 24 hours unattached): upload again."""
        self._file.execute("UPDATE outbox_blob SET blob_id = NULL, upload_id = NULL WHERE mid = ?", mid)


def _place(mid: MessageId) -> str:
    return f"outbox {mid.hex()}"
