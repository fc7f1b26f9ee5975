"""What happens, as the reducer hears it: told by the core, or done by the person.  Frozen values.
The core tells whole values, never differences: a fact that comes twice, or late, changes nothing."""

from dataclasses import dataclass, field

from clients.desktop.state.cases import Cases
from clients.desktop.state.model import Hit, Loss, Me, Missed, Release, Row, Settings, Thread, Waiting, Warned
from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.events import ConnectionState
from miss.client.model import Message, Presence

# Told by the core


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account is open; nothing of the one before is left."""

    me: Me
    settings: Settings


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """Nothing is open."""


@dataclass(frozen=True, slots=True)
class ConnectionTold:
    """Where the connection stands."""

    state: ConnectionState
    reason: str = ""
    obstacle: str = ""
    """What stands in between and what to ask for, as a sentence; empty if nothing that has a name."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Everything the server had is here; `missed`: what came meanwhile."""

    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class RowsTold:
    """Every conversation."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class RowTold:
    """One conversation, new or changed."""

    row: Row


@dataclass(frozen=True, slots=True)
class ThreadTold:
    """A conversation with its last messages."""

    thread: Thread


@dataclass(frozen=True, slots=True)
class MembersTold:
    """Who is in the open conversation, and what of it changes with them; its messages are left out."""

    thread: Thread


@dataclass(frozen=True, slots=True)
class OlderTold:
    """Messages before those that are shown."""

    cid: ConversationId
    messages: tuple[Message, ...] = field(repr=False)
    has_older: bool


@dataclass(frozen=True, slots=True)
class MessagesTold:
    """Messages of a conversation as they are now."""

    cid: ConversationId
    messages: tuple[Message, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessagesGone:
    """Messages that have expired."""

    cid: ConversationId
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WaitingTold:
    """What has not left yet in a conversation."""

    cid: ConversationId
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class UploadTold:
    """How far the files of a message have come."""

    cid: ConversationId
    mid: MessageId
    sent_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DownloadTold:
    """How far a file has come; all of it: it is no longer shown."""

    cid: ConversationId
    seq: int
    received_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MarkersTold:
    """Up to where each other member has received and read."""

    cid: ConversationId
    delivered: tuple[tuple[AccountId, int], ...]
    read: tuple[tuple[AccountId, int], ...]


@dataclass(frozen=True, slots=True)
class TypingTold:
    """Somebody writes, or has stopped."""

    cid: ConversationId
    uid: AccountId
    on: bool


@dataclass(frozen=True, slots=True)
class PresenceTold:
    """Somebody says whether they are there."""

    uid: AccountId
    presence: Presence


@dataclass(frozen=True, slots=True)
class AlarmsTold:
    """Every result that nobody has acknowledged."""

    alarms: tuple[Message, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WarningsTold:
    """Whose keys changed."""

    warnings: tuple[Warned, ...]


@dataclass(frozen=True, slots=True)
class LossesTold:
    """Everything that a restored server no longer has; `seen`: the last restore that somebody was told of."""

    losses: tuple[Loss, ...]
    seen: int


@dataclass(frozen=True, slots=True)
class CasesTold:
    """Requests for advice: what one has to answer, what one has asked."""

    cases: Cases


@dataclass(frozen=True, slots=True)
class FoundTold:
    """What a search found."""

    query: str = field(repr=False)
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SettingsTold:
    """The settings in force, and the longest delay before a lock that may be chosen (minutes; 0: any)."""

    settings: Settings
    lock_after_min_max: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseTold:
    """Whether a later version of this program is out."""

    release: Release | None


@dataclass(frozen=True, slots=True)
class Troubled:
    """Something failed; what a person reads about it."""

    sentence: str


@dataclass(frozen=True, slots=True)
class DeviceOut:
    """This device does not count any more."""

    wiped: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message of somebody else has just come: for a notification; the lists hear of it otherwise."""

    row: Row
    message: Message = field(repr=False)
    author: str = field(repr=False)


# Done by the person


@dataclass(frozen=True, slots=True)
class ConversationChosen:
    """A conversation is to be shown; None: none."""

    cid: ConversationId | None


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """A conversation has a window of its own."""

    cid: ConversationId


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """It has none any more."""

    cid: ConversationId


@dataclass(frozen=True, slots=True)
class UnreadOnly:
    """The list shows what is unread only, or everything."""

    on: bool


@dataclass(frozen=True, slots=True)
class ListSearched:
    """What the list is filtered by."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchBegun:
    """What messages are searched for; empty: the search is over."""

    query: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyChosen:
    """What is written answers a message; None: none any more."""

    cid: ConversationId
    seq: int | None


@dataclass(frozen=True, slots=True)
class EditChosen:
    """What is written changes a message; None: none any more."""

    cid: ConversationId
    seq: int | None


@dataclass(frozen=True, slots=True)
class MissedSeen:
    """The summary was read."""


@dataclass(frozen=True, slots=True)
class TroubleSeen:
    """The sentence was read."""


@dataclass(frozen=True, slots=True)
class LossesSeen:
    """The notice of lost messages was read; it comes back with the next restore."""


@dataclass(frozen=True, slots=True)
class ReleaseSeen:
    """The notice of a later version was read; it comes back with the next start."""


Fact = (
    AccountOpened
    | AccountClosed
    | ConnectionTold
    | CaughtUp
    | RowsTold
    | RowTold
    | ThreadTold
    | MembersTold
    | OlderTold
    | MessagesTold
    | MessagesGone
    | WaitingTold
    | UploadTold
    | DownloadTold
    | MarkersTold
    | TypingTold
    | PresenceTold
    | AlarmsTold
    | WarningsTold
    | LossesTold
    | CasesTold
    | FoundTold
    | SettingsTold
    | ReleaseTold
    | Troubled
    | DeviceOut
    | Arrived
    | ConversationChosen
    | WindowOpened
    | WindowClosed
    | UnreadOnly
    | ListSearched
    | SearchBegun
    | ReplyChosen
    | EditChosen
    | MissedSeen
    | TroubleSeen
    | LossesSeen
    | ReleaseSeen
)
