"""Calls that write messages, say something about them, and follow them on their way."""

from collections.abc import Sequence

from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.calls.base import Calls
from miss.client.errors import ClientClosed, NotAnEmoji, NotYourMessage, ServerRefused, UnknownMessage
from miss.client.events import SendFailed, Sent
from miss.client.folding import is_emoji
from miss.client.model import DELETE, EDIT, REACTION, TEXT, Message, Outgoing, SavedDraft
from miss.client.store.outbox import Draft
from miss.client.store.statements import PendingStatement, StatementKind
from miss.protocol.crypto.tombstones import compose_tombstone


class WritingCalls(Calls):
    """Everything here goes through the outbox."""

    def send_text(
        self,
        cid: ConversationId,
        text: str,
        *,
        reply: MessageId | None = None,
        urgent: bool = False,
        mentions: Sequence[AccountId] = (),
        mid: MessageId | None = None,
    ) -> MessageId:
        """Put a message in the outbox, durable on return; it leaves by itself.

        `reply`: the message it answers.  `mid`: for a program that may be cut between this call and its own note of
        it; the same again (a UUIDv7) is one message.  A saved draft that says the same is forgotten with it.  Raises
        NotAMember for a mention, UnknownConversation, NotInConversation.
        """
        self._require_members(cid, mentions)
        draft = Draft(self._parts.time.now_ms(), TEXT, text, reply, urgent=urgent, mentions=tuple(mentions))
        return self._enqueue(cid, draft, along=lambda: self._forget_draft(cid, text), mid=mid)

    def edit(self, cid: ConversationId, seq: int, text: str) -> MessageId:
        """Have a message of this person say something else; what it said stays visible (`versions`).

        Raises UnknownMessage, MessageGone, NotYourMessage, NotInConversation.
        """
        message, mid = self._target(cid, seq)
        if not message.is_mine or message.type != TEXT:
            raise NotYourMessage(seq=seq)
        return self._enqueue(cid, Draft(self._parts.time.now_ms(), EDIT, text, mid))

    def delete(self, cid: ConversationId, seq: int) -> MessageId:
        """Take a message of this person back: its content goes everywhere, that it was there stays visible.

        Its files become unreachable.  Raises UnknownMessage, MessageGone, NotYourMessage, NotInConversation.
        """
        message, mid = self._target(cid, seq)
        if not message.is_mine:
            raise NotYourMessage(seq=seq)
        edits = [one.seq for one in self._store.messages.about(cid, seq) if one.type == EDIT and one.is_mine]
        stones = [self._bury(cid, place) for place in (seq, *edits)]

        def along() -> None:
            for stone in stones:
                self._store.statements.add(stone)
            for entry in self._store.outbox.list_(cid):
                if entry.draft.type == EDIT and entry.draft.reply == mid:
                    self._store.outbox.remove(entry.mid)

        # Who comes later cannot tell an emptied edit from an emptied message: they are told which are edits.
        text = " ".join(map(str, edits))
        return self._enqueue(cid, Draft(self._parts.time.now_ms(), DELETE, text, mid), along=along)

    def _bury(self, cid: ConversationId, seq: int) -> PendingStatement:
        device = self._parts.device
        stone = compose_tombstone(
            cid=cid,
            seq=seq,
            env_hash=self._env_hash(cid, seq),
            uid=device.uid,
            did=device.did,
            ts_ms=self._parts.time.now_ms(),
            ik=device.keys.ik,
        )
        return PendingStatement(cid, seq, StatementKind.TOMBSTONE, stone.raw)

    def react(self, cid: ConversationId, seq: int, emoji: str) -> MessageId:
        """Put an emoji under a message; each person puts each emoji once.

        Raises NotAnEmoji, UnknownMessage, MessageGone, NotInConversation.
        """
        _, mid = self._target(cid, seq)
        if not is_emoji(emoji):
            raise NotAnEmoji
        return self._enqueue(cid, Draft(self._parts.time.now_ms(), REACTION, emoji, mid))

    def withdraw_reaction(self, cid: ConversationId, seq: int, emoji: str | None = None) -> MessageId:
        """Take back one emoji, or all of this person's.  Raises UnknownMessage, MessageGone, NotInConversation."""
        message, mid = self._target(cid, seq)
        ts_ms = self._parts.time.now_ms()
        kept = [one for one in self._reactions(message) if emoji is not None and one != emoji]
        last = self._enqueue(cid, Draft(ts_ms, REACTION, "", mid))
        for one in kept:
            last = self._enqueue(cid, Draft(ts_ms, REACTION, one, mid))
        return last

    def _reactions(self, message: Message) -> list[str]:
        return [reaction.emoji for reaction in message.reactions if self.uid in reaction.uids]

    # What is not sent yet

    def save_draft(
        self,
        cid: ConversationId,
        text: str,
        *,
        reply: MessageId | None = None,
        urgent: bool = False,
        mentions: Sequence[AccountId] = (),
    ) -> None:
        """Keep what a person has begun to write, sealed on this device; an empty one is forgotten."""
        self._store.drafts.put(cid, SavedDraft(text, reply, tuple(mentions), urgent))

    def draft(self, cid: ConversationId) -> SavedDraft | None:
        """What was begun, if anything."""
        return self._store.drafts.find(cid)

    def _forget_draft(self, cid: ConversationId, text: str) -> None:
        draft = self._store.drafts.find(cid)
        if draft is not None and draft.text == text:
            self._store.drafts.remove(cid)

    def outgoing(self, cid: ConversationId) -> list[Outgoing]:
        """What the server has not acknowledged yet, in order; `failed` tells what waits for a decision."""
        return [
            Outgoing(
                mid=entry.mid,
                cid=cid,
                text=entry.draft.text,
                attempts=entry.attempts,
                failed=entry.failed,
                type=entry.draft.type,
                reply=None if entry.draft.reply is None else MessageId(entry.draft.reply),
            )
            for entry in self._store.outbox.list_(cid)
        ]

    def retry(self, mid: MessageId) -> None:
        """Try a failed message again."""
        self._store.outbox.retry(mid)
        self._parts.sending.wake()

    def discard(self, mid: MessageId) -> None:
        """Give up a message that was not sent; an upload of its files stops."""
        self._store.outbox.remove(mid)

    async def wait_sent(self, mid: MessageId) -> int:
        """Where the server put a message of this device, once it has it for good.

        Raises ServerRefused with the code for which the message now waits in the outbox, UnknownMessage for one
        that is neither sent nor waiting, ClientClosed.
        """
        stream = self.events()
        if (seq := self._store.messages.find_seq_of(self.did, mid)) is not None:
            return seq
        entry = self._store.outbox.find(mid)
        if entry is None:
            raise UnknownMessage
        if entry.failed:
            raise ServerRefused(entry.failed)
        async for event in stream:
            match event:
                case Sent(mid=sent, seq=place) if sent == mid:
                    return place
                case SendFailed(mid=failed, code=code) if failed == mid:
                    raise ServerRefused(code)
        raise ClientClosed
