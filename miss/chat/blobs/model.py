"""A blob, where it is named, and byte ranges (RFC 9110 §14).  Values and pure rules."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from miss.base.ids import AccountId, BlobId, ConversationId
from miss.chat.blobs.errors import RangeRefused

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
class ByteRange:
    """`start` … `stop` − 1."""

    start: int
    stop: int


def blob_name(blob: BlobId) -> str:
    """Under what name the blob store keeps it."""
    return f"chat-{blob.hex()}"


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
