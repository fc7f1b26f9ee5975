"""Messages as decrypted, by place in their conversation's log.

A row is written once and only ever loses content: to its author's deletion, or to the conversation's `ttl`.  What
is read comes folded: with the reactions and edits that followed, what it answers, and its alarm's state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from miss.base.clock import from_ms, to_ms
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.client.folding import fold, quote
from miss.client.model import Alarm, Message
from miss.client.store.alarms import AlarmStore
from miss.client.store.file import StoreFile
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.receipts import log_next, log_start


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
    urgent: bool = False
    mentions: tuple[bytes, ...] = ()
    ack_by_ms: int | None = None
    next_uids: tuple[bytes, ...] = ()
    deleted_at_ms: int | None = None


_content = msgspec.msgpack.Decoder(_Sealed)
_COLUMNS = "cid, seq, mid, did, mine, sealed"
_EXPIRED = b""
"""In place of the sealed content."""


class MessageStore:
    """A place in the log is written once."""

    def __init__(self, file: StoreFile, alarms: AlarmStore) -> None:
        self._file = file
        self._alarms = alarms

    def add(
        self,
        message: Message,
        *,
        envelope_id: bytes | None,
        env_hash: bytes | None,
        epoch: int = 0,
        about: int | None = None,
        shown: bool = True,
    ) -> bool:
        """Keep a message; False if its place is taken already.

        `envelope_id`: the header's random id, None for what was refused.  `env_hash`: H(env), None if the server
        does not say it.  `epoch`: the one it is sealed under.  `about`: the place of the message it changes.
        """
        sql = """INSERT INTO message
            (cid, seq, mid, did, envelope_id, mine, sealed, env_hash, epoch, about, at_ms, shown, refused)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cid, seq) DO NOTHING"""
        identity = message.cid, message.seq, message.mid, message.did, envelope_id, message.is_mine
        at_ms = to_ms(message.deposited_at)
        rest = self._seal(message), env_hash, epoch, about, at_ms, shown, bool(message.refused)
        return self._file.execute(sql, *identity, *rest) > 0

    def _seal(self, message: Message) -> bytes:
        alarm = message.alarm
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
            urgent=message.urgent,
            mentions=message.mentions,
            ack_by_ms=None if alarm is None else to_ms(alarm.ack_by),
            next_uids=() if alarm is None else alarm.next_uids,
            deleted_at_ms=None if message.deleted_at is None else to_ms(message.deleted_at),
        )
        return self._file.seal(_place(message.cid, message.seq), msgspec.msgpack.encode(sealed))

    # What is there

    def has(self, cid: ConversationId, seq: int) -> bool:
        """True if that place is written, whatever is left of it."""
        return self._file.one("SELECT 1 FROM message WHERE cid = ? AND seq = ?", cid, seq) is not None

    def is_refused(self, cid: ConversationId, seq: int) -> bool:
        """True if what the server showed at that place did not hold."""
        sql = "SELECT 1 FROM message WHERE cid = ? AND seq = ? AND refused"
        return self._file.one(sql, cid, seq) is not None

    def refused(self, cid: ConversationId, limit: int) -> list[int]:
        """The last places at which nothing held, in the order of the log."""
        sql = "SELECT seq FROM message WHERE cid = ? AND refused ORDER BY seq DESC LIMIT ?"
        return [seq for (seq,) in self._file.all(sql, cid, limit)][::-1]

    def forget_refused(self, cid: ConversationId, after_seq: int) -> int | None:
        """Drop what was refused after a place; the last place after it that holds something still, if any."""
        self._file.execute("DELETE FROM message WHERE cid = ? AND seq > ? AND refused", cid, after_seq)
        (last,) = self._file.one("SELECT max(seq) FROM message WHERE cid = ? AND seq > ?", cid, after_seq)
        return None if last is None else int(last)

    def make_way(self, cid: ConversationId, seq: int) -> None:
        """Drop what was refused at a place, for what holds; the log is computed anew from there."""
        self._file.execute("DELETE FROM message WHERE cid = ? AND seq = ? AND refused", cid, seq)
        self._file.execute("UPDATE message SET log = NULL WHERE cid = ? AND seq >= ?", cid, seq)

    def find(self, cid: ConversationId, seq: int) -> Message | None:
        """The message at that place; None if nothing is there, or nothing any more."""
        found = self._select(cid, "seq = ?", seq)
        return self._fold(cid, found)[0] if found else None

    def find_mid(self, cid: ConversationId, mid: MessageId) -> Message | None:
        """The first message of that name; whoever uses the name again does not replace it."""
        found = self._select(cid, "mid = ? ORDER BY seq LIMIT 1", mid)
        return self._fold(cid, found)[0] if found else None

    def find_seq_of(self, did: DeviceId, mid: MessageId) -> int | None:
        """Where the message that `did` sent under `mid` stands."""
        row = self._file.one("SELECT seq FROM message WHERE mid = ? AND did = ?", mid, did)
        return None if row is None else int(row[0])

    def is_replay(self, cid: ConversationId, seq: int, did: DeviceId, mid: MessageId, envelope_id: bytes) -> bool:
        """True if another place of the log holds the same envelope or the same message (protocol §4)."""
        sql = """SELECT 1 FROM message
            WHERE cid = ?1 AND did = ?2 AND seq <> ?3 AND (mid = ?4 OR envelope_id = ?5) LIMIT 1"""
        return self._file.one(sql, cid, did, seq, mid, envelope_id) is not None

    def list_(
        self, cid: ConversationId, after_seq: int = 0, limit: int = 1000, before_seq: int | None = None
    ) -> list[Message]:
        """Messages in the order of the log: the first after `after_seq`, or the last before `before_seq`."""
        if before_seq is None:
            return self._quote(cid, self._select(cid, "shown AND seq > ? ORDER BY seq LIMIT ?", after_seq, limit))
        where = "shown AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?"
        return self._quote(cid, self._select(cid, where, after_seq, before_seq, limit)[::-1])

    def count_unread(self, cid: ConversationId, read_seq: int) -> int:
        """Messages of others after `read_seq`."""
        sql = "SELECT count(*) FROM message WHERE cid = ? AND seq > ? AND NOT mine AND shown"
        return int(self._file.one(sql, cid, read_seq)[0])

    def about(self, cid: ConversationId, seq: int) -> list[Message]:
        """What was said about the message at `seq`, in the order of the log."""
        return self._select(cid, "about = ? ORDER BY seq", seq)

    def _select(self, cid: ConversationId, where: str, *values: object) -> list[Message]:
        """Rows as they were written.  `where`: a constant of this module."""
        sql = f"SELECT {_COLUMNS} FROM message WHERE cid = ? AND sealed <> x'' AND {where}"  # noqa: S608
        return [self.read(*row) for row in self._file.all(sql, cid, *values)]

    def _quote(self, cid: ConversationId, messages: Sequence[Message]) -> list[Message]:
        """Folded, and with what they answer."""
        quoted = {mid: self.find_mid(cid, mid) for mid in {one.reply for one in messages} if mid is not None}
        answered = {mid: quote(message) for mid, message in quoted.items() if message is not None}
        folded = self._fold(cid, messages)
        return [one if one.reply is None else replace(one, quote=answered.get(one.reply)) for one in folded]

    def _fold(self, cid: ConversationId, messages: Sequence[Message]) -> list[Message]:
        """With everything that was said about them."""
        if not messages:
            return []
        seqs = [message.seq for message in messages]
        sql = f"SELECT about, {_COLUMNS} FROM message WHERE cid = ? AND about BETWEEN ? AND ? ORDER BY seq"  # noqa: S608
        about: dict[int, list[Message]] = {}
        for target, *row in self._file.all(sql, cid, min(seqs), max(seqs)):
            about.setdefault(target, []).append(self.read(*row))
        return [fold(self._with_alarm(one), about.get(one.seq, ())) for one in messages]

    def _with_alarm(self, message: Message) -> Message:
        found = None if message.alarm is None else self._alarms.find(message.cid, message.seq)
        if message.alarm is None or found is None:
            return message
        return replace(message, alarm=found.apply(message.alarm))

    # Losing content

    def erase(self, message: Message, deleted_at_ms: int) -> None:
        """Its author deleted it: who and when stays; the content goes, earlier and later versions included."""
        gone = replace(
            message,
            text="",
            attachments=(),
            is_deleted=True,
            deleted_at=from_ms(deleted_at_ms),
            mentions=(),
            alarm=None,
            versions=(),
        )
        with self._file.transaction():
            sql = "UPDATE message SET sealed = ? WHERE cid = ? AND seq = ?"
            self._file.execute(sql, self._seal(gone), message.cid, message.seq)
            self._drop(message.cid, [one.seq for one in self.about(message.cid, message.seq)])
            self._file.execute("DELETE FROM evidence WHERE cid = ? AND seq = ?", message.cid, message.seq)
            self._file.execute("DELETE FROM alarm WHERE cid = ? AND seq = ?", message.cid, message.seq)

    def hide(self, cid: ConversationId, uid: AccountId, seqs: Iterable[int]) -> None:
        """Take these places out of sight, if nothing is left of them but that `uid` deleted them."""
        for seq in seqs:
            message = self.find(cid, seq)
            if message is not None and message.is_deleted and message.uid == uid:
                self._file.execute("UPDATE message SET shown = 0 WHERE cid = ? AND seq = ?", cid, seq)

    def expire(self, cid: ConversationId, before_ms: int) -> list[int]:
        """Drop everything the server took before that; the places dropped.  What continues the log stays."""
        sql = "SELECT seq FROM message WHERE cid = ? AND at_ms BETWEEN 1 AND ? AND sealed <> x'' ORDER BY seq"
        seqs = [seq for (seq,) in self._file.all(sql, cid, before_ms)]
        with self._file.transaction():
            self._drop(cid, seqs)
        return seqs

    def oldest_ms(self, cid: ConversationId) -> int | None:
        """When the server took the oldest message that has content still (milliseconds)."""
        sql = "SELECT min(at_ms) FROM message WHERE cid = ? AND at_ms > 0 AND sealed <> x''"
        (at_ms,) = self._file.one(sql, cid)
        return None if at_ms is None else int(at_ms)

    def _drop(self, cid: ConversationId, seqs: Iterable[int]) -> None:
        for seq in seqs:
            sql = "UPDATE message SET sealed = ?, shown = 0, about = NULL WHERE cid = ? AND seq = ?"
            self._file.execute(sql, _EXPIRED, cid, seq)
            self._file.execute("DELETE FROM evidence WHERE cid = ? AND seq = ?", cid, seq)
            self._file.execute("DELETE FROM alarm WHERE cid = ? AND seq = ?", cid, seq)

    # The log

    def last_contiguous(self, cid: ConversationId, seq: int) -> int:
        """The place up to which nothing is missing after `seq`."""
        while self.has(cid, seq + 1):
            seq += 1
        return seq

    def gaps(self, cid: ConversationId, after_seq: int, to_seq: int) -> list[tuple[int, int]]:
        """First and last place of every run of places after `after_seq`, up to `to_seq`, that nothing is at."""
        sql = "SELECT seq FROM message WHERE cid = ? AND seq > ? AND seq <= ? ORDER BY seq"
        runs, next_seq = [], after_seq + 1
        for (seq,) in [*self._file.all(sql, cid, after_seq, to_seq), (to_seq + 1,)]:
            if seq > next_seq:
                runs.append((next_seq, seq - 1))
            next_seq = seq + 1
        return runs

    def epoch_around(self, cid: ConversationId, seq: int, *, back: bool) -> tuple[int, int] | None:
        """Epoch and time (milliseconds) of the nearest message from `seq` on, or back, that could be opened."""
        order = "seq <= ? AND epoch > 0 ORDER BY seq DESC" if back else "seq >= ? AND epoch > 0 ORDER BY seq"
        row = self._file.one(f"SELECT epoch, at_ms FROM message WHERE cid = ? AND {order} LIMIT 1", cid, seq)  # noqa: S608
        return None if row is None else (int(row[0]), int(row[1]))

    def env_hash_at(self, cid: ConversationId, seq: int) -> bytes | None:
        row = self._file.one("SELECT env_hash FROM message WHERE cid = ? AND seq = ?", cid, seq)
        return None if row is None else row[0]

    def log_at(self, cid: ConversationId, seq: int) -> bytes | None:
        """The conversation's log after that place, as this device computes it; None if it is not known here."""
        row = self._file.one("SELECT log FROM message WHERE cid = ? AND seq = ?", cid, seq)
        return None if row is None else row[0]

    def last_log(self, cid: ConversationId) -> tuple[int, bytes] | None:
        """The last place whose log is known here, and that log."""
        sql = "SELECT seq, log FROM message WHERE cid = ? AND log IS NOT NULL ORDER BY seq DESC LIMIT 1"
        row = self._file.one(sql, cid)
        return None if row is None else (row[0], row[1])

    def anchor_log(self, cid: ConversationId, seq: int, log: bytes) -> None:
        """Start from a log that the server signed for, where what lies before was never ours to see."""
        self._file.execute("UPDATE message SET log = ? WHERE cid = ? AND seq = ? AND log IS NULL", log, cid, seq)

    def extend_log(self, cid: ConversationId) -> None:
        """Compute the log for every place that follows what is known without a gap (protocol §3)."""
        seq, log = self.last_log(cid) or (0, log_start(cid))
        rows = self._file.all("SELECT seq, env_hash FROM message WHERE cid = ? AND seq > ? ORDER BY seq", cid, seq)
        for place, env_hash in rows:
            if place != seq + 1 or env_hash is None:
                return
            seq, log = place, log_next(log, env_hash, place)
            self._file.execute("UPDATE message SET log = ? WHERE cid = ? AND seq = ?", log, cid, seq)

    def taken_since(
        self, cid: ConversationId, since_ms: int, to_seq: int | None = None
    ) -> list[tuple[int, bytes | None]]:
        """Places, up to `to_seq`, of what the server took from `since_ms` on, and the log there if it is known.

        Places where nothing was ever shown count, as nothing says when they were taken.
        """
        sql = """SELECT seq, log FROM message WHERE cid = ?1 AND (at_ms >= ?2 OR at_ms = 0)
            AND (?3 IS NULL OR seq <= ?3) ORDER BY seq"""
        return [(seq, log) for seq, log in self._file.all(sql, cid, since_ms, to_seq)]

    def last_before(self, cid: ConversationId, since_ms: int) -> int:
        """The last place of what the server took before that; 0 if there is none."""
        (seq,) = self._file.one(
            "SELECT max(seq) FROM message WHERE cid = ? AND at_ms BETWEEN 1 AND ?", cid, since_ms - 1
        )
        return int(seq or 0)

    def use_of(self, cid: ConversationId, epoch: int) -> tuple[int, int]:
        """How many messages were sealed under an epoch, and when the server took the first (milliseconds, 0: none)."""
        sql = "SELECT count(*), coalesce(min(at_ms), 0) FROM message WHERE cid = ? AND epoch = ?"
        count, first_ms = self._file.one(sql, cid, epoch)
        return count, first_ms

    def read(
        self, cid: ConversationId, seq: int, mid: MessageId | None, did: DeviceId | None, mine: int, sealed: bytes
    ) -> Message:
        """A row as it was written, with nothing that was said about it since."""
        content = _content.decode(self._file.open(_place(cid, seq), sealed))
        alarm = None
        if content.ack_by_ms is not None:
            alarm = Alarm(from_ms(content.ack_by_ms), tuple(AccountId(uid) for uid in content.next_uids))
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
            deleted_at=None if content.deleted_at_ms is None else from_ms(content.deleted_at_ms),
            urgent=content.urgent,
            mentions=tuple(AccountId(uid) for uid in content.mentions),
            alarm=alarm,
        )


def _place(cid: ConversationId, seq: int) -> str:
    return f"message {cid.hex()} {seq}"
