"""Sealing to somebody's public key in the format of age (https://age-encryption.org/v1): `age -d` opens it.

One X25519 recipient, nothing else of the format: no passphrases, plugins or armour.  ChaCha20-Poly1305 in chunks of
64 KiB, so that what is sealed may be larger than memory.  Keys are written as age-keygen writes them (Bech32).
"""

import base64
import hmac
import io
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from miss.base.random import RandomBytes
from miss.server.reversibility.errors import ArchiveKeyMalformed, ArchiveNotOpened

_LINE: Final = b"age-encryption.org/v1"
_INFO: Final = b"age-encryption.org/v1/X25519"
_PUBLIC, _SECRET = "age", "age-secret-key-"
_CHUNK: Final = 64 * 1024
_TAG: Final = 16
_MAX_HEADER: Final = 4096
_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class Target(Protocol):
    """Where what is sealed goes."""

    def write(self, data: bytes, /) -> int: ...


class SealedFile(io.RawIOBase):
    """A file to write into: what is written is sealed and goes on to `target`, which stays open."""

    def __init__(self, target: Target, recipient: str, random_bytes: RandomBytes) -> None:
        """`recipient`: `age1…`.  Raises ArchiveKeyMalformed."""
        self._target = target
        self._waiting = bytearray()
        self._count = 0
        file_key, nonce = random_bytes(16), random_bytes(16)
        head = _header(file_key, decode_key(_PUBLIC, recipient), random_bytes)
        target.write(head + b" " + _base64(_header_mac(file_key, head)) + b"\n" + nonce)
        self._cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        # The last chunk is marked, and may be full: one stays here until more comes or the end.
        while len(self._waiting) > _CHUNK:
            self._seal(bytes(self._waiting[:_CHUNK]), is_last=False)
            del self._waiting[:_CHUNK]
        return len(data)

    def finish(self) -> None:
        """Seal the end, once.  What was broken off before, and closed by whoever lost it, opens as cut."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._count, is_last=is_last), chunk, None))
        self._count += 1


def unseal(source: BinaryIO, secret: str) -> Iterator[bytes]:
    """What was sealed, chunk by chunk.  `secret`: `AGE-SECRET-KEY-1…`.

    Raises ArchiveKeyMalformed, ArchiveNotOpened: another key, an altered or a cut file.
    """
    private = X25519PrivateKey.from_private_bytes(decode_key(_SECRET, secret))
    file_key = _open_header(source, private)
    cipher = ChaCha20Poly1305(_derive(file_key, source.read(16), b"payload"))
    count, chunk = 0, source.read(_CHUNK + _TAG)
    while True:
        following = source.read(_CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(count, is_last=not following), chunk, None)
        except (InvalidTag, ValueError):
            raise ArchiveNotOpened from None
        if not following:
            return
        count, chunk = count + 1, following


def new_key(random_bytes: RandomBytes) -> tuple[str, str]:
    """The secret and the public key of somebody new, as age-keygen writes them."""
    secret = random_bytes(32)
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return _encode(_SECRET, secret).upper(), _encode(_PUBLIC, public)


def decode_key(kind: str, text: str) -> bytes:
    """The 32 bytes of a key.  Raises ArchiveKeyMalformed."""
    written = text.strip()
    if written not in (written.lower(), written.upper()):
        raise ArchiveKeyMalformed
    prefix, _, rest = written.lower().rpartition("1")
    digits = [_ALPHABET.find(letter) for letter in rest]
    if prefix != kind or len(digits) < 6 or -1 in digits or _checksum(prefix, digits) != 1:
        raise ArchiveKeyMalformed
    number = 0
    for digit in digits[:-6]:
        number = number << 5 | digit
    spare = 5 * (len(digits) - 6) - 256
    if not 0 <= spare < 5 or number & ((1 << spare) - 1):
        raise ArchiveKeyMalformed
    return (number >> spare).to_bytes(32)


def _header(file_key: bytes, recipient: bytes, random_bytes: RandomBytes) -> bytes:
    """Up to the mark of its end, which the code of the header covers."""
    ours = X25519PrivateKey.from_private_bytes(random_bytes(32))
    share = ours.public_key().public_bytes_raw()
    key = _wrapping_key(ours, X25519PublicKey.from_public_bytes(recipient), share, recipient)
    wrapped = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    return b"\n".join((_LINE, b"-> X25519 " + _base64(share), _base64(wrapped), b"---"))


def _open_header(source: BinaryIO, private: X25519PrivateKey) -> bytes:
    """The file's key.  Raises ArchiveNotOpened."""
    lines: list[bytes] = []
    while not lines or not lines[-1].startswith(b"--- "):
        line = source.readline(_MAX_HEADER)
        if not line.endswith(b"\n") or len(lines) > 64:
            raise ArchiveNotOpened
        lines.append(line[:-1])
    ours = private.public_key().public_bytes_raw()
    head = b"\n".join((*lines[:-1], b"---"))
    for stanza, wrapped in pairwise(lines):
        if not stanza.startswith(b"-> X25519 "):
            continue
        try:
            share = _unbase64(stanza.split(b" ")[2])
            key = _wrapping_key(private, X25519PublicKey.from_public_bytes(share), share, ours)
            file_key = ChaCha20Poly1305(key).decrypt(bytes(12), _unbase64(wrapped), None)
        except (InvalidTag, ValueError):
            continue
        if lines[0] == _LINE and hmac.compare_digest(_base64(_header_mac(file_key, head)), lines[-1][4:]):
            return file_key
    raise ArchiveNotOpened


def _wrapping_key(private: X25519PrivateKey, public: X25519PublicKey, share: bytes, recipient: bytes) -> bytes:
    return _derive(private.exchange(public), share + recipient, _INFO)


def _header_mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), head, "sha256")


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _nonce(count: int, *, is_last: bool) -> bytes:
    return count.to_bytes(11) + bytes([is_last])


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def _encode(prefix: str, data: bytes) -> str:
    """Bech32 (BIP 173), of whatever length."""
    number, spare = int.from_bytes(data), -8 * len(data) % 5
    count = (8 * len(data) + spare) // 5
    digits = [(number << spare) >> 5 * (count - 1 - place) & 31 for place in range(count)]
    rest = _checksum(prefix, [*digits, *[0] * 6]) ^ 1
    digits += [rest >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_ALPHABET[digit] for digit in digits)}"


def _checksum(prefix: str, digits: list[int]) -> int:
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    spread = [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]
    check = 1
    for digit in (*spread, *digits):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ digit
        for place, generator in enumerate(generators):
            check ^= generator if top >> place & 1 else 0
    return check
