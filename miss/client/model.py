"""What the client hands to whoever shows it: people, conversations, messages.  Frozen values, no I/O.

Plaintext lives here and in the sealed store, nowhere else; `repr` of a message leaves its content out, as it may
end in a log.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.commits import HistoryPolicy, Policy, Role
from miss.protocol.crypto.envelopes import TEXT
from miss.protocol.crypto.links import Who

NAME: Final = "name"
"""`type` of the message by which an admin names a conversation; its text is the name (protocol §3, Body)."""


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """Somebody found in the directory, as the server tells it; nothing here is verified yet."""

    uid: AccountId | None
    """None: this person has no linked device and cannot be written to."""
    rpps: str
    family: str
    given: str
    profession: str
    specialty: str
    town: str

    @property
    def display_name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a conversation, with the identity that the operator certified."""

    uid: AccountId
    role: Role
    who: Who

    @property
    def display_name(self) -> str:
        return f"{self.who.given} {self.who.family}"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a conversation stands on this device."""

    cid: ConversationId
    name: str = field(repr=False)
    """Empty if nobody gave it one: show the members' names."""
    members: tuple[Member, ...]
    policy: Policy
    epoch: int
    last_seq: int
    read_seq: int
    """Read by this person, on any device."""
    unread: int
    is_member: bool
    """False once this person was removed: the conversation can be read, not written in."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation's log."""

    cid: ConversationId
    seq: int
    mid: MessageId | None
    """None if the message could not be verified."""
    uid: AccountId | None
    """Who wrote it, proved by a signature."""
    did: DeviceId | None
    is_mine: bool
    sent_at: datetime
    """By the author's clock (for a refused message: when the server took it)."""
    deposited_at: datetime
    """By the server's clock."""
    type: str = TEXT
    text: str = field(default="", repr=False)
    reply: MessageId | None = None
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    refused: str = ""
    """Code of the error that kept the content from being shown; empty for a message that holds."""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way: durable here, not yet acknowledged by the server."""

    mid: MessageId
    cid: ConversationId
    text: str = field(repr=False)
    attempts: int
    failed: str
    """Code of the refusal after which it waits for a person's decision; empty while it is on its way."""


__all__ = [
    "NAME",
    "TEXT",
    "Attachment",
    "Conversation",
    "DirectoryEntry",
    "HistoryPolicy",
    "Member",
    "Message",
    "Outgoing",
    "Policy",
    "Role",
    "Who",
]
