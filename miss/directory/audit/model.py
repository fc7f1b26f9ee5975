"""What one line of the access log says, and how each is tied to the one before it.  Pure.

An entry's hash covers its number, its fact and the hash of the entry before it: whoever changes one has to change
every later one too, and the anchors (`miss.directory.audit.anchors`) say when they did.  Encoding and hash are those
of the chat's signed objects (protocol §2, §3): canonical MessagePack, BLAKE2b-256 bound to its use.

No health data: a subject is a kind and an identifier, a detail names fields, purposes, reasons of state.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from miss.base.ids import AccountId, PractitionerId
from miss.protocol.crypto.primitives import HASH_BYTES, hash_
from miss.protocol.packing import pack

SYSTEM: Final = "system"
"""The actor of what the platform does by itself."""
ACTOR_LENGTH: Final = 100
ACT_LENGTH: Final = 64
KIND_LENGTH: Final = 32
ID_LENGTH: Final = 100
DETAIL_LENGTH: Final = 500

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was acted upon or looked at; an empty `id`: somebody unknown, or nothing in particular."""

    kind: str
    """`account`, `practitioner`, `request`…: services add kinds of their own."""
    id: str

    @classmethod
    def account(cls, uid: AccountId | None) -> "Subject":
        """An account; None: a stranger tried a number or a name that has none."""
        return cls("account", uid.hex() if uid else "")

    @classmethod
    def practitioner(cls, practitioner_id: PractitionerId) -> "Subject":
        """An entry of the directory."""
        return cls("practitioner", practitioner_id)


def practitioner_actor(practitioner_id: PractitionerId) -> str:
    """The actor, for a service that knows people by their entry in the directory rather than by their account."""
    return f"practitioner:{practitioner_id}"


@dataclass(frozen=True, slots=True)
class Fact:
    """Who did what to whom or what, and when."""

    at: datetime
    actor: str
    """A hex uid, `practitioner_actor`, `cli:name`, `system`, or empty for a stranger."""
    act: str
    """`account.verify`, `request.read`: the room, then the act."""
    subject: Subject
    detail: str = ""
    """Never health data."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    number: int
    """From 1, without a gap."""
    fact: Fact | None
    """None in an extract that tells one person's entries: this one is somebody else's, only its links are shown."""
    previous: bytes
    """Hash of the entry before it; zeros in the first."""
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The place where the log ends, or where what is kept of it begins."""

    number: int
    hash: bytes


GENESIS: Final = Head(0, bytes(HASH_BYTES))
"""Before the first entry."""


def fit(fact: Fact) -> Fact:
    """`fact` as it can be kept: what is too long for its column is cut, as no act may fail for what is said of it.

    Raises ValueError for a naive instant, an act without a name.
    """
    if fact.at.tzinfo is None:
        raise ValueError("an entry is dated with an aware instant")
    if not fact.act or not fact.subject.kind:
        raise ValueError("an entry names its act and the kind of its subject")
    return Fact(
        fact.at.astimezone(UTC),
        _cut(fact.actor, ACTOR_LENGTH),
        _cut(fact.act, ACT_LENGTH),
        Subject(_cut(fact.subject.kind, KIND_LENGTH), _cut(fact.subject.id, ID_LENGTH)),
        _cut(fact.detail, DETAIL_LENGTH),
    )


def _cut(text: str, length: int) -> str:
    """What both databases keep of `text`, character for character: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode(errors="replace").decode()[:length]


def chain(head: Head, fact: Fact) -> Entry:
    """The entry that says `fact` right after `head`."""
    number = head.number + 1
    return Entry(number, fact, head.hash, hash_entry(number, fact, head.hash))


def hash_entry(number: int, fact: Fact, previous: bytes) -> bytes:
    """H("audit", number ‖ fact ‖ previous), to the microsecond."""
    subject = fact.subject
    content = (number, micros(fact.at), fact.actor, fact.act, subject.kind, subject.id, fact.detail, previous)
    return hash_("audit", pack(content))


def micros(at: datetime) -> int:
    """Microseconds since 1970: what both databases keep of an instant, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def first_kept(now: datetime, months: int) -> datetime:
    """Since when entries are kept: whole calendar months (UTC) are closed, and none is kept longer than `months`."""
    month = now.year * 12 + now.month - 1 - months + 1
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
