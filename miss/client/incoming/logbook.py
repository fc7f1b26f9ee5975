"""One log for everybody, or proof that there is not.  protocol §3, Log

Every place of a conversation continues the log; deleted and expired ones by their hash.  What others say of their
log (in each message, in read receipts, the server in deposit receipts) is compared with ours.  A difference is kept
with what proves it, and announced once.
"""

from miss.base.clock import to_ms
from miss.base.ids import AccountId, ConversationId
from miss.client.events import Event
from miss.client.model import SplitView
from miss.client.store import Store
from miss.protocol.crypto.envelopes import Seen
from miss.protocol.crypto.receipts import ReadReceipt, log_start, parse_read_receipt, parse_receipt


class Logbook:
    """The logs of this device's conversations.  Each method returns what is to be announced."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def seen(self, cid: ConversationId) -> Seen | None:
        """How far this device has the log, to be told with each message; None if it does not know it."""
        last = self._store.messages.last_log(cid)
        return None if last is None else Seen(*last)

    def extend(self, cid: ConversationId) -> list[Event]:
        """Compute the log as far as nothing is missing, and look again at what was told about it meanwhile."""
        before, _ = self._store.messages.last_log(cid) or (0, b"")
        self._store.messages.extend_log(cid)
        last, _ = self._store.messages.last_log(cid) or (0, b"")
        news: list[Event] = []
        for seq, receipt in self._store.evidence.receipts(cid, before, last):
            news += self.compare(cid, seq, parse_receipt(receipt).leaf.log, None, receipt)
        for raw in self._store.conversations.take_postponed_receipts(cid, last):
            news += self.take_receipt(parse_read_receipt(raw))
        return news

    def anchor(self, cid: ConversationId, seq: int, receipt: bytes) -> list[Event]:
        """The server's own word for the log at the place of a message of ours: where we know none, it is the start."""
        if self._store.messages.log_at(cid, seq) is not None:
            return []
        if self._store.conversations.get(cid).synced_seq < seq:
            return []  # what lies before is still to come: `extend` compares then
        self._store.messages.anchor_log(cid, seq, parse_receipt(receipt).leaf.log)
        return self.extend(cid)

    def take_seen(self, cid: ConversationId, seq: int, uid: AccountId, seen: Seen, env: bytes) -> list[Event]:
        """What the author of the message at `seq` had seen when they wrote it."""
        if seen.seq >= seq:
            if self._is_explained(cid, seq):
                return []  # what they had seen is lost, as the operator says
            # They had seen this very place taken already: the server went back and gave it away again.
            return self._keep(SplitView(cid, seen.seq, uid, seen.log, b"", env))
        return self.compare(cid, seen.seq, seen.log, uid, env)

    def _is_explained(self, cid: ConversationId, seq: int) -> bool:
        """True for what was written, by its author's own date, before devices heard of a restore."""
        message = self._store.messages.find(cid, seq)
        return message is not None and self._store.restorations.explains(to_ms(message.sent_at))

    def take_receipt(self, receipt: ReadReceipt) -> list[Event]:
        """What a reader says they opened; kept for later if this device has not come that far."""
        if receipt.log == log_start(receipt.cid):
            return []  # their device did not see the log from its beginning, and says so
        if self._store.messages.log_at(receipt.cid, receipt.seq) is None:
            self._store.conversations.postpone_receipt(receipt.cid, receipt.uid, receipt.raw)
            return []
        return self.compare(receipt.cid, receipt.seq, receipt.log, receipt.uid, receipt.raw)

    def take_again(self, cid: ConversationId, seq: int, env_hash: bytes, env: bytes) -> list[Event]:
        """The server shows something at a place that is stored already: it has to be the same."""
        known = self._store.messages.env_hash_at(cid, seq)
        if known is None or known == env_hash:
            return []
        return self._keep(SplitView(cid, seq, None, env_hash, known, env))

    def note_rollback(self, cid: ConversationId, last_seq: int) -> list[Event]:
        """The server says that the log ends at `last_seq`, and gave us more than that before; or only said so then."""
        held_seq = self._store.messages.forget_refused(cid, last_seq)
        self._store.conversations.rewind(cid, last_seq)
        if held_seq is None:
            return []
        ours = self._store.messages.log_at(cid, held_seq) or b""
        return self._keep(SplitView(cid, last_seq + 1, None, b"", ours, b""))

    def compare(self, cid: ConversationId, seq: int, theirs: bytes, uid: AccountId | None, proof: bytes) -> list[Event]:
        """`uid` (None: the server) has `theirs` as the log at `seq`; nothing can be said where ours is not known."""
        ours = self._store.messages.log_at(cid, seq)
        if ours is None or ours == theirs:
            return []
        return self._keep(SplitView(cid, seq, uid, theirs, ours, proof))

    def _keep(self, split: SplitView) -> list[Event]:
        return [split] if self._store.splits.add(split) else []
