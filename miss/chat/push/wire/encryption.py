"""What a push service carries and cannot read: one record of `aes128gcm` (RFC 8188) under RFC 8291's key.

Written here on `cryptography`: forty lines, against packages that bring two HTTP clients along (ADR 52).
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from miss.chat.push.wire.keys import public_bytes

SALT_BYTES: Final = 16
RECORD_BYTES: Final = 4096
"""What every push service takes at least (RFC 8030 §7.2)."""
_LAST_RECORD: Final = b"\x02"


def read_point(p256dh: bytes) -> EllipticCurvePublicKey:
    """A browser's public key.  Raises ValueError unless it is a point of P-256."""
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), p256dh)


def encrypt(
    plaintext: bytes, p256dh: bytes, auth: bytes, *, salt: bytes, sender: EllipticCurvePrivateKey, padded_bytes: int
) -> bytes:
    """The body of a push message: header, then one record of `padded_bytes` and its tag.

    `sender`: used for this message alone.  Raises ValueError for a `p256dh` that is no point, or for a plaintext that
    does not fit.
    """
    if not len(plaintext) < padded_bytes <= RECORD_BYTES - 16:
        raise ValueError("the plaintext does not fit")
    public = public_bytes(sender)
    shared = sender.exchange(ECDH(), read_point(p256dh))
    secret = _derive(auth, shared, b"WebPush: info\x00" + p256dh + public, 32)
    key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
    record = (plaintext + _LAST_RECORD).ljust(padded_bytes, b"\x00")
    header = salt + RECORD_BYTES.to_bytes(4) + bytes([len(public)]) + public
    return header + AESGCM(key).encrypt(nonce, record, None)


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
