"""Activation codes: twelve characters that survive being read from a letter, and the hash that is kept of them.

60 random bits in Crockford's base 32 (no I, L, O, U; what looks like a digit is read as one).  A slow hash protects
secrets that people choose; these are uniformly random, so one salted BLAKE2b is right: whoever steals the table faces
2^59 trials on average for one code (years on a fast GPU), which dies within weeks and opens one account once.
"""

from hashlib import blake2b
from hmac import compare_digest

from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts.model import Activation, ActivationPurpose

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
GROUP = 4
SALT_BYTES = 16
DIGEST_BYTES = 32

_PERSON = b"miss.activation"
_LOOKALIKES = str.maketrans("OIL", "011")


def compose_code(random_bytes: RandomBytes) -> str:
    """A fresh code, `XXXX-XXXX-XXXX`."""
    number = int.from_bytes(random_bytes(8), "big")
    characters = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH))
    return "-".join(characters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normalise_code(text: str) -> str:
    """What a person typed, as it is hashed: upper case, letters and digits only, lookalikes resolved."""
    return "".join(character for character in text.upper() if character.isalnum()).translate(_LOOKALIKES)


def hash_code(code: str, salt: bytes, uid: AccountId, purpose: ActivationPurpose) -> bytes:
    """The digest of a code, bound to the account and the purpose it was issued for."""
    message = uid + purpose.encode() + b"\0" + normalise_code(code).encode()
    return blake2b(message, digest_size=DIGEST_BYTES, salt=salt, person=_PERSON).digest()


def is_right_code(code: str, activation: Activation | None, uid: AccountId, purpose: ActivationPurpose) -> bool:
    """Compare in constant time; no activation takes as long as a wrong code."""
    if activation is None:
        hash_code(code, bytes(SALT_BYTES), uid, purpose)
        return False
    return compare_digest(activation.digest, hash_code(code, activation.salt, uid, purpose))
