"""What is kept of a recovery key, and what somebody who comes back with it is handed.  Values."""

from dataclasses import dataclass
from datetime import datetime

from miss.base.ids import AccountId, DeviceId


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """One person's living recovery key."""

    paper: DeviceId
    wraps: tuple[bytes, ...]
    tested_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reopened:
    """What the right ticket shows: the chain to follow, and what the recovery key opens."""

    uid: AccountId
    root: bytes
    opcerts: tuple[bytes, ...]
    links: tuple[bytes, ...]
    wraps: tuple[bytes, ...]
    generation: int
    box: bytes
    """The user key, sealed to the recovery key."""
