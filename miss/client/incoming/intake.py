"""What comes in: envelopes opened, verified and stored, then announced.  protocol §4

Nothing is announced before it is stored, and no place of the log is left out: an envelope that does not hold keeps
its place as a refused message with the reason, until something that holds is shown there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from miss.base.clock import from_ms, to_ms
from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.epochs import Epochs
from miss.client.errors import IdentityError, MessageReplayed, MessageWithheld, NotReachable
from miss.client.events import Announcer, Event, MessageReceived, MessageRefused, Sent
from miss.client.incoming.deletions import Deletions
from miss.client.incoming.effects import Effects
from miss.client.incoming.logbook import Logbook
from miss.client.model import Alarm, Message
from miss.client.people.identities import Identities
from miss.client.store import Store
from miss.client.store.conversations import Epoch
from miss.client.store.device import DeviceRecord
from miss.client.store.outbox import OutboxEntry
from miss.protocol.crypto.envelopes import Opened, Seen, hash_envelope, open_envelope, parse_header
from miss.protocol.errors import BoxMissing, ProtocolError, UnknownLinkHead, UnknownSender, WrongCommit
from miss.protocol.wire.frames import Item


@dataclass(frozen=True, slots=True)
class _Arrived:
    """One place of the log, looked at."""

    message: Message
    env_hash: bytes | None
    """None: the server does not say what stood there."""
    envelope_id: bytes | None = None
    epoch: Epoch | None = None
    """The one it is sealed under, if it holds."""
    env: bytes = b""
    """What proves the message, if it holds."""
    receipt: bytes | None = None
    seen: Seen | None = None
    """What its author had seen."""
    has_expired: bool = False


class Intake:
    """From envelopes to messages."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        identities: Identities,
        epochs: Epochs,
        effects: Effects,
        deletions: Deletions,
        logbook: Logbook,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._device = device
        self._identities = identities
        self._epochs = epochs
        self._effects = effects
        self._deletions = deletions
        self._logbook = logbook
        self._announcer = announcer

    async def take(self, cid: ConversationId, items: Sequence[Item], synced_seq: int) -> None:
        """Store the envelopes of one conversation, in the order of their places, and announce them.

        `synced_seq`: everything up to there is now at hand, or was never ours to read.  Raises ServerUnreachable,
        ServerRefused when what it takes to open them cannot be had: nothing is stored then, and the same call can
        be made again.
        """
        wanted: list[Item] = []
        for item in items:
            if self._store.messages.has(cid, item.seq):
                await self.take_again(cid, item)
            else:
                wanted.append(item)
        arrived: list[_Arrived] = []
        for item in wanted:
            arrived.append(await self._open(cid, item, arrived))
        news: list[Event] = []
        with self._store.transaction():
            for one in arrived:
                news += self._keep(one)
            for item in self._deletions.missing(cid, synced_seq):
                news += self._keep(_Arrived(_refused(cid, item, MessageWithheld.code), None))
            self._store.conversations.advance(cid, last_seq=synced_seq, synced_seq=synced_seq)
            news += self._advance(cid)
            for one in arrived:
                news += self._compare(one)
        self._announce(news)

    async def take_again(self, cid: ConversationId, item: Item) -> None:
        """A place that is stored already: the server has to show the same again.

        What holds takes the place of what was refused there.  Raises as `take`.
        """
        news: list[Event] = []
        if item.env:
            news += self._logbook.take_again(cid, item.seq, hash_envelope(item.env), item.env)
        if self._store.messages.is_refused(cid, item.seq):
            one = await self._open(cid, item, ())
            if not one.message.refused and not self._is_replay(one):
                with self._store.transaction():
                    self._store.messages.make_way(cid, item.seq)
                    news += self._keep(one)
                    news += self._advance(cid)
                    news += self._compare(one)
        self._announce(news)

    def note_rollback(self, cid: ConversationId, last_seq: int) -> None:
        """The server's log is shorter than what it said before."""
        with self._store.transaction():
            news = self._logbook.note_rollback(cid, last_seq)
        self._announce(news)

    def _announce(self, news: Sequence[Event]) -> None:
        for event in news:
            self._announcer.announce(event)

    # One place of the log

    async def _open(self, cid: ConversationId, item: Item, arrived: Sequence[_Arrived]) -> _Arrived:
        """`arrived`: those before it that are not stored yet."""
        env_hash = hash_envelope(item.env) if item.env else None
        try:
            if not item.env:
                env_hash = None if item.gone is None else item.gone.env_hash
                message = await self._deletions.read(cid, item, self._before(cid, item.seq, arrived))
                return _Arrived(message, env_hash, has_expired=message.uid is None)
            opened, epoch = await self._verify(cid, item)
            if self._epoch_before(cid, item.seq, arrived) > epoch.number:
                # The server takes nothing under an epoch that is over: somebody of before, with its help.
                raise WrongCommit(epoch=epoch.number)
        except (ProtocolError, IdentityError, NotReachable, MessageWithheld) as error:
            return _Arrived(_refused(cid, item, error.code), env_hash)
        return _Arrived(
            self._read(cid, item, opened),
            env_hash,
            envelope_id=opened.header.id,
            epoch=epoch,
            env=item.env,
            seen=opened.body.seen,
        )

    def _before(self, cid: ConversationId, seq: int, arrived: Sequence[_Arrived]) -> Message | None:
        return arrived[-1].message if arrived else self._store.messages.find(cid, seq - 1)

    def _epoch_before(self, cid: ConversationId, seq: int, arrived: Sequence[_Arrived]) -> int:
        """The epoch of the last message before that place that could be opened; 0 if there is none."""
        latest = next((one.epoch.number for one in reversed(arrived) if one.epoch is not None), None)
        if latest is None:
            latest, _ = self._store.messages.epoch_around(cid, seq - 1, back=True) or (0, 0)
        return latest

    async def _verify(self, cid: ConversationId, item: Item) -> tuple[Opened, Epoch]:
        """The opened envelope, and the epoch it is sealed under.  Raises a ProtocolError if it does not hold."""
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
        return opened, epoch

    def _read(self, cid: ConversationId, item: Item, opened: Opened) -> Message:
        header, body = opened.header, opened.body
        return Message(
            cid=cid,
            seq=item.seq,
            mid=body.mid,
            uid=opened.uid,
            did=header.did,
            is_mine=opened.uid == self._device.uid,
            sent_at=from_ms(body.ts),
            deposited_at=from_ms(item.ts),
            type=body.type,
            text=body.text,
            reply=body.reply,
            attachments=body.att,
            urgent=body.urgent,
            mentions=body.mentions,
            alarm=None if header.alarm is None else Alarm(from_ms(header.alarm.ack_by), header.alarm.next_uids),
        )

    # Keeping it

    def _keep(self, one: _Arrived) -> list[Event]:
        """Store one arrival; what is to be announced of it.  Inside the caller's transaction."""
        if self._is_replay(one):
            one = _Arrived(_replayed(one.message), one.env_hash)
        message, cid = one.message, one.message.cid
        standing = self._effects.place(message)
        kept = self._store.messages.add(
            message,
            envelope_id=one.envelope_id,
            env_hash=one.env_hash,
            epoch=one.epoch.number if one.epoch else 0,
            about=standing.about,
            shown=standing.shown and not one.has_expired,
        )
        if not kept:
            return []
        if message.did is not None and message.mid is not None:
            self._store.lost.take_back(cid, message.did, message.mid)
        if one.env:
            self._store.evidence.keep(cid, message.seq, one.env, one.receipt)
        self._store.conversations.touch(cid, to_ms(message.deposited_at))
        return [*self._tell(one, shown=standing.shown), *self._effects.take(message, standing, one.epoch)]

    def _tell(self, one: _Arrived, *, shown: bool) -> list[Event]:
        """What there is to say of the message itself."""
        message = one.message
        if message.refused:
            return [MessageRefused(message)]
        if message.did == self._device.did and message.mid is not None:
            was_waiting = self._store.outbox.find(message.mid) is not None
            self._store.outbox.remove(message.mid)
            return [Sent(message.cid, message.mid, message.seq)] if was_waiting else []
        return [MessageReceived(message)] if shown and not one.has_expired else []

    def _advance(self, cid: ConversationId) -> list[Event]:
        """Everything is at hand up to the first place that is missing, and the log is known as far."""
        reached = self._store.messages.last_contiguous(cid, self._store.conversations.get(cid).synced_seq)
        self._store.conversations.advance(cid, last_seq=reached, synced_seq=reached)
        return self._logbook.extend(cid)

    def _compare(self, one: _Arrived) -> list[Event]:
        """Whether its author saw the log that this device sees."""
        message = one.message
        if one.seen is None or message.uid is None or message.refused:
            return []
        return self._logbook.take_seen(message.cid, message.seq, message.uid, one.seen, one.env)

    def _is_replay(self, one: _Arrived) -> bool:
        message = one.message
        if message.mid is None or message.did is None or one.envelope_id is None:
            return False
        return self._store.messages.is_replay(message.cid, message.seq, message.did, message.mid, one.envelope_id)

    def keep_own(self, entry: OutboxEntry, env: bytes, seq: int, ts_ms: int, receipt: bytes | None = None) -> None:
        """The server took a message of the outbox, as `env`, at `seq`: it is ours for good, and leaves the outbox.

        `receipt`: the verified deposit receipt.
        """
        header, draft, cid = parse_header(env), entry.draft, entry.cid
        blobs = zip(draft.attachments, header.blobs, strict=True)
        message = Message(
            cid=cid,
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
            urgent=draft.urgent,
            mentions=tuple(AccountId(uid) for uid in draft.mentions),
            alarm=None if header.alarm is None else Alarm(from_ms(header.alarm.ack_by), header.alarm.next_uids),
        )
        epoch = self._store.conversations.find_epoch_of(cid, header.commit)
        with self._store.transaction():
            if self._store.messages.is_refused(cid, seq):
                self._store.messages.make_way(cid, seq)
            news = self._keep(_Arrived(message, hash_envelope(env), header.id, epoch, env, receipt))
            self._store.outbox.remove(entry.mid)
            self._store.conversations.advance(cid, last_seq=seq)
            news += self._advance(cid)
            if receipt is not None:
                news += self._logbook.anchor(cid, seq, receipt)
        self._announce(news)


def _refused(cid: ConversationId, item: Item, code: str) -> Message:
    """A place of the log without content that could be shown."""
    at = from_ms(item.ts)
    return Message(
        cid=cid, seq=item.seq, mid=None, uid=None, did=None, is_mine=False, sent_at=at, deposited_at=at, refused=code
    )


def _replayed(message: Message) -> Message:
    """The same place of the log, without the content it repeats."""
    return replace(
        message,
        mid=None,
        uid=None,
        did=None,
        is_mine=False,
        text="",
        reply=None,
        attachments=(),
        mentions=(),
        alarm=None,
        refused=MessageReplayed.code,
    )
