"""Identifiers.

Two families: sixteen or thirty-two raw bytes for what travels in the chat protocol (docs/protocol.md §3), and
time-ordered text for rows of the application's database.
"""

from datetime import datetime
from typing import NewType
from uuid import UUID

from miss.base.clock import to_ms
from miss.base.random import RandomBytes

AccountId = NewType("AccountId", bytes)
"""`uid`, 16 bytes: one verified person, whatever the number of devices."""
DeviceId = NewType("DeviceId", bytes)
"""`did`, 16 bytes: one installation of a client."""
ConversationId = NewType("ConversationId", bytes)
"""`cid`, 32 bytes: the hash of the conversation's first commit core (protocol §3)."""
MessageId = NewType("MessageId", bytes)
"""`mid`, 16 bytes, UUIDv7: chosen by the sending client, the key of idempotence (protocol §7)."""
BlobId = NewType("BlobId", bytes)
"""16 bytes: one encrypted attachment on the server."""

PractitionerId = NewType("PractitionerId", str)
"""PS_IdNat of somebody in the directory: `8` and the RPPS number, or `0` and the ADELI number (ADR 30).

Of a staff person, who is in no directory, type, employer and internal number: `3590000014/0001` (ADR 41)."""
OrganizationId = NewType("OrganizationId", str)
RequestId = NewType("RequestId", str)
"""Row of a request for advice; people read its `number` (TE26000417) instead."""
PoolId = NewType("PoolId", str)
MailId = NewType("MailId", str)


def uuid7(now: datetime, random_bytes: RandomBytes) -> bytes:
    """A UUID version 7 (RFC 9562 §5.7), 16 bytes: 48 bits of milliseconds, then random."""
    raw = bytearray(to_ms(now).to_bytes(6, "big") + random_bytes(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return bytes(raw)


def new_row_id(now: datetime, random_bytes: RandomBytes) -> str:
    """A time-ordered identifier for a database row: the 36-character form of a UUIDv7."""
    return str(UUID(bytes=uuid7(now, random_bytes)))
