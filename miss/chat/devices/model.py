"""A linked device, and what somebody about to link one is told.  Values and pure rules."""

from dataclasses import dataclass
from datetime import datetime

from miss.base.ids import AccountId, DeviceId
from miss.chat.devices.errors import DeviceNameRefused
from miss.protocol.crypto.links import Link, Op, Who
from miss.protocol.errors import LinkNotAllowed

MAX_NAME = 80
ROTATING = frozenset({Op.REVOKE, Op.UEK})
"""What a linked device appends by itself: each brings a new user key."""


@dataclass(frozen=True, slots=True)
class LinkedDevice:
    """One device row; `revoked_at` is None while it counts."""

    did: DeviceId
    uid: AccountId
    ik: bytes
    """Ed25519 public key, 32 bytes."""
    name: str
    """What its owner calls it: « iPhone de garde »."""
    linked_at: datetime
    revoked_at: datetime | None
    paper: bool = False
    """True for the recovery key: it never connects."""
    last_seen: datetime | None = None
    """When it was last heard of, to within LAST_SEEN_STEP; None: never."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """A device somebody claims to hold, and what decides whether it counts."""

    device: LinkedDevice
    head: bytes
    """Of its owner's chain."""
    is_active: bool
    """Whether its owner may use their account."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What the right code shows: who the directory says you are, and whom the client will trust."""

    uid: AccountId
    who: Who
    root: bytes
    """ROOT public key, compared with the fingerprint on the activation letter."""
    opcerts: tuple[bytes, ...]
    links: tuple[bytes, ...]
    """The chain that is there already; empty before the first device."""


def require_name(name: str) -> str:
    """A device's name, trimmed.  Raises DeviceNameRefused unless it has 1 to 80 printable characters."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME or not trimmed.isprintable():
        raise DeviceNameRefused(max=MAX_NAME)
    return trimmed


def require_op(link: Link, allowed: frozenset[Op]) -> None:
    """Raises LinkNotAllowed if this way in does not take such a link."""
    if link.core.op not in allowed:
        raise LinkNotAllowed(rule="way_in", op=link.core.op.value, seq=link.core.seq)
