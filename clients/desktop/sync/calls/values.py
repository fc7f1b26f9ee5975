"""What calls answer with, where the client's own values do not do.  Frozen, and quick to import."""

from dataclasses import dataclass, field
from datetime import datetime

from miss.base.ids import AccountId
from miss.client.model import DirectoryEntry


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody in the directory, and whether their keys were compared on this device."""

    entry: DirectoryEntry
    is_compared: bool


@dataclass(frozen=True, slots=True)
class Safety:
    """What two people read out to each other."""

    uid: AccountId
    words: tuple[str, ...] = field(repr=False)
    card: bytes = field(repr=False)
    """For a QR code."""
    is_verified: bool
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Pairing:
    """What another device types or scans."""

    code: str = field(repr=False)
    uri: str = field(repr=False)
    expires_at: datetime
