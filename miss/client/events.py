"""What a client announces, and the streams that carry it.

Everything announced is already in the store: whoever misses an event finds its subject with `Client.messages`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakSet

from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.errors import ServerUnreachable
from miss.client.model import Message, Presence, SplitView
from miss.client.people.model import WarningKind


class ConnectionState(StrEnum):
    """Where the one connection of a client stands."""

    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"  # it broke; the next attempt comes by itself
    REFUSED = "refused"  # the server will not have this device: see `reason`, no further attempt


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The connection went from one state to another."""

    state: ConnectionState
    reason: str = ""
    """A code of `miss.base.errors` or the explanation of a close code; empty when all is well."""
    obstacle: ServerUnreachable | None = None
    """What stands in between, where somebody can do something about it; its sentence says what."""


@dataclass(frozen=True, slots=True)
class Synced:
    """Everything the server had for this device when it connected is here."""


@dataclass(frozen=True, slots=True)
class ConversationJoined:
    """A conversation is new on this device."""

    cid: ConversationId


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Members, roles or keys of a conversation changed; removed from it, this person gets it one last time."""

    cid: ConversationId
    epoch: int


@dataclass(frozen=True, slots=True)
class CommitRefused:
    """A change of a conversation does not hold and is not applied, or its secret does not open here."""

    cid: ConversationId
    code: str


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message of somebody else, or of another device of this person, verified and stored."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """Something in the log could not be verified (`message.refused`); its place is kept, its content is not shown."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message shows differently: `message` is what it is now."""

    message: Message
    by: AccountId | None
    how: str
    """`reaction`, `edit`, `delete` or `ack`: the type of what changed it."""


@dataclass(frozen=True, slots=True)
class MessagesExpired:
    """Messages past the conversation's `ttl` are gone from this device."""

    cid: ConversationId
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServerLied:
    """The server claimed what the signatures contradict; it was set aside, and is kept in `Client.incidents()`.

    Said once a minute at most for each code and subject.  Lies about messages, commits and the log have events of
    their own: `MessageRefused`, `CommitRefused`, `SplitView`.
    """

    code: str
    """Of the error it was refused with."""
    cid: ConversationId | None
    """The conversation it is about, or None."""
    uid: AccountId | None
    """The person it is about, where it is about no conversation."""


@dataclass(frozen=True, slots=True)
class ServerRestored:
    """The server was restored to an older point, as its operator has signed; see `Client.restorations`."""

    number: int


@dataclass(frozen=True, slots=True)
class ConversationReconciled:
    """A conversation goes on from what a restored server still has; see `Client.lost_messages`."""

    cid: ConversationId
    lost: int
    """Messages that only this device holds now, its own included."""
    resent: int
    """Of those, its own that are on their way again."""


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """A result that somebody has to acknowledge arrived (after its MessageReceived)."""

    message: Message


@dataclass(frozen=True, slots=True)
class AlarmAcknowledged:
    """`uid` answers for it, by signature; nobody else is asked any more."""

    cid: ConversationId
    seq: int
    uid: AccountId


@dataclass(frozen=True, slots=True)
class AlarmEscalated:
    """Nobody acknowledged in time: `uid` is asked now."""

    cid: ConversationId
    seq: int
    uid: AccountId


@dataclass(frozen=True, slots=True)
class AlarmExhausted:
    """Nobody acknowledged and nobody is left to ask: its author has to act."""

    cid: ConversationId
    seq: int


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Somebody began or stopped to write; a beginning counts for a few seconds only."""

    cid: ConversationId
    uid: AccountId
    on: bool


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Somebody says whether they are there."""

    uid: AccountId
    presence: Presence


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """So much of a message's files is at the server."""

    cid: ConversationId
    mid: MessageId
    sent_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """So much of a message's file is here."""

    cid: ConversationId
    seq: int
    index: int
    received_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has a message of this device for good."""

    cid: ConversationId
    mid: MessageId
    seq: int


@dataclass(frozen=True, slots=True)
class SendFailed:
    """The server refused a message; it stays in the outbox until it is retried or discarded."""

    cid: ConversationId
    mid: MessageId
    code: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """Everything up to `seq` has reached a device of `uid`, says the server."""

    cid: ConversationId
    uid: AccountId
    seq: int


@dataclass(frozen=True, slots=True)
class ReadBy:
    """`uid` opened everything up to `seq`, proved by a signed receipt."""

    cid: ConversationId
    uid: AccountId
    seq: int


@dataclass(frozen=True, slots=True)
class ContactWarned:
    """Something about a person's keys that the owner should hear of; kept in `Client.contacts.warnings()`."""

    uid: AccountId
    kind: WarningKind


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """A device of this person's own was linked or revoked."""


@dataclass(frozen=True, slots=True)
class UserKeyChanged:
    """This person's user key is of another generation, by a rotation here or on another device."""

    generation: int


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    """This device does not count any more, and the client has stopped."""

    wiped: bool
    """True: its owner's signed link said so, everything it held is deleted.  False: only the server or the operator
    said so (`reason`); the device is locked and keeps everything."""
    reason: str


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """The devices or the identity of a person changed, by a verified link."""

    uid: AccountId
    resets: int
    """How often the operator alone started this person's devices over: a rise asks for a warning."""


Event = (
    ConnectionChanged
    | Synced
    | ConversationJoined
    | MembersChanged
    | CommitRefused
    | MessageReceived
    | MessageRefused
    | MessageChanged
    | MessagesExpired
    | SplitView
    | ServerLied
    | ServerRestored
    | ConversationReconciled
    | AlarmRaised
    | AlarmAcknowledged
    | AlarmEscalated
    | AlarmExhausted
    | TypingChanged
    | PresenceChanged
    | UploadProgress
    | DownloadProgress
    | Sent
    | SendFailed
    | Delivered
    | ReadBy
    | ContactChanged
    | ContactWarned
    | DevicesChanged
    | UserKeyChanged
    | DeviceRevoked
)


class EventStream(AsyncIterator[Event]):
    """What happens from the moment the stream was asked for; it ends when the client closes."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(self, event: Event | None) -> None:
        self._queue.put_nowait(event)

    def __aiter__(self) -> "EventStream":
        return self

    async def __anext__(self) -> Event:
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)
            raise StopAsyncIteration
        return event


class Announcer:
    """Copies each event to every stream that somebody still holds."""

    def __init__(self) -> None:
        self._streams: WeakSet[EventStream] = WeakSet()

    def stream(self) -> EventStream:
        stream = EventStream()
        self._streams.add(stream)
        return stream

    def announce(self, event: Event) -> None:
        for stream in tuple(self._streams):
            stream.put(event)

    def end(self) -> None:
        """Let every stream end after what it holds."""
        for stream in tuple(self._streams):
            stream.put(None)
