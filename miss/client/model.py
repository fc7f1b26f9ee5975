"""What the client hands to whoever shows it: people, conversations, messages.  Frozen values, no I/O.

Plaintext lives here and in the sealed store, nowhere else; `repr` of a message leaves its content out, as it may
end in a log.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.base.text import Language, Text
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.commits import HistoryPolicy, Policy, Role
from miss.protocol.crypto.envelopes import ACK, DELETE, EDIT, LEAVE, NAME, NOTICE, REACTION, TEXT
from miss.protocol.crypto.links import Who
from miss.protocol.wire.frames import AlarmState

SHOWN: Final = frozenset({TEXT, NAME, LEAVE, NOTICE})
"""Types with a place of their own in a conversation, that this version knows."""
ABOUT_ANOTHER: Final = frozenset({REACTION, EDIT, DELETE, ACK})
"""Types that change how another message shows, and have no place of their own."""


@dataclass(frozen=True, slots=True)
class Successor:
    """Whom to write to instead of somebody who has left, as the server tells it."""

    uid: AccountId | None
    """None: cannot be written to either."""
    family: str
    given: str
    until_ms: int
    """How long this is shown."""


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
    successor: Successor | None = None
    """None: they have not left."""
    away_until: date | None = None
    """The last day of an absence under way; None: there is none."""

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
    is_leaving: bool = False
    """True from `leave` until an admin's device has taken this person out: nothing more can be written."""


class Presence(IntEnum):
    """What somebody says of being there."""

    AWAY = 0
    PRESENT = 1
    DO_NOT_DISTURB = 2
    ON_DUTY = 3


# Messages


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji under a message, and who put it there, in the order they did."""

    emoji: str
    uids: tuple[AccountId, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said before it was edited."""

    text: str = field(repr=False)
    written_at: datetime
    """By the author's clock."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that another one answers, as it stands now."""

    seq: int
    uid: AccountId | None
    text: str = field(repr=False)
    has_attachments: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """What an alarming result waits for."""

    ack_by: datetime
    """Until then any member may acknowledge; after each such delay the next of `next_uids` is asked."""
    next_uids: tuple[AccountId, ...]
    state: AlarmState = AlarmState.WAITING
    asked: AccountId | None = None
    """Who is asked now; None: every member but the author, or nobody any more (see `state`)."""
    acknowledged_by: AccountId | None = None
    """Proved by a signature."""
    acknowledged_at: datetime | None = None
    """By the clock of who acknowledged."""
    acknowledgement: bytes | None = field(default=None, repr=False)
    """The signed acknowledgement that the server has, for one's own files; None while it is on its way."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation's log, as everything that came after it has left it."""

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
    """What it says now; `versions` tells what it said before."""
    reply: MessageId | None = None
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    refused: str = ""
    """Code of the error that kept the content from being shown; empty for a message that holds."""
    is_deleted: bool = False
    """Deleted by its author: who and when stays, the content is gone everywhere."""
    deleted_at: datetime | None = None
    urgent: bool = False
    mentions: tuple[AccountId, ...] = ()
    """The members it names; `is_for` tells whether somebody is among them."""
    edited_at: datetime | None = None
    versions: tuple[Version, ...] = ()
    """Earlier texts, oldest first."""
    reactions: tuple[Reaction, ...] = ()
    quote: Quote | None = None
    """What `reply` points to; None if that is not here."""
    alarm: Alarm | None = None

    @property
    def is_supported(self) -> bool:
        """False for a type of a later version: show « contenu non pris en charge »."""
        return self.type in SHOWN

    def is_for(self, uid: AccountId) -> bool:
        """True if it names `uid`."""
        return uid in self.mentions


@dataclass(frozen=True, slots=True)
class LostMessage:
    """A message that the server lost in a restore, and that this device still holds.  `message.seq`: its place then."""

    message: Message
    restoration: int
    """The restore that lost it, from 1."""
    resent: bool
    """True: it is this device's own and on its way again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way: durable here, not yet acknowledged by the server."""

    mid: MessageId
    cid: ConversationId
    text: str = field(repr=False)
    attempts: int
    failed: str
    """Code of the refusal after which it waits for a person's decision; empty while it is on its way."""
    type: str = TEXT
    reply: MessageId | None = None


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """What a person has begun to write in a conversation; it never leaves this device."""

    text: str = field(repr=False)
    reply: MessageId | None = None
    mentions: tuple[AccountId, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class SplitView:
    """Two of this conversation were shown different logs: the server, or a disk, does not tell the truth."""

    cid: ConversationId
    at_seq: int
    """The place at which the logs differ, or before."""
    uid: AccountId | None
    """Whose log differs from ours; None: the server's own receipt contradicts what it sent."""
    theirs: bytes
    ours: bytes
    proof: bytes = field(repr=False)
    """What says so, signed: an envelope, a read receipt or a deposit receipt."""


SERVER_RESTORED: Final = "server_restored"
_RESTORED: Final = Text(
    fr="Après un incident, le serveur a été remis dans son état du {moment} (UTC), ce que son opérateur atteste. Vos "
    "messages perdus repartent d'eux-mêmes. Messages qui ne sont plus sur le serveur, gardés ici : {count}.",
    en="After a failure the server was put back into its state of {moment} (UTC), as its operator certifies. Your lost "
    "messages leave again by themselves. Messages that are no longer on the server, kept here: {count}.",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore of the server, as its operator's root key has signed it."""

    number: int
    """From 1."""
    restored_to: datetime
    declared_at: datetime
    lost: int
    """Messages that only devices hold now, as far as this one knows; those on their way again are not counted."""

    def sentence(self, language: Language = Language.FR) -> str:
        """What a person reads."""
        return _RESTORED.in_(language, moment=f"{self.restored_to:%Y-%m-%d %H:%M}", count=self.lost)


_BACK: Final = Text(
    fr="Le serveur a été restauré à un état plus ancien ; son opérateur l'atteste (déclaration du {moment} UTC). Vos "
    "messages perdus repartent d'eux-mêmes ; ceux des autres, tant qu'ils ne sont pas revenus, sont montrés à part.",
    en="The server was restored to an older state, as its operator certifies (statement of {moment} UTC). Your lost "
    "messages leave again by themselves; those of others, until they are back, are shown apart.",
)
_INCIDENT: Final = Text(
    fr="Le serveur a affirmé ce que les signatures démentent ({code}). C'est écarté, vos messages sont intacts ; "
    "si cela se répète, prévenez l'opérateur.",
    en="The server claimed what the signatures contradict ({code}). It was set aside, your messages are as they were; "
    "if it happens again, tell the operator.",
)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something the server claimed and could not prove (a receipt, a deletion, an acknowledgement, a link, a key); or,
    under SERVER_RESTORED, that it was restored to an older point, which its operator has signed."""

    code: str
    """Of the error it was refused with."""
    cid: ConversationId | None
    """The conversation it is about, or None."""
    uid: AccountId | None
    """The person it is about, where it is about no conversation."""
    first_at: datetime
    last_at: datetime

    def sentence(self, language: Language = Language.FR) -> str:
        """What a person reads."""
        if self.code == SERVER_RESTORED:
            return _BACK.in_(language, moment=f"{self.last_at:%Y-%m-%d %H:%M}")
        return _INCIDENT.in_(language, code=self.code)


__all__ = [
    "ABOUT_ANOTHER",
    "ACK",
    "DELETE",
    "EDIT",
    "LEAVE",
    "NAME",
    "NOTICE",
    "REACTION",
    "SERVER_RESTORED",
    "SHOWN",
    "TEXT",
    "Alarm",
    "AlarmState",
    "Attachment",
    "Conversation",
    "DirectoryEntry",
    "HistoryPolicy",
    "Incident",
    "LostMessage",
    "Member",
    "Message",
    "Outgoing",
    "Policy",
    "Presence",
    "Quote",
    "Reaction",
    "Restored",
    "Role",
    "SavedDraft",
    "SplitView",
    "Version",
    "Who",
]
