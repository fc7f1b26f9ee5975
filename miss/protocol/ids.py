"""Identifiers and numbers as they stand in frames and signed objects, with the lengths the decoder enforces."""

from typing import Annotated

from msgspec import Meta

from miss.base.ids import AccountId, BlobId, ConversationId, DeviceId, MessageId
from miss.protocol.limits import MAX_INTEGER

Uid = Annotated[AccountId, Meta(min_length=16, max_length=16)]
Did = Annotated[DeviceId, Meta(min_length=16, max_length=16)]
Cid = Annotated[ConversationId, Meta(min_length=32, max_length=32)]
Mid = Annotated[MessageId, Meta(min_length=16, max_length=16)]
Blob = Annotated[BlobId, Meta(min_length=16, max_length=16)]

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""BLAKE2b-256 under a domain (protocol §2)."""
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
"""Ed25519."""
SigningPublic = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""Ed25519 public key."""
SealingPublic = Annotated[bytes, Meta(min_length=1216, max_length=1216)]
"""X-Wing public key: ML-KEM-768 (1184 bytes) then X25519 (32 bytes)."""

Number = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Ordinal = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
"""Everything that is counted starts at 1; 0 means « none yet »."""
Millis = Annotated[int, Meta(ge=0, le=2**47 - 1)]
"""Milliseconds since the Unix epoch, within what calendars know: up to the year 6429."""
