"""What a person has begun to write: sealed, there again after a restart, never sent."""

import msgspec

from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.model import SavedDraft
from miss.client.store.file import StoreFile


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    text: str
    reply: bytes | None
    mentions: tuple[bytes, ...]
    urgent: bool


_draft = msgspec.msgpack.Decoder(_Sealed)


class DraftStore:
    """One for each conversation."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, cid: ConversationId, draft: SavedDraft) -> None:
        """Keep the draft in place of the one before; an empty one is forgotten."""
        if draft == SavedDraft(""):
            self.remove(cid)
            return
        sealed = _Sealed(draft.text, draft.reply, draft.mentions, draft.urgent)
        value = self._file.seal(_place(cid), msgspec.msgpack.encode(sealed))
        self._file.execute("INSERT OR REPLACE INTO draft (cid, sealed) VALUES (?, ?)", cid, value)

    def find(self, cid: ConversationId) -> SavedDraft | None:
        row = self._file.one("SELECT sealed FROM draft WHERE cid = ?", cid)
        if row is None:
            return None
        value = _draft.decode(self._file.open(_place(cid), row[0]))
        reply = None if value.reply is None else MessageId(value.reply)
        return SavedDraft(value.text, reply, tuple(AccountId(uid) for uid in value.mentions), value.urgent)

    def remove(self, cid: ConversationId) -> None:
        self._file.execute("DELETE FROM draft WHERE cid = ?", cid)


def _place(cid: ConversationId) -> str:
    return f"draft {cid.hex()}"
