"""A change of the own entries, and the fingerprint by which one is noticed.  Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from miss.directory.exports.model import Card

DIGEST_BYTES = 16
_PERSON = b"miss.dir.feed"


class ChangeKind(StrEnum):
    """What became of an entry."""

    NEW = "new"
    """Who reads from this cursor has not been told of it."""
    CHANGED = "changed"
    GONE = "gone"
    """No longer ours to publish: suspended, retired, put on the red list."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that is not what it was at the cursor."""

    cursor: int
    kind: ChangeKind
    id: str
    changed_at: datetime
    """When it was noticed."""
    card: Card | None
    """As it is now; None: it is gone."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some changes, oldest first."""

    changes: Sequence[Change]
    cursor: int
    """Ask from here next time."""
    has_more: bool


@dataclass(frozen=True, slots=True)
class Published:
    """What was published of an entry last."""

    id: str
    digest: bytes
    sequence: int
    """Place of its last change in the feed."""
    appeared: int
    """Place where it came, or came back."""
    changed_at: datetime
    is_gone: bool


def digest_of(card: Card) -> bytes:
    """Of everything that an address book is told."""
    content = json.dumps(asdict(card), ensure_ascii=True, sort_keys=True)
    return blake2b(content.encode(), digest_size=DIGEST_BYTES, person=_PERSON).digest()


def kind_of(published: Published, since: int) -> ChangeKind:
    """What to call the last change of an entry, for somebody who knows everything up to `since`."""
    if published.is_gone:
        return ChangeKind.GONE
    return ChangeKind.NEW if published.appeared > since else ChangeKind.CHANGED
