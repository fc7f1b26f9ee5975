"""What comes in: envelopes opened, verified and stored, then announced.  protocol §4

Nothing is announced before it is stored, and no place of the log is left out: an envelope that does not hold keeps
its place as a refused message with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from miss.base.clock import from_ms, to_ms
from miss.base.ids import ConversationId, MessageId
from miss.client.epochs import Epochs
from miss.client.errors import IdentityError, MessageReplayed, NotReachable
from miss.client.events import Announcer, Event, MessageReceived, MessageRefused, Sent
from miss.client.identity import Identities
from miss.client.model import NAME, Message, Role
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.client.store.outbox import OutboxEntry
from miss.protocol.crypto.envelopes import Opened, hash_envelope, open_envelope, parse_header
from miss.protocol.crypto.receipts import log_next, log_start
from miss.protocol.errors import BoxMissing, ProtocolError, UnknownLinkHead, UnknownSender, WrongCommit
from miss.protocol.wire.frames import Item


@dataclass(frozen=True, slots=True)
class _Arrived:
    """One envelope, looked at."""

    message: Message
    envelope_id: bytes | None
    env_hash: bytes | None
    """None for a deleted one: its bytes are gone."""
    names_conversation: bool = False
    env: bytes = b""
    """What proves the message, if it holds."""
    receipt: bytes | None = None


class Intake:
    """From envelopes to messages."""

    def __init__(
        self, store: Store, device: DeviceRecord, identities: Identities, epochs: Epochs, announcer: Announcer
    ) -> None:
        self._store = store
        self._device = device
        self._identities = identities
        self._epochs = epochs
        self._announcer = announcer

    async def take(self, cid: ConversationId, items: Sequence[Item], synced_seq: int) -> None:
        """Store the envelopes of one conversation, in the order of their places, and announce them.

        `synced_seq`: everything up to there is now at hand, or was never ours to read.  Raises ServerUnreachable,
        ServerRefused when what it takes to open them cannot be had: nothing is stored then, and the same call can
        be made again.
        """
        wanted = [item for item in items if self._store.messages.find(cid, item.seq) is None]
        arrived = [await self._open(cid, item) for item in wanted]
        news: list[Event] = []
        with self._store.transaction():
            for one in arrived:
                news += self._keep(one)
            self._store.conversations.advance(cid, last_seq=synced_seq, synced_seq=synced_seq)
            self._advance(cid)
        for event in news:
            self._announcer.announce(event)

    async def _open(self, cid: ConversationId, item: Item) -> _Arrived:
        if not item.env:
            return _Arrived(self._empty(cid, item, refused="", is_deleted=True), None, None)
        env_hash = hash_envelope(item.env)
        try:
            opened, names = await self._verify(cid, item)
        except (ProtocolError, IdentityError, NotReachable) as error:
            return _Arrived(self._empty(cid, item, refused=error.code, is_deleted=False), None, env_hash)
        body = opened.body
        message = Message(
            cid=cid,
            seq=item.seq,
            mid=body.mid,
            uid=opened.uid,
            did=opened.header.did,
            is_mine=opened.uid == self._device.uid,
            sent_at=from_ms(body.ts),
            deposited_at=from_ms(item.ts),
            type=body.type,
            text=body.text,
            reply=body.reply,
            attachments=body.att,
        )
        return _Arrived(message, opened.header.id, env_hash, names, item.env)

    async def _verify(self, cid: ConversationId, item: Item) -> tuple[Opened, bool]:
        """The opened envelope, and whether it names the conversation.  Raises a ProtocolError if it does not hold."""
        header = parse_header(item.env)
        epoch = await self._epochs.epoch_of(cid, header.commit)
        if epoch is None:
            raise WrongCommit(epoch=0)
        if epoch.es is None:
            raise BoxMissing(epoch=epoch.number)
        chains = await self._identities.chains_for(epoch.commit)
        try:
            opened = open_envelope(item.env, epoch.es, epoch.commit, chains)
        except (UnknownSender, UnknownLinkHead):
            # A device linked since we last looked: it needs no new epoch, hence no commit told us (protocol §4).
            chains = await self._identities.refresh_all(chains)
            opened = open_envelope(item.env, epoch.es, epoch.commit, chains)
        member = epoch.commit.member(opened.uid)
        return opened, opened.body.type == NAME and member is not None and member.role is Role.ADMIN

    def _empty(self, cid: ConversationId, item: Item, *, refused: str, is_deleted: bool) -> Message:
        """A place of the log without content."""
        at = from_ms(item.ts)
        return Message(
            cid=cid,
            seq=item.seq,
            mid=None,
            uid=None,
            did=None,
            is_mine=False,
            sent_at=at,
            deposited_at=at,
            refused=refused,
            is_deleted=is_deleted,
        )

    def _keep(self, one: _Arrived) -> list[Event]:
        """Store one arrival; what is to be announced of it.  Inside the caller's transaction."""
        if self._is_replay(one):
            one = _Arrived(_replayed(one.message), None, one.env_hash)
        message, cid = one.message, one.message.cid
        log = self._log_after(cid, message.seq, one.env_hash)
        if not self._store.messages.add(message, envelope_id=one.envelope_id, log=log):
            return []
        if one.env:
            self._store.evidence.keep(cid, message.seq, one.env, one.receipt)
        self._store.conversations.touch(cid, to_ms(message.deposited_at))
        if one.names_conversation:
            self._store.conversations.set_name(cid, message.text)
        if message.refused:
            return [MessageRefused(message)]
        if message.did == self._device.did and message.mid is not None:
            was_waiting = self._store.outbox.find(message.mid) is not None
            self._store.outbox.remove(message.mid)
            return [Sent(cid, message.mid, message.seq)] if was_waiting else []
        return [MessageReceived(message)]

    def _advance(self, cid: ConversationId) -> None:
        """Everything is at hand up to the first place that is missing."""
        reached = self._store.messages.last_contiguous(cid, self._store.conversations.get(cid).synced_seq)
        self._store.conversations.advance(cid, last_seq=reached, synced_seq=reached)

    def _is_replay(self, one: _Arrived) -> bool:
        message = one.message
        if message.mid is None or message.did is None or one.envelope_id is None:
            return False
        return self._store.messages.is_replay(message.cid, message.seq, message.did, message.mid, one.envelope_id)

    def _log_after(self, cid: ConversationId, seq: int, env_hash: bytes | None) -> bytes | None:
        """The conversation's log after `seq`, if everything before it was seen here (protocol §3)."""
        before = log_start(cid) if seq == 1 else self._store.messages.log_at(cid, seq - 1)
        return log_next(before, env_hash, seq) if before and env_hash else None

    def keep_own(self, entry: OutboxEntry, env: bytes, seq: int, ts_ms: int, receipt: bytes | None = None) -> None:
        """The server took a message of the outbox, as `env`, at `seq`: it is ours for good, and leaves the outbox.

        `receipt`: the verified deposit receipt.
        """
        header, draft = parse_header(env), entry.draft
        blobs = zip(draft.attachments, header.blobs, strict=True)
        message = Message(
            cid=entry.cid,
            seq=seq,
            mid=entry.mid,
            uid=self._device.uid,
            did=self._device.did,
            is_mine=True,
            sent_at=from_ms(draft.ts_ms),
            deposited_at=from_ms(ts_ms),
            type=draft.type,
            text=draft.text,
            reply=None if draft.reply is None else MessageId(draft.reply),
            attachments=tuple(structs.replace(attachment, blob=blob) for attachment, blob in blobs),
        )
        with self._store.transaction():
            news = self._keep(_Arrived(message, header.id, hash_envelope(env), self._names(entry), env, receipt))
            self._store.outbox.remove(entry.mid)
            self._store.conversations.advance(entry.cid, last_seq=seq)
            self._advance(entry.cid)
        for event in news:
            self._announcer.announce(event)

    def _names(self, entry: OutboxEntry) -> bool:
        member = self._epochs.last(entry.cid).commit.member(self._device.uid)
        return entry.draft.type == NAME and member is not None and member.role is Role.ADMIN


def _replayed(message: Message) -> Message:
    """The same place of the log, without the content it repeats."""
    return replace(
        message, mid=None, uid=None, did=None, is_mine=False, text="", attachments=(), refused=MessageReplayed.code
    )
