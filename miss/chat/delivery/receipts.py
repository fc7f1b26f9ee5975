"""Deposit receipts, once more, for those who were there: what a proof needs and a `msg` does not carry.  protocol §6

The stored leaf is signed again as a batch of one, as for an envelope that was sent twice.
"""

from dataclasses import dataclass

from miss.base.errors import NotFound
from miss.base.ids import AccountId, ConversationId
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.model import readable_range
from miss.chat.delivery import store
from miss.directory.signer import Signer
from miss.protocol.crypto.receipts import Leaf, sign_batch
from miss.storage import Database


@dataclass(frozen=True, slots=True)
class Receipted:
    """One place of the log."""

    receipt: bytes
    env: bytes
    """Empty if it was deleted: what the receipt says of it stays."""


class Receipts:
    """Reads the log, and signs what it says."""

    def __init__(self, db: Database, signer: Signer) -> None:
        self._db = db
        self._signer = signer

    async def get(self, uid: AccountId, cid: ConversationId, seq: int) -> Receipted:
        """The receipt of what stands at `seq`.

        Raises NotFound if the memberships of `uid` do not open that place, as if there were none.
        """
        async with self._db.snapshot() as tx:
            is_open = readable_range(await conversation_store.intervals_of(tx, cid, uid), seq, seq) is not None
            placed = await store.find_placed(tx, cid, seq) if is_open else None
        if placed is None:
            raise NotFound(cid=cid.hex())
        stored, env = placed
        leaf = Leaf(stored.cid, stored.seq, stored.env_hash, stored.log, stored.ts_ms)
        return Receipted(sign_batch([leaf], self._signer.receipt_key)[0].to_bytes(), env)
