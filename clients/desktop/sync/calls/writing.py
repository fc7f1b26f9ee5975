"""Writing: everything goes through the client's outbox, durable when the call returns."""

from datetime import timedelta

from clients.desktop.sync.calls.base import Calls
from miss.base.ids import AccountId, ConversationId, MessageId


class WritingCalls(Calls):
    """Messages, and what is said about them."""

    async def send_text(
        self,
        cid: ConversationId,
        text: str,
        *,
        reply: MessageId | None = None,
        urgent: bool = False,
        mentions: tuple[AccountId, ...] = (),
    ) -> MessageId:
        """A message, durable in the outbox when this returns; its id."""
        mid = self.client.send_text(cid, text, reply=reply, urgent=urgent, mentions=mentions)
        self.client.save_draft(cid, "")
        self._seen(cid)
        return mid

    async def send_alarm(
        self, cid: ConversationId, text: str, *, within: timedelta, next_uids: tuple[AccountId, ...] = ()
    ) -> MessageId:
        """A result that somebody has to acknowledge `within` that time."""
        mid = self.client.send_alarm(cid, text, ack_by=self.clock.now() + within, next_uids=next_uids)
        self.client.save_draft(cid, "")
        self._seen(cid)
        return mid

    def _seen(self, cid: ConversationId) -> None:
        """Whoever answers has read what stands above."""
        conversation = self.client.conversation(cid)
        if conversation.unread:
            self.client.mark_read(cid, conversation.last_seq)
        self.pump.note(cid)

    async def edit(self, cid: ConversationId, seq: int, text: str) -> None:
        """Change one's own message."""
        self.client.edit(cid, seq, text)
        self.pump.note(cid)

    async def delete(self, cid: ConversationId, seq: int) -> None:
        """Take one's own message back."""
        self.client.delete(cid, seq)
        self.pump.note(cid)

    async def react(self, cid: ConversationId, seq: int, emoji: str) -> None:
        """Put an emoji under a message, or take it back if it is there."""
        message = self.client.message(cid, seq)
        mine = any(one.emoji == emoji and self.client.uid in one.uids for one in message.reactions)
        if mine:
            self.client.withdraw_reaction(cid, seq, emoji)
        else:
            self.client.react(cid, seq, emoji)
        self.pump.note(cid)

    async def acknowledge(self, cid: ConversationId, seq: int) -> None:
        """Answer for an alarming result, by signature."""
        self.client.acknowledge(cid, seq)
        self.pump.note(cid)

    async def retry(self, cid: ConversationId, mid: MessageId) -> None:
        """Send again what was refused."""
        self.client.retry(mid)
        self.pump.note(cid)

    async def discard(self, cid: ConversationId, mid: MessageId) -> None:
        """Give up what was not sent; an upload stops."""
        self.client.discard(mid)
        self.pump.note(cid)
