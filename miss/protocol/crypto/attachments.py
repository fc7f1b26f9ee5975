"""Attachments: a file encrypted in chunks, so that any range can be read and no end can be cut off.  protocol §3

A blob, as the server stores it, is the file's 16 random bytes, then the chunks: each holds 64 KiB of the file (the
last one what is left, the only one of an empty file nothing) and a 16-byte tag.  Chunk i is XChaCha20-Poly1305 with

    nonce = the 16 random bytes ‖ i (8 bytes, big-endian)
    ad    = i (8 bytes) ‖ 0x01 for the last chunk, else 0x00 ‖ size of the file (8 bytes)

under a key of its own for each file; the key travels in the message's body and nowhere else.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from msgspec import Meta

from miss.protocol.crypto.primitives import (
    KEY_BYTES,
    TAG_BYTES,
    hash_,
    open_with_nonce,
    same,
    seal_with_nonce,
)
from miss.protocol.errors import BlobDamaged, BlobRangeUnknown, BlobTooLarge
from miss.protocol.ids import Blob, Hash, Number
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.protocol.packing import Signed

CHUNK_BYTES: Final = 64 * 1024
PREFIX_BYTES: Final = 16
MAX_THUMBNAIL_BYTES: Final = 16 * 1024


class Attachment(Signed, frozen=True):
    """What a message says of one of its attachments."""

    blob: Blob
    key: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    size: Number
    """Of the file, in bytes."""
    hash: Hash
    """H("blob", the blob as stored): with the key it pins the content to the byte."""
    mime: Annotated[str, Meta(pattern=r"^[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64}\Z")]
    name: Annotated[str, Meta(max_length=255)] = ""
    width: Number | None = None
    """Pixels; None for what is not a picture."""
    height: Number | None = None
    thumbnail: Annotated[bytes, Meta(max_length=MAX_THUMBNAIL_BYTES)] | None = None
    """A small JPEG, shown before the blob has arrived."""

    def __repr__(self) -> str:
        return f"Attachment(blob={self.blob.hex()}, size={self.size})"


def count_chunks(size_bytes: int) -> int:
    """Chunks of a file of that size; an empty file has one."""
    return max(1, -(-size_bytes // CHUNK_BYTES))


def blob_bytes(size_bytes: int) -> int:
    """Length of the blob of a file of that size."""
    return PREFIX_BYTES + size_bytes + count_chunks(size_bytes) * TAG_BYTES


def hash_blob(blob: bytes) -> bytes:
    """H("blob", blob): what `Attachment.hash` is."""
    return hash_("blob", blob)


def encrypt_blob(pieces: Iterable[bytes], size_bytes: int, key: bytes, prefix: bytes) -> Iterator[bytes]:
    """The blob of a file, piece by piece.

    `pieces`: the file, cut anywhere; `size_bytes`: its length.  `key` (32 bytes) and `prefix` (16 bytes) are random
    and serve this file only.  Raises BlobTooLarge at once, BlobDamaged if the pieces do not add up to the size.
    """
    if blob_bytes(size_bytes) > MAX_BLOB_BYTES:
        raise BlobTooLarge(size_bytes=size_bytes, max_bytes=MAX_BLOB_BYTES)
    if len(prefix) != PREFIX_BYTES or len(key) != KEY_BYTES:
        raise ValueError("a blob has a prefix of 16 bytes and a key of 32")
    return _encrypt(pieces, size_bytes, key, prefix)


def _encrypt(pieces: Iterable[bytes], size_bytes: int, key: bytes, prefix: bytes) -> Iterator[bytes]:
    yield prefix
    buffer, index, last = bytearray(), 0, count_chunks(size_bytes) - 1
    for piece in pieces:
        buffer += piece
        while len(buffer) >= CHUNK_BYTES and index < last:
            yield _seal_chunk(bytes(buffer[:CHUNK_BYTES]), index, size_bytes, key, prefix)
            del buffer[:CHUNK_BYTES]
            index += 1
    if index != last or last * CHUNK_BYTES + len(buffer) != size_bytes:
        raise BlobDamaged(reason="size")
    yield _seal_chunk(bytes(buffer), index, size_bytes, key, prefix)


def decrypt_blob(blob: bytes, attachment: Attachment) -> bytes:
    """The whole file.  Raises BlobDamaged if the blob is not to the byte the one that was sent."""
    if len(blob) != blob_bytes(attachment.size):
        raise BlobDamaged(reason="length")
    if not same(hash_blob(blob), attachment.hash):
        raise BlobDamaged(reason="hash")
    return decrypt_range(blob[:PREFIX_BYTES], blob[PREFIX_BYTES:], attachment, 0, attachment.size)


def range_in_blob(size_bytes: int, start: int, stop: int) -> tuple[int, int]:
    """Which bytes of the blob, from and up to, hold the file's bytes from `start` up to `stop`.

    Whole chunks; the blob's first 16 bytes are needed besides.  Raises BlobRangeUnknown.
    """
    first, last = _chunks(size_bytes, start, stop)
    step = CHUNK_BYTES + TAG_BYTES
    return PREFIX_BYTES + first * step, min(PREFIX_BYTES + (last + 1) * step, blob_bytes(size_bytes))


def decrypt_range(prefix: bytes, part: bytes, attachment: Attachment, start: int, stop: int) -> bytes:
    """The file's bytes from `start` up to `stop`.

    `prefix`: the blob's first 16 bytes.  `part`: the bytes of the blob that `range_in_blob` names.
    Raises BlobDamaged, BlobRangeUnknown.
    """
    first, last = _chunks(attachment.size, start, stop)
    lower, upper = range_in_blob(attachment.size, start, stop)
    if len(part) != upper - lower:
        raise BlobDamaged(reason="length")
    plain = bytearray()
    step = CHUNK_BYTES + TAG_BYTES
    for index in range(first, last + 1):
        at = (index - first) * step
        plain += _open_chunk(part[at : at + step], index, attachment, prefix)
    offset = first * CHUNK_BYTES
    return bytes(plain[start - offset : stop - offset])


def _chunks(size_bytes: int, start: int, stop: int) -> tuple[int, int]:
    """First and last chunk of a range."""
    if not 0 <= start <= stop <= size_bytes:
        raise BlobRangeUnknown(start=start, stop=stop, size_bytes=size_bytes)
    last_chunk = count_chunks(size_bytes) - 1
    first = min(start // CHUNK_BYTES, last_chunk)
    return first, max(first, min(max(stop - 1, 0) // CHUNK_BYTES, last_chunk))


def _seal_chunk(plain: bytes, index: int, size_bytes: int, key: bytes, prefix: bytes) -> bytes:
    return seal_with_nonce(key, prefix + index.to_bytes(8, "big"), plain, _chunk_ad(index, size_bytes))


def _open_chunk(sealed: bytes, index: int, attachment: Attachment, prefix: bytes) -> bytes:
    nonce = prefix + index.to_bytes(8, "big")
    plain = open_with_nonce(attachment.key, nonce, sealed, _chunk_ad(index, attachment.size))
    if plain is None:
        raise BlobDamaged(reason="chunk", index=index)
    return plain


def _chunk_ad(index: int, size_bytes: int) -> bytes:
    final = index == count_chunks(size_bytes) - 1
    return index.to_bytes(8, "big") + bytes([final]) + size_bytes.to_bytes(8, "big")
