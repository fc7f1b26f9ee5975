"""What the windows show: frozen values.  No Qt, no asyncio, no I/O.

`repr` leaves content out, as these values may end in a traceback.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from clients.desktop.state.cases import Cases
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.client.events import ConnectionState
from miss.client.model import Member, Message, Presence, SavedDraft

PAGE: Final = 200
"""Messages read at a time."""


class NoticeLevel(StrEnum):
    """What a notification says; the screen of a ward is seen by everybody."""

    NOTHING = "nothing"  # « Nouveau message »
    NAME = "name"
    NAME_AND_TEXT = "name_and_text"


class Theme(StrEnum):
    """Colours."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


_NO_CASES: Final = Cases()
TEXT_SCALES: Final = (100, 115, 130, 150, 175, 200)
LOCK_MINUTES: Final = (2, 5, 10, 15, 30, 60)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose on this installation."""

    language: str = ""
    """BCP 47; empty: the machine's."""
    theme: Theme = Theme.SYSTEM
    text_percent: int = 100
    notices: NoticeLevel = NoticeLevel.NOTHING
    lock_after_min: int = 10
    enter_sends: bool = True
    report_folder: str = ""
    """Where answers go as HPRIM files for the practice's software; empty: nowhere."""
    presence: Presence = Presence.PRESENT
    """What the others are told of this person, while the screen is not locked."""
    tells_reading: bool = True
    """Whether the others are told what was read here; kept by the client, as its messages are."""
    global_key: str = ""
    """What brings MiSS to the front from any program, as `parse_global_key` reads it; empty: nothing."""
    spelling: bool = True
    """Whether what is written is checked, where the machine has a dictionary."""
    own_words: tuple[str, ...] = field(default=(), repr=False)
    """What this person has added to it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Whose device this is."""

    uid: AccountId
    did: DeviceId
    name: str
    server_url: str
    profile_id: str = ""
    """The folder on this machine."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The last message of a conversation, as a list has room for it."""

    author: str
    """Empty for one's own."""
    text: str = field(repr=False)
    at: datetime
    kind: str = "text"
    """`text`, `photo`, `file`, `deleted`, `refused`, `alarm` or the message's own type."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of conversations."""

    cid: ConversationId
    title: str = field(repr=False)
    member_count: int
    last: Preview | None = None
    unread: int = 0
    pinned: bool = False
    muted: bool = False
    has_draft: bool = False
    waiting: int = 0
    """Messages that have not left yet."""
    failed: int = 0
    """Of those, the ones that wait for a decision."""
    alarms: int = 0
    """Results that somebody here still has to acknowledge."""
    is_member: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that the server does not have yet."""

    mid: MessageId
    text: str = field(repr=False)
    type: str
    failed: str = ""
    sentence: str = ""
    """What a person reads about the refusal."""
    sent_bytes: int = 0
    size_bytes: int = 0
    """0: nothing to upload, or not begun."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One open conversation."""

    cid: ConversationId
    title: str = field(repr=False)
    members: tuple[Member, ...]
    messages: tuple[Message, ...] = field(default=(), repr=False)
    has_older: bool = False
    read_seq: int = 0
    """Up to where it was read when it was opened: the separator stands there until it is opened again."""
    waiting: tuple[Waiting, ...] = ()
    draft: SavedDraft = field(default=SavedDraft(""), repr=False)
    delivered: tuple[tuple[AccountId, int], ...] = ()
    read: tuple[tuple[AccountId, int], ...] = ()
    typing: frozenset[AccountId] = frozenset()
    verified: frozenset[AccountId] = frozenset()
    """Members whose keys were compared."""
    warned: frozenset[AccountId] = frozenset()
    """Members whose keys changed since."""
    is_member: bool = True
    is_admin: bool = False
    ttl_s: int = 0
    replying_to: int | None = None
    editing: int | None = None
    downloads: tuple[tuple[int, int, int], ...] = ()
    """Place, bytes that are here, bytes in all, of what is being fetched."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What came while this device was away, in one conversation."""

    cid: ConversationId
    title: str = field(repr=False)
    count: int
    urgent: int
    alarms: int
    names_me: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A message found by a search."""

    cid: ConversationId
    seq: int
    title: str = field(repr=False)
    author: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Warned:
    """A person whose keys changed, for the owner to look at."""

    uid: AccountId
    name: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Loss:
    """A message that a restored server no longer has, and that this device still holds."""

    cid: ConversationId
    title: str = field(repr=False)
    """Of its conversation."""
    author: str = field(repr=False)
    """Empty for one's own."""
    text: str = field(repr=False)
    at: datetime
    restoration: int
    """The restore that lost it, from 1."""
    has_files: bool = False
    resent: bool = False
    """It is on its way again, from this device."""


@dataclass(frozen=True, slots=True)
class Release:
    """A later version of this program, that somebody may install."""

    version: str
    page: str = ""
    """Where it is explained, https; empty: ask the IT department."""
    is_security: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is shown for the account that is open."""

    me: Me | None = None
    connection: ConnectionState = ConnectionState.CONNECTING
    refusal: str = ""
    obstacle: str = ""
    """Why there is no connection, where somebody can do something about it: a sentence."""
    is_synced: bool = False
    rows: tuple[Row, ...] = ()
    chosen: ConversationId | None = None
    thread: Thread | None = None
    windows: tuple[ConversationId, ...] = ()
    """Conversations with a window of their own, in the order in which they were opened."""
    apart: tuple[Thread, ...] = field(default=(), repr=False)
    """What stands in those windows; one that is not told yet is missing."""
    only_unread: bool = False
    list_text: str = field(default="", repr=False)
    query: str = field(default="", repr=False)
    hits: tuple[Hit, ...] = ()
    missed: tuple[Missed, ...] = ()
    alarms: tuple[Message, ...] = field(default=(), repr=False)
    warnings: tuple[Warned, ...] = ()
    losses: tuple[Loss, ...] = ()
    losses_seen: int = 0
    """The last restore whose losses somebody was told of here."""
    cases: Cases = _NO_CASES
    presence: tuple[tuple[AccountId, Presence], ...] = ()
    settings: Settings = Settings()
    lock_after_min_max: int = 0
    """The longest delay before a lock that may be chosen; 0: any."""
    trouble: str = ""
    """A sentence about the last thing that failed."""
    release: Release | None = None
    """A later version of this program."""
    out: str = ""
    """Why this device does not count any more: `wiped`, or the reason for which it is locked."""

    def presence_of(self, uid: AccountId) -> Presence | None:
        """What somebody says of being there; None: nothing was heard."""
        return dict(self.presence).get(uid)

    def thread_of(self, cid: ConversationId) -> Thread | None:
        """A conversation that is shown, in whichever window; None: it is not, or not told yet."""
        shown = (self.thread, *self.apart)
        return next((one for one in shown if one is not None and one.cid == cid), None)


def told_presence(settings: Settings, *, is_covered: bool) -> Presence:
    """What the others are told: a locked screen means that somebody is away, unless they said more than being there."""
    return Presence.AWAY if is_covered and settings.presence is Presence.PRESENT else settings.presence
