"""Reading: older messages, what was read, searches, marks, drafts."""

from clients.desktop.state import facts as f
from clients.desktop.state.model import PAGE
from clients.desktop.store.desk import Marks
from clients.desktop.sync import describe
from clients.desktop.sync.calls.base import Calls
from clients.desktop.sync.pump import LOSSES_SEEN
from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.errors import UnknownConversation, UnknownMessage
from miss.client.model import Message, Presence


class ReadingCalls(Calls):
    """What is stored."""

    async def read_older(self, cid: ConversationId, before_seq: int) -> None:
        """Tell the page before a place."""
        messages = self.client.messages(cid, limit=PAGE + 1, before_seq=before_seq)
        self.tell(f.OlderTold(cid, tuple(messages[-PAGE:]), len(messages) > PAGE))

    async def read_from(self, cid: ConversationId, seq: int, before_seq: int) -> None:
        """Tell everything from a little before `seq` on, up to what is shown (`before_seq`): a search found it."""
        before = self.client.messages(cid, limit=20, before_seq=seq)
        first = before[0].seq if before else seq
        found: list[Message] = []
        after = first - 1
        while page := self.client.messages(cid, after, 1000):
            found.extend(one for one in page if one.seq < before_seq)
            after = page[-1].seq
            if after >= before_seq:
                break
        older = self.client.messages(cid, limit=1, before_seq=first)
        self.tell(f.OlderTold(cid, tuple(found), bool(older)))

    async def mark_read(self, cid: ConversationId, seq: int) -> None:
        """Everything up to `seq` was seen."""
        try:
            self.client.mark_read(cid, seq)
        except (UnknownMessage, UnknownConversation):
            return  # it expired between the screen and here
        self.pump.note(cid)

    async def mark_all_read(self) -> None:
        """Every conversation, up to what is here."""
        for conversation in self.client.conversations():
            if conversation.unread:
                await self.mark_read(conversation.cid, conversation.last_seq)

    async def search(self, text: str, cid: ConversationId | None = None) -> None:
        """Tell what a search finds; in one conversation, or everywhere."""
        self.pump.flush()
        self.tell(f.FoundTold(text, describe.hits_of(self.client, self.desk, text, cid)))

    async def set_marks(self, cid: ConversationId, *, pinned: bool | None = None, muted: bool | None = None) -> None:
        """Pin or mute a conversation, on this desk; None leaves it as it is."""
        marks = self.desk.marks().get(cid, Marks())
        new = Marks(marks.pinned if pinned is None else pinned, marks.muted if muted is None else muted)
        self.desk.put_marks(cid, new)
        self.pump.note(cid)

    async def save_draft(
        self,
        cid: ConversationId,
        text: str,
        reply: MessageId | None = None,
        mentions: tuple[AccountId, ...] = (),
        urgent: bool = False,
    ) -> None:
        """Keep what was begun."""
        self.client.save_draft(cid, text, reply=reply, mentions=mentions, urgent=urgent)
        self.pump.note(cid)

    async def history(self, cid: ConversationId, first_seq: int, last_seq: int) -> list[Message]:
        """The messages of an extract."""
        found: list[Message] = []
        after = first_seq - 1
        while page := self.client.messages(cid, after, 1000):
            found.extend(one for one in page if one.seq <= last_seq)
            after = page[-1].seq
            if after >= last_seq:
                break
        return found

    async def prove(self, cid: ConversationId, seq: int) -> bytes:
        """The proof of one message, for `miss proof verify`."""
        return await self.client.export_proof(cid, seq)

    async def note_losses_seen(self, restoration: int) -> None:
        """This person was told what that restore has lost."""
        self.desk.put_setting(LOSSES_SEEN, str(restoration))

    async def set_presence(self, presence: Presence) -> None:
        """Say whether this person is there."""
        self.client.set_presence(presence)

    async def typing(self, cid: ConversationId, on: bool) -> None:
        """Say that this person writes, or has stopped."""
        self.client.typing(cid, on)

    async def put_setting(self, name: str, value: str) -> None:
        """Something small of this account's: the place of a window."""
        self.desk.put_setting(name, value)

    async def setting(self, name: str) -> str:
        """What `put_setting` kept; empty if nothing."""
        return self.desk.setting(name)
