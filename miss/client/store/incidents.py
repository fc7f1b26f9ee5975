"""What the server claimed and could not prove, for whoever has to explain it.  Bounded: a server may claim anything."""

from datetime import datetime
from typing import Final

from miss.base.clock import from_ms
from miss.base.ids import AccountId, ConversationId
from miss.client.model import Incident
from miss.client.store.file import StoreFile

MAX_INCIDENTS: Final = 1000
"""The first ones stay: what comes later tells nothing new of such a server."""


class IncidentStore:
    """One line for each code and subject, with the first and the last time."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def note(self, code: str, cid: ConversationId | None, uid: AccountId | None, at_ms: int) -> None:
        """It happened (again)."""
        place = code, cid or b"", uid or b""
        with self._file.transaction():
            moved = "UPDATE incident SET last_ms = max(last_ms, ?) WHERE code = ? AND cid = ? AND uid = ?"
            if self._file.execute(moved, at_ms, *place):
                return
            (count,) = self._file.one("SELECT count(*) FROM incident")
            if count < MAX_INCIDENTS:
                self._file.execute("INSERT INTO incident VALUES (?, ?, ?, ?, ?)", *place, at_ms, at_ms)

    def list_(self) -> list[Incident]:
        """The latest first."""
        rows = self._file.all("SELECT code, cid, uid, first_ms, last_ms FROM incident ORDER BY last_ms DESC, code")
        return [
            _incident(code, cid, uid, from_ms(first_ms), from_ms(last_ms)) for code, cid, uid, first_ms, last_ms in rows
        ]


def _incident(code: str, cid: bytes, uid: bytes, first_at: datetime, last_at: datetime) -> Incident:
    return Incident(
        code=code,
        cid=ConversationId(cid) if cid else None,
        uid=AccountId(uid) if uid else None,
        first_at=first_at,
        last_at=last_at,
    )
