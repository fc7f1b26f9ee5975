"""The few cryptographic operations everything else is made of.  protocol §2

Every hash, derivation and signature is bound to its use: it covers `"MiSS1 " ‖ label ‖ 0x00` before the data, so
that a value made for one use never counts for another.  Suite 1 is BLAKE2b-256, Ed25519, XChaCha20-Poly1305 and
HPKE (see `keys`); there is no negotiation and no fallback.

Refuses: counters as nonces, raw hashes without a label.
"""

import hashlib
import hmac
from functools import cache
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    sodium_pad,
    sodium_unpad,
)
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import SigningKey, VerifyKey

from miss.base.random import RandomBytes

VERSION: Final = 1
"""`v` of every object."""
SUITE: Final = 1
"""BLAKE2b-256, Ed25519, XChaCha20-Poly1305, HPKE with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305."""

KEY_BYTES: Final = 32
HASH_BYTES: Final = 32
NONCE_BYTES: Final = 24
TAG_BYTES: Final = 16
PAD_BYTES: Final = 256


@cache
def domain(label: str) -> bytes:
    """`"MiSS1 " ‖ label ‖ 0x00`: what stands before the data in every hash and signature."""
    return b"MiSS1 " + label.encode("ascii") + b"\0"


def hash_(label: str, data: bytes) -> bytes:
    """H(label, data): BLAKE2b-256 of the domain and `data`."""
    return hashlib.blake2b(domain(label) + data, digest_size=HASH_BYTES).digest()


def derive(key: bytes, label: str, data: bytes = b"") -> bytes:
    """K(key, label, data): BLAKE2b-256 of the domain and `data`, keyed with `key` (32 bytes)."""
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return hashlib.blake2b(domain(label) + data, key=key, digest_size=HASH_BYTES).digest()


def same(left: bytes, right: bytes) -> bool:
    """Equality of secrets or tags, in constant time."""
    return hmac.compare_digest(left, right)


def sign(key: SigningKey, label: str, data: bytes) -> bytes:
    """Ed25519 signature (64 bytes) over the domain and `data`."""
    return key.sign(domain(label) + data).signature


def verify(public: bytes, label: str, data: bytes, signature: bytes) -> bool:
    """True if `signature` over `data` was made for `label` by the owner of `public` (32 bytes)."""
    try:
        VerifyKey(public).verify(domain(label) + data, signature)
    except (BadSignatureError, ValueError):
        # ValueError: a key or a signature of the wrong length.
        return False
    return True


def seal(key: bytes, plaintext: bytes, ad: bytes, random_bytes: RandomBytes) -> bytes:
    """nonce (24 random bytes) ‖ XChaCha20-Poly1305 of `plaintext`, which also authenticates `ad`."""
    nonce = random_bytes(NONCE_BYTES)
    return nonce + seal_with_nonce(key, nonce, plaintext, ad)


def open_(key: bytes, sealed: bytes, ad: bytes) -> bytes | None:
    """The plaintext of `seal`; None if the key, `ad` or any byte of `sealed` is not the original."""
    return open_with_nonce(key, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], ad)


def seal_with_nonce(key: bytes, nonce: bytes, plaintext: bytes, ad: bytes) -> bytes:
    """XChaCha20-Poly1305 under a nonce (24 bytes) that the caller guarantees to be fresh for this key."""
    return crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, nonce, key)


def open_with_nonce(key: bytes, nonce: bytes, ciphertext: bytes, ad: bytes) -> bytes | None:
    """The plaintext of `seal_with_nonce`, or None."""
    if len(nonce) != NONCE_BYTES or len(ciphertext) < TAG_BYTES:
        return None
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, ad, nonce, key)
    except CryptoError:
        return None


def pad256(data: bytes) -> bytes:
    """`data`, 0x80, then zeros up to a multiple of 256 (ISO/IEC 7816-4): lengths tell less."""
    return sodium_pad(data, PAD_BYTES)


def unpad256(padded: bytes) -> bytes | None:
    """What was padded; None if `padded` does not end as `pad256` ends it."""
    if not padded or len(padded) % PAD_BYTES:
        return None
    try:
        return sodium_unpad(padded, PAD_BYTES)
    except CryptoError:
        return None
