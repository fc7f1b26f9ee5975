"""Signed marks of the log: what its head was, and what was deleted from its front.  Pure.

The operator's audit key (`audit.key`, its own: neither OP nor RC may speak for the log, nor it for them) signs an
anchor every hour or every 1,000 entries.  A copy kept elsewhere shows later that the log was cut or written anew.
A closing is signed when a month is deleted after its time: without one, no log may begin elsewhere than at entry 1.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nacl.signing import SigningKey

from miss.directory.audit.model import Entry, Head, micros
from miss.protocol.crypto.primitives import VERSION, sign, verify
from miss.protocol.packing import pack


class Mark(StrEnum):
    """What a signature says of an entry."""

    HEAD = "head"
    """It was the last one at that instant."""
    CLOSED = "closed"
    """It and all before it were deleted at that instant: their time was over."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One signed mark."""

    mark: Mark
    number: int
    hash: bytes
    entry_at: datetime
    """When the entry was written."""
    signed_at: datetime
    key: bytes
    """Public, Ed25519, 32 bytes: must be known from elsewhere."""
    signature: bytes

    @property
    def head(self) -> Head:
        """The place it marks."""
        return Head(self.number, self.hash)

    def is_genuine(self) -> bool:
        """True if `key` signed this."""
        return verify(self.key, "audit-anchor", _signed(self), self.signature)


def sign_anchor(key: SigningKey, mark: Mark, entry: Entry, now: datetime) -> Anchor:
    """The mark of `entry`, which is told whole.  Raises ValueError for an entry without its fact."""
    if entry.fact is None:
        raise ValueError("an anchor dates its entry")
    unsigned = Anchor(mark, entry.number, entry.hash, entry.fact.at, now, bytes(key.verify_key), b"")
    signature = sign(key, "audit-anchor", _signed(unsigned))
    return Anchor(mark, entry.number, entry.hash, entry.fact.at, now, unsigned.key, signature)


def _signed(anchor: Anchor) -> bytes:
    return pack(
        (VERSION, anchor.mark.value, anchor.number, anchor.hash, micros(anchor.entry_at), micros(anchor.signed_at))
    )
