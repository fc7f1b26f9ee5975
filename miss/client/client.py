"""The client: what a desktop, a bot or a test calls.

    async with Client.open(store, clock=clock, random_bytes=random_bytes) as client:
        cid = await client.create_conversation([colleague])
        mid = client.send_text(cid, "Bonjour")
        await client.wait_sent(mid)

What is written is durable when a call returns, and leaves as soon as the connection allows; what is announced is
already stored.  No part of a message ever reaches a log.
"""

import asyncio
from collections.abc import Collection
from ssl import SSLContext
from types import TracebackType
from typing import Self

from miss.base.clock import Clock
from miss.base.ids import AccountId, BlobId, ConversationId, DeviceId, MessageId, uuid7
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client.assembly import Assembly, assemble
from miss.client.errors import ClientClosed, DeviceRefused, NoAttachment, ServerRefused, UnknownMessage
from miss.client.events import ConnectionChanged, ConnectionState, EventStream, SendFailed, Sent, Synced
from miss.client.model import NAME, TEXT, Conversation, DirectoryEntry, Member, Message, Outgoing, Policy, Role, Who
from miss.client.photo import MIME, PhotoQuality, ReducedPhoto, reduce_photo
from miss.client.proofs import Proofs
from miss.client.store import Store
from miss.client.store.conversations import READ, RECEIVED, ConversationRecord
from miss.client.store.outbox import Draft
from miss.protocol.crypto.attachments import PREFIX_BYTES, Attachment, decrypt_blob, encrypt_blob, hash_blob
from miss.protocol.crypto.primitives import KEY_BYTES

_NOT_UPLOADED = BlobId(bytes(16))
_PLAIN = Policy()


class Client:
    """One device at work.  Everything runs on the event loop that entered it."""

    def __init__(self, parts: Assembly, store: Store, random_bytes: RandomBytes) -> None:
        """Use `Client.open`."""
        self._parts = parts
        self._store = store
        self._random_bytes = random_bytes
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None

    @classmethod
    def open(
        cls,
        store: Store,
        *,
        clock: Clock,
        random_bytes: RandomBytes,
        server_url: str | None = None,
        language: Language = Language.FR,
        ssl_context: SSLContext | None = None,
    ) -> "Client":
        """A client on a store whose device is linked (`link_device`); `async with` starts it.

        `server_url`: where the server has moved to, if it has.  Raises StoreHasNoDevice.
        """
        parts = assemble(store, clock, random_bytes, server_url, language, ssl_context)
        return cls(parts, store, random_bytes)

    async def __aenter__(self) -> Self:
        for work in (
            self._parts.connection.run,
            self._parts.sync.run,
            self._parts.sending.run,
            self._parts.reports.run,
        ):
            task = asyncio.create_task(work(), name=f"client {work.__qualname__}")
            task.add_done_callback(self._note_end)
            self._tasks.append(task)
        self._parts.sending.wake()
        return self

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None and self._failure is None:
            # A defect of ours: whoever waits is released, and `async with` raises it.
            self._failure = failure
            self._parts.announcer.end()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._parts.http.aclose()
        self._parts.announcer.end()
        if self._failure is not None and error is None:
            raise self._failure

    # Who and where

    @property
    def uid(self) -> AccountId:
        """The account this device speaks for."""
        return self._parts.device.uid

    @property
    def did(self) -> DeviceId:
        return self._parts.device.did

    @property
    def connection_state(self) -> ConnectionState:
        return self._parts.connection.state

    def events(self) -> EventStream:
        """What happens from now on; several may listen, each hears everything."""
        return self._parts.announcer.stream()

    async def wait_synced(self) -> None:
        """Return once everything the server had for this device is stored.

        Lasts as long as there is no network: put it in `asyncio.timeout`.  Raises DeviceRefused, ClientClosed.
        """
        stream = self.events()
        if self._parts.sync.synced.is_set():
            return
        if self.connection_state is ConnectionState.REFUSED:
            raise DeviceRefused(reason=self._parts.connection.refusal)
        async for event in stream:
            match event:
                case Synced():
                    return
                case ConnectionChanged(state=ConnectionState.REFUSED, reason=reason):
                    raise DeviceRefused(reason=reason)
        raise ClientClosed

    # People

    async def directory(self, text: str, limit: int = 20) -> list[DirectoryEntry]:
        """People by name, specialty or town.  Raises ServerRefused, ServerUnreachable."""
        return [
            DirectoryEntry(
                uid=None if line.uid is None else AccountId(line.uid),
                rpps=line.rpps or "",
                family=line.family,
                given=line.given,
                profession=line.profession or "",
                specialty=line.specialty or "",
                town=line.town or "",
            )
            for line in await self._parts.api.search_directory(text, limit)
        ]

    async def identity(self, uid: AccountId) -> Who:
        """Who somebody is, as the operator certified it.  Raises NotReachable, ServerUnreachable, LinkError."""
        return (await self._parts.identities.get(uid)).who

    # Conversations

    async def create_conversation(
        self, members: Collection[AccountId], *, name: str = "", policy: Policy = _PLAIN
    ) -> ConversationId:
        """A new conversation with `members`; this person is its admin.

        Raises NotReachable for somebody without a device, ServerRefused, ServerUnreachable.
        """
        cid = await self._parts.epochs.create(dict.fromkeys(members, Role.MEMBER), policy)
        if name:
            self.rename(cid, name)
        return cid

    def rename(self, cid: ConversationId, name: str) -> MessageId:
        """Name a conversation for everybody, by an encrypted message; counts only if this person is an admin."""
        return self._enqueue(cid, self._draft(NAME, name))

    async def add_member(self, cid: ConversationId, uid: AccountId, role: Role = Role.MEMBER) -> None:
        """A new epoch with one more member.

        Raises CommitNotAllowed unless this person is an admin, NotReachable, NotInConversation, ServerRefused,
        ServerUnreachable.
        """
        await self._parts.epochs.change(cid, add={uid: role})

    async def remove_member(self, cid: ConversationId, uid: AccountId) -> None:
        """A new epoch without `uid`, who opens nothing sent from then on.  Raises as `add_member`."""
        await self._parts.epochs.change(cid, remove=uid)

    def conversations(self) -> list[Conversation]:
        """The most recently active first, at most 1,000."""
        return [self._describe(record) for record in self._store.conversations.list_()]

    def conversation(self, cid: ConversationId) -> Conversation:
        """Raises UnknownConversation."""
        return self._describe(self._store.conversations.get(cid))

    def _describe(self, record: ConversationRecord) -> Conversation:
        core = self._parts.epochs.last(record.cid).commit.core
        chains = ((member, self._parts.identities.find(member.uid)) for member in core.members)
        return Conversation(
            cid=record.cid,
            name=record.name,
            members=tuple(Member(m.uid, m.role, chain.who) for m, chain in chains if chain is not None),
            policy=core.policy,
            epoch=core.epoch,
            last_seq=record.last_seq,
            read_seq=record.read_seq,
            unread=self._store.messages.count_unread(record.cid, record.read_seq),
            is_member=any(member.uid == self.uid for member in core.members),
        )

    # Reading

    def messages(self, cid: ConversationId, after_seq: int = 0, limit: int = 1000) -> list[Message]:
        """What is stored of a conversation, in the order of its log."""
        return self._store.messages.list_(cid, after_seq, limit)

    def mark_read(self, cid: ConversationId, seq: int) -> None:
        """This person has opened everything up to `seq`: the others are told, by a signed receipt.

        Raises UnknownConversation, UnknownMessage for a place that is not here yet.
        """
        if seq > self._store.conversations.get(cid).synced_seq:
            raise UnknownMessage(seq=seq)
        if self._store.conversations.advance(cid, read_seq=seq):
            self._parts.reports.note(cid)

    def delivered_to(self, cid: ConversationId) -> dict[AccountId, int]:
        """Up to where each other member's devices have received."""
        return self._store.conversations.markers(cid, RECEIVED)

    def read_by(self, cid: ConversationId) -> dict[AccountId, int]:
        """Up to where each other member has read."""
        return self._store.conversations.markers(cid, READ)

    async def fetch_photo(self, message: Message, index: int = 0) -> bytes:
        """The photo of a message, to the byte as it was sent.

        Raises NoAttachment, BlobDamaged, ServerRefused (expired: `not_found`), ServerUnreachable.
        """
        if not 0 <= index < len(message.attachments):
            raise NoAttachment(seq=message.seq)
        attachment = message.attachments[index]
        return decrypt_blob(await self._parts.api.fetch_blob(attachment.blob), attachment)

    async def export_proof(self, cid: ConversationId, seq: int) -> bytes:
        """The proof of a message, for a file that `miss proof verify` reads offline; it opens that message.

        Raises UnknownMessage, MessageNotProvable, a ProtocolError if the server proves nothing; ServerRefused,
        ServerUnreachable when the receipt of somebody else's message has to be fetched.
        """
        return await Proofs(self._store, self._parts.device, self._parts.api).export(cid, seq)

    # Writing

    def send_text(self, cid: ConversationId, text: str, *, reply: MessageId | None = None) -> MessageId:
        """Put a message in the outbox, durable on return; it leaves by itself.

        Raises UnknownConversation, NotInConversation.
        """
        return self._enqueue(cid, self._draft(TEXT, text, reply=reply))

    async def send_photo(
        self, cid: ConversationId, data: bytes, caption: str = "", *, quality: PhotoQuality = PhotoQuality.STANDARD
    ) -> MessageId:
        """Reduce a JPEG or PNG file, encrypt it and put it in the outbox, durable on return.

        Raises a PhotoError, UnknownConversation, NotInConversation.
        """
        self._parts.epochs.writable(cid)
        photo = await asyncio.to_thread(reduce_photo, data, quality)
        attachment, blob = self._encrypt(photo)
        return self._enqueue(cid, self._draft(TEXT, caption, attachments=(attachment,)), blob)

    def _encrypt(self, photo: ReducedPhoto) -> tuple[Attachment, bytes]:
        key, prefix, size = self._random_bytes(KEY_BYTES), self._random_bytes(PREFIX_BYTES), len(photo.content)
        blob = b"".join(encrypt_blob([photo.content], size, key, prefix))
        attachment = Attachment(
            blob=_NOT_UPLOADED,
            key=key,
            size=size,
            hash=hash_blob(blob),
            mime=MIME,
            width=photo.width,
            height=photo.height,
            thumbnail=photo.thumbnail,
        )
        return attachment, blob

    def _draft(
        self, type_: str, text: str, *, reply: MessageId | None = None, attachments: tuple[Attachment, ...] = ()
    ) -> Draft:
        return Draft(self._parts.time.now_ms(), type_, text, reply, attachments)

    def _enqueue(self, cid: ConversationId, draft: Draft, *blobs: bytes) -> MessageId:
        self._parts.epochs.writable(cid)
        mid = MessageId(uuid7(self._parts.time.now(), self._random_bytes))
        self._store.outbox.add(mid, cid, draft, blobs)
        self._parts.sending.wake()
        return mid

    def outgoing(self, cid: ConversationId) -> list[Outgoing]:
        """What the server has not acknowledged yet, in order; `failed` tells what waits for a decision."""
        entries = self._store.outbox.list_(cid)
        return [Outgoing(entry.mid, cid, entry.draft.text, entry.attempts, entry.failed) for entry in entries]

    def retry(self, mid: MessageId) -> None:
        """Try a failed message again."""
        self._store.outbox.retry(mid)
        self._parts.sending.wake()

    def discard(self, mid: MessageId) -> None:
        """Give up a message that was not sent."""
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
