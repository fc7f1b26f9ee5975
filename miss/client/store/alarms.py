"""How far each alarming result has come: what the server last said, and the signed acknowledgement.  protocol §7"""

from dataclasses import dataclass, field, replace

from miss.base.clock import from_ms
from miss.base.ids import AccountId, ConversationId
from miss.client.model import Alarm, AlarmState
from miss.client.store.file import StoreFile
from miss.protocol.crypto.acknowledgements import parse_acknowledgement


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """Where one alarm stands."""

    state: AlarmState
    asked: AccountId | None
    acknowledgement: bytes | None = field(repr=False)
    """Verified, as signed."""

    def apply(self, alarm: Alarm) -> Alarm:
        """`alarm`, as its message told it, where it stands now."""
        if self.acknowledgement is None:
            return replace(alarm, state=self.state, asked=self.asked)
        signed = parse_acknowledgement(self.acknowledgement)
        return replace(
            alarm,
            state=AlarmState.ACKNOWLEDGED,
            acknowledged_by=signed.uid,
            acknowledged_at=from_ms(signed.ts_ms),
            acknowledgement=self.acknowledgement,
        )


class AlarmStore:
    """By place of the message that raised it; goes when that message goes."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def find(self, cid: ConversationId, seq: int) -> AlarmRecord | None:
        sql = "SELECT state, asked, acknowledgement FROM alarm WHERE cid = ? AND seq = ?"
        row = self._file.one(sql, cid, seq)
        return None if row is None else AlarmRecord(AlarmState(row[0]), row[1], row[2])

    def put(self, cid: ConversationId, seq: int, record: AlarmRecord) -> bool:
        """Note where it stands; False if that is no news.  An acknowledgement is the end: the first one stays."""
        known = self.find(cid, seq)
        if known == record or (known is not None and known.state is AlarmState.ACKNOWLEDGED):
            return False
        self._write(cid, seq, record)
        return True

    def _write(self, cid: ConversationId, seq: int, record: AlarmRecord) -> None:
        sql = "INSERT OR REPLACE INTO alarm (cid, seq, state, asked, acknowledgement) VALUES (?, ?, ?, ?, ?)"
        self._file.execute(sql, cid, seq, int(record.state), record.asked, record.acknowledgement)

    def complete(self, cid: ConversationId, seq: int, record: AlarmRecord) -> bool:
        """The acknowledgement that the server has stands, whatever was noted before; False if one was here."""
        known = self.find(cid, seq)
        if known is not None and known.acknowledgement is not None:
            return False
        self._write(cid, seq, record)
        return True

    def waiting(self) -> list[tuple[ConversationId, int]]:
        """Where nobody has acknowledged yet."""
        sql = "SELECT cid, seq FROM alarm WHERE state <> ? ORDER BY cid, seq"
        return [(ConversationId(cid), seq) for cid, seq in self._file.all(sql, int(AlarmState.ACKNOWLEDGED))]
