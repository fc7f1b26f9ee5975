"""Calls about messages as they stand here, and who has received and read them."""

from miss.base.clock import from_ms
from miss.base.ids import AccountId, ConversationId
from miss.client.calls.base import Calls
from miss.client.errors import UnknownMessage
from miss.client.model import Incident, LostMessage, Message, Restored, SplitView
from miss.client.proofs import Proofs
from miss.client.store.conversations import READ, RECEIVED


class ReadingCalls(Calls):
    """What is stored."""

    def messages(
        self, cid: ConversationId, after_seq: int = 0, limit: int = 1000, *, before_seq: int | None = None
    ) -> list[Message]:
        """Messages in the order of the log: the first `limit` after `after_seq`, or the last before `before_seq`.

        Each as everything since has left it: edited, deleted, with reactions, what it answers, its alarm's state.
        """
        return self._store.messages.list_(cid, after_seq, limit, before_seq)

    def message(self, cid: ConversationId, seq: int) -> Message:
        """One message.  Raises UnknownMessage, also for one that has expired."""
        message = self._store.messages.find(cid, seq)
        if message is None:
            raise UnknownMessage(seq=seq)
        return message

    def mark_read(self, cid: ConversationId, seq: int) -> None:
        """This person has opened everything up to `seq`: the others are told, by a signed receipt, if they are to be.

        Raises UnknownConversation, UnknownMessage for a place that is not here yet.
        """
        if seq > self._store.conversations.get(cid).synced_seq:
            raise UnknownMessage(seq=seq)
        if self._store.conversations.advance(cid, read_seq=seq):
            self._parts.reports.note(cid)

    @property
    def tells_reading(self) -> bool:
        """Whether the others are told what this person has read here; true until `set_tells_reading`."""
        return self._parts.reports.tells_reading

    def set_tells_reading(self, on: bool) -> None:
        """Send read receipts, or none; survives a restart.  Silent, this person's other devices are not told either:
        each counts as unread what was opened here."""
        self._parts.reports.set_tells_reading(on)

    def delivered_to(self, cid: ConversationId) -> dict[AccountId, int]:
        """Up to where each other member's devices have received."""
        return self._store.conversations.markers(cid, RECEIVED)

    def read_by(self, cid: ConversationId) -> dict[AccountId, int]:
        """Up to where each other member has read."""
        return self._store.conversations.markers(cid, READ)

    def split_views(self, cid: ConversationId) -> list[SplitView]:
        """Proof that others were shown another log than this device; empty when all is well."""
        return self._store.splits.list_(cid)

    def incidents(self) -> list[Incident]:
        """What else the server claimed and could not prove, the latest first; at most 1,000, the first ones stay."""
        return self._store.incidents.list_()

    def lost_messages(self, cid: ConversationId) -> list[LostMessage]:
        """What a restored server has lost of a conversation and this device holds still, in the order it had.

        A message that its author's device has sent again stands in the log, and is not among them any more.
        """
        return self._store.lost.list_(cid)

    def restorations(self) -> list[Restored]:
        """Every restore of the server that its operator has signed, oldest first."""
        return [
            Restored(one.epoch, from_ms(one.restored_to_ms), from_ms(one.ts_ms), self._store.lost.count(one.epoch))
            for one in self._store.restorations.list_()
        ]

    async def export_proof(self, cid: ConversationId, seq: int) -> bytes:
        """The proof of a message, for a file that `miss proof verify` reads offline; it opens that message.

        Raises UnknownMessage, MessageNotProvable, a ProtocolError if the server proves nothing; ServerRefused,
        ServerUnreachable when the receipt of somebody else's message has to be fetched.
        """
        return await Proofs(self._store, self._parts.device, self._parts.api).export(cid, seq)
