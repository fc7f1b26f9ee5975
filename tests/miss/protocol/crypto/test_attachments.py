from collections.abc import Callable, Iterator
from hashlib import blake2b

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import BlobId
from miss.protocol.crypto.attachments import (
    CHUNK_BYTES,
    Attachment,
    blob_bytes,
    count_chunks,
    decrypt_blob,
    decrypt_range,
    encrypt_blob,
    hash_blob,
    range_in_blob,
)
from miss.protocol.crypto.primitives import open_with_nonce
from miss.protocol.errors import BlobDamaged, BlobRangeUnknown, BlobTooLarge
from miss.protocol.limits import MAX_BLOB_BYTES
from tests.miss.protocol.people import Stream

KEY, PREFIX = b"k" * 32, b"p" * 16
STEP = CHUNK_BYTES + 16


def encrypt(data: bytes, piece: int = 50_000) -> tuple[bytes, Attachment]:
    def pieces() -> Iterator[bytes]:
        for at in range(0, len(data), piece):
            yield data[at : at + piece]

    blob = b"".join(encrypt_blob(pieces(), len(data), KEY, PREFIX))
    return blob, Attachment(
        blob=BlobId(b"b" * 16), key=KEY, size=len(data), hash=hash_blob(blob), mime="application/pdf"
    )


FILE = Stream("file")(3 * CHUNK_BYTES - 1000)
BLOB, ATTACHMENT = encrypt(FILE)


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 7]
)
@pytest.mark.parametrize("piece", [1000, CHUNK_BYTES, 10**6])
def test_a_file_of_any_size_comes_back(size: int, piece: int) -> None:
    data = Stream("size")(size)
    blob, attachment = encrypt(data, piece)
    assert len(blob) == blob_bytes(size)
    assert decrypt_blob(blob, attachment) == data


def test_chunks_are_as_the_specification_says() -> None:
    nonce = PREFIX + (1).to_bytes(8, "big")
    ad = (1).to_bytes(8, "big") + b"\x00" + len(FILE).to_bytes(8, "big")
    chunk = BLOB[16 + STEP : 16 + 2 * STEP]
    assert open_with_nonce(KEY, nonce, chunk, ad) == FILE[CHUNK_BYTES : 2 * CHUNK_BYTES]
    last = (2).to_bytes(8, "big")
    ad = last + b"\x01" + len(FILE).to_bytes(8, "big")
    assert open_with_nonce(KEY, PREFIX + last, BLOB[16 + 2 * STEP :], ad) == FILE[2 * CHUNK_BYTES :]


@settings(max_examples=60)
@given(st.data())
def test_any_range_can_be_read_alone(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(FILE)))
    stop = data.draw(st.integers(start, len(FILE)))
    lower, upper = range_in_blob(len(FILE), start, stop)
    assert upper - lower <= (stop - start) + 2 * STEP
    assert decrypt_range(BLOB[:16], BLOB[lower:upper], ATTACHMENT, start, stop) == FILE[start:stop]


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (6, 5), (0, len(FILE) + 1)])
def test_ranges_outside_the_file(start: int, stop: int) -> None:
    with pytest.raises(BlobRangeUnknown):
        range_in_blob(len(FILE), start, stop)
    with pytest.raises(BlobRangeUnknown):
        decrypt_range(BLOB[:16], b"", ATTACHMENT, start, stop)


def forged(attachment: Attachment, blob: bytes) -> Attachment:
    """What a server could hope for: a reader who does not compare the hash."""
    return msgspec.structs.replace(attachment, hash=hash_blob(blob))


@pytest.mark.parametrize(
    "change",
    [
        lambda blob: blob[: 16 + 2 * STEP],  # the last chunk is missing
        lambda blob: blob[: 16 + STEP],
        lambda blob: blob[:-1],
        lambda blob: blob + b"\0",
        lambda blob: blob[:16] + blob[16 + STEP :],  # the first chunk is missing
        lambda blob: blob[:16] + blob[16 + STEP : 16 + 2 * STEP] + blob[16 : 16 + STEP] + blob[16 + 2 * STEP :],
        lambda blob: b"q" * 16 + blob[16:],
        lambda blob: b"",
    ],
)
def test_truncation_and_reordering_are_seen(change: Callable[[bytes], bytes]) -> None:
    changed = change(BLOB)
    with pytest.raises(BlobDamaged):
        decrypt_blob(changed, ATTACHMENT)
    with pytest.raises(BlobDamaged):
        decrypt_blob(changed, forged(ATTACHMENT, changed))


@pytest.mark.parametrize("chunks", [1, 2])
def test_a_shorter_file_made_of_whole_chunks_is_not_the_file(chunks: int) -> None:
    """The size is authenticated and the last chunk says that it is the last."""
    changed = BLOB[: 16 + chunks * STEP]
    shorter = msgspec.structs.replace(forged(ATTACHMENT, changed), size=chunks * CHUNK_BYTES)
    with pytest.raises(BlobDamaged) as refused:
        decrypt_blob(changed, shorter)
    assert refused.value.params["reason"] == "chunk"


def test_every_changed_byte_is_seen() -> None:
    for at in [*range(64), *range(64, len(BLOB), 9973), len(BLOB) - 1]:
        changed = bytearray(BLOB)
        changed[at] ^= 1
        with pytest.raises(BlobDamaged) as refused:
            decrypt_blob(bytes(changed), ATTACHMENT)
        assert refused.value.params["reason"] == "hash"
        with pytest.raises(BlobDamaged) as refused:
            decrypt_blob(bytes(changed), forged(ATTACHMENT, bytes(changed)))
        assert refused.value.params["reason"] == "chunk"


def test_another_key_opens_nothing() -> None:
    with pytest.raises(BlobDamaged):
        decrypt_blob(BLOB, msgspec.structs.replace(ATTACHMENT, key=b"x" * 32))


@pytest.mark.parametrize("size", [len(FILE) - 1, len(FILE) + 1, 10, 4 * CHUNK_BYTES])
def test_a_wrong_size_is_refused_while_encrypting(size: int) -> None:
    with pytest.raises(BlobDamaged):
        list(encrypt_blob([FILE], size, KEY, PREFIX))


def test_sixteen_mebibytes_at_most() -> None:
    fitting = MAX_BLOB_BYTES - 16 - 256 * 16
    assert blob_bytes(fitting) == MAX_BLOB_BYTES
    encrypt_blob([], fitting, KEY, PREFIX)
    with pytest.raises(BlobTooLarge):
        encrypt_blob([], fitting + 1, KEY, PREFIX)


@pytest.mark.parametrize(("key", "prefix"), [(b"k" * 31, PREFIX), (KEY, b"p" * 15)])
def test_keys_and_prefixes_have_their_length(key: bytes, prefix: bytes) -> None:
    with pytest.raises(ValueError, match="prefix of 16"):
        encrypt_blob([], 0, key, prefix)


def test_counting() -> None:
    assert [count_chunks(size) for size in (0, 1, CHUNK_BYTES, CHUNK_BYTES + 1)] == [1, 1, 1, 2]


def test_a_blob_is_hashed_as_the_specification_says() -> None:
    assert hash_blob(b"x") == blake2b(b"MiSS1 blob\0x", digest_size=32).digest()
