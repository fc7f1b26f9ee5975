"""What a client announces, and the streams that carry it.

Everything announced is already in the store: whoever misses an event finds its subject with `Client.messages`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakSet

from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.model import Message


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
    | Sent
    | SendFailed
    | Delivered
    | ReadBy
    | ContactChanged
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
