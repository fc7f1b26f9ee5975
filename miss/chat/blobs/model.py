"""A blob, where it is named, and byte ranges (RFC 9110 §14).  Values and pure rules."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

from miss.base.ids import AccountId, BlobId, ConversationId
from miss.chat.blobs.errors import RangeRefused
from miss.protocol.errors import BlobTooLarge

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


class BlobUse(NamedTuple):
    """The envelope that names a blob."""

    blob: BlobId
    cid: ConversationId
    seq: int


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob that was uploaded whole."""

    id: BlobId
    uploader: AccountId
    size_bytes: int

    @property
    def name(self) -> str:
        """Its name in the blob store."""
        return blob_name(self.id)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an upload."""

    start: int
    name: str
    """In the blob store."""
    size_bytes: int
    """0: its bytes never came."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts."""

    id: BlobId
    uploader: AccountId
    announced_bytes: int
    is_whole: bool
    """True: put together, an envelope may name it."""
    parts: tuple[Part, ...]
    """In order; those whose bytes came follow each other without a gap."""

    @property
    def offset(self) -> int:
        """How many bytes have come: where the next part begins."""
        if self.is_whole:
            return self.announced_bytes
        return max((part.start + part.size_bytes for part in self.parts if part.size_bytes), default=0)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`start` … `stop` − 1."""

    start: int
    stop: int


def blob_name(blob: BlobId) -> str:
    """Under what name the blob store keeps it."""
    return f"chat-{blob.hex()}"


def part_name(random: bytes) -> str:
    """Under what name the blob store keeps a part; `random`: 16 bytes of its own."""
    return f"part-{random.hex()}"


def parse_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The single range a Range header asks for; None: the whole file, also for forms this server does not speak.

    Raises RangeRefused if it begins past the end.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    start = int(match[1])
    stop = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
    if match[2] and int(match[2]) < start:
        return None
    if start >= size_bytes:
        raise RangeRefused(size_bytes=size_bytes)
    return ByteRange(start, stop)


async def at_most(content: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    """`content`; raises BlobTooLarge as soon as it is longer."""
    size_bytes = 0
    async for chunk in content:
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            raise BlobTooLarge(size_bytes=size_bytes, max_bytes=max_bytes)
        yield chunk
