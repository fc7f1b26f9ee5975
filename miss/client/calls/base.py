"""What every group of calls stands on."""

from collections.abc import Callable, Collection

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId, uuid7
from miss.base.random import RandomBytes
from miss.client.assembly import Assembly
from miss.client.errors import DeviceLocked, MessageGone, NotAMember, NotInConversation, UnknownMessage
from miss.client.events import EventStream
from miss.client.model import Message
from miss.client.store import Store
from miss.client.store.outbox import Draft


class Calls:
    """The parts of one running client, and what several groups of calls do with them."""

    _parts: Assembly
    _held: Store
    _random_bytes: RandomBytes

    @property
    def _store(self) -> Store:
        """What this device holds, for its owner.  Raises DeviceLocked while the server will not have the device."""
        if self._parts.standing.locked:
            raise DeviceLocked(reason=self._parts.standing.locked)
        return self._held

    @property
    def uid(self) -> AccountId:
        """The account this device speaks for."""
        return self._parts.device.uid

    @property
    def did(self) -> DeviceId:
        return self._parts.device.did

    def events(self) -> EventStream:
        """What happens from now on; several may listen, each hears everything."""
        return self._parts.announcer.stream()

    def _enqueue(
        self,
        cid: ConversationId,
        draft: Draft,
        *blobs: bytes,
        along: Callable[[], None] | None = None,
        mid: MessageId | None = None,
    ) -> MessageId:
        """Put a message in the outbox, durable on return.  `along`: what is stored with it or not at all.

        `mid`: what it is known by; of one that is waiting or was sent already nothing more is sent.  Raises
        UnknownConversation, NotInConversation.
        """
        self._require_place(cid)
        if mid is None:
            mid = MessageId(uuid7(self._parts.time.now(), self._random_bytes))
        elif self._store.outbox.find(mid) or self._store.messages.find_seq_of(self.did, mid) is not None:
            return mid
        with self._store.transaction():
            self._store.outbox.add(mid, cid, draft, blobs)
            if along is not None:
                along()
        self._parts.sending.wake()
        self._parts.statements.wake()
        return mid

    def _require_place(self, cid: ConversationId) -> None:
        """Raises UnknownConversation, NotInConversation, also for somebody who is leaving."""
        self._parts.epochs.writable(cid)
        if self.uid in self._store.conversations.departures(cid):
            raise NotInConversation

    def _require_members(self, cid: ConversationId, uids: Collection[AccountId]) -> None:
        """Raises UnknownConversation, NotAMember."""
        commit = self._parts.epochs.last(cid).commit
        if not all(commit.member(uid) for uid in uids):
            raise NotAMember

    def _target(self, cid: ConversationId, seq: int) -> tuple[Message, MessageId]:
        """The message at `seq`, which something is to be said about.  Raises UnknownMessage, MessageGone."""
        message = self._store.messages.find(cid, seq)
        if message is None:
            raise UnknownMessage(seq=seq)
        if message.mid is None or message.is_deleted:
            raise MessageGone(seq=seq)
        return message, message.mid

    def _env_hash(self, cid: ConversationId, seq: int) -> bytes:
        """H(env) of what stands at `seq`.  Raises UnknownMessage."""
        env_hash = self._store.messages.env_hash_at(cid, seq)
        if env_hash is None:
            raise UnknownMessage(seq=seq)
        return env_hash
