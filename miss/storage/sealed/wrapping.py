"""XChaCha20-Poly1305 with random nonces: content under a data key, data keys under a master key.

The associated data names what is sealed, so that a sealed value cannot be moved to another row.
"""

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as aead_open
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as aead_seal
from nacl.exceptions import CryptoError

from miss.base.random import RandomBytes
from miss.storage.errors import SealBroken
from miss.storage.sealed.master import MasterKey, MasterKeys

NONCE_BYTES = 24
VERSION = b"\x01"


def encrypt(key: bytes, plaintext: bytes, subject: str, random_bytes: RandomBytes) -> bytes:
    """Version, nonce, ciphertext; `subject` names what it is."""
    nonce = random_bytes(NONCE_BYTES)
    return VERSION + nonce + aead_seal(plaintext, VERSION + subject.encode(), nonce, key)


def decrypt(key: bytes, sealed: bytes, subject: str) -> bytes:
    """Raises SealBroken if it was altered, is another subject's or another key's."""
    if sealed[:1] != VERSION:
        raise SealBroken(key=subject)
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return aead_open(ciphertext, VERSION + subject.encode(), nonce, key)
    except CryptoError:
        raise SealBroken(key=subject) from None


def wrap(master: MasterKey, key_id: str, key: bytes, random_bytes: RandomBytes) -> bytes:
    """A data key under a master key."""
    return encrypt(master.secret, key, _subject(key_id), random_bytes)


def unwrap(masters: MasterKeys, master_id: str, key_id: str, wrapped: bytes) -> bytes:
    """Raises SealBroken if that master key is not at hand, MasterKeyUnsafe if the file cannot be read."""
    master = masters.find(master_id)
    if master is None:
        raise SealBroken(key=key_id)
    return decrypt(master.secret, wrapped, _subject(key_id))


def _subject(key_id: str) -> str:
    return f"data key {key_id}"
