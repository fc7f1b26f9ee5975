"""Keys of a device and of a person, and sealing to them.  protocol §2

A device holds `ik` (Ed25519, signs) and `ek` (X-Wing, receives); a person holds one user key per generation, sealed
to each of the person's devices.  Sealing is HPKE base mode (RFC 9180) with the hybrid post-quantum KEM X-Wing, so
what is recorded today stays closed to a quantum computer later.

One thing here is not an argument: HPKE's encapsulation draws its randomness from the operating system inside
`cryptography`, which offers no way to pass it in.  Opening is deterministic, so golden samples keep a sealed box
and check that it opens.  No method shows a secret in `repr`.
"""

import hashlib
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from nacl.signing import SigningKey

from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.protocol.crypto.primitives import KEY_BYTES, TAG_BYTES, derive, domain
from miss.protocol.errors import BadKey, BadSealed

SEED_BYTES: Final = 32
_MLKEM_PUBLIC_BYTES: Final = 1184
_MLKEM_SEED_BYTES: Final = 64
SEALING_PUBLIC_BYTES: Final = _MLKEM_PUBLIC_BYTES + 32
ENCAPSULATION_BYTES: Final = 1088 + 32
SEAL_OVERHEAD_BYTES: Final = ENCAPSULATION_BYTES + TAG_BYTES
"""A sealed box is that much longer than its content."""

_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class SealingKey:
    """An X-Wing private key, from its 32-byte seed."""

    def __init__(self, seed: bytes) -> None:
        """Raises BadKey unless `seed` has 32 bytes."""
        if len(seed) != SEED_BYTES:
            raise BadKey(kind="sealing")
        self.seed = seed

    @cached_property
    def _pair(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        # draft-connolly-cfrg-xwing-kem §5.2, expandDecapsulationKey: 64 bytes of ML-KEM seed (d ‖ z), 32 of X25519.
        expanded = hashlib.shake_256(self.seed).digest(_MLKEM_SEED_BYTES + 32)
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:]),
        )

    @cached_property
    def public(self) -> bytes:
        """The public key, 1216 bytes: ML-KEM-768 then X25519."""
        mlkem, x25519 = self._pair
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed with `seal_to` under the same `info`.

        Raises BadSealed if the key, `info` or any byte of `sealed` is not the original.
        """
        try:
            return _SUITE.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(*self._pair), info=info)
        except InvalidTag:
            raise BadSealed() from None


def seal_to(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """`plaintext` sealed to an X-Wing public key (1216 bytes): encapsulation ‖ ciphertext, 1136 bytes longer.

    `info` is bound to the box: it opens only with the same.  Draws randomness from the operating system.
    Raises BadKey for bytes that are no public key.
    """
    if len(public) != SEALING_PUBLIC_BYTES:
        raise BadKey(kind="sealing")
    try:
        key = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
        )
        return _SUITE.encrypt(plaintext, key, info=info)
    except ValueError:
        raise BadKey(kind="sealing") from None


class DeviceKeys:
    """The two private keys of one device."""

    def __init__(self, ik: SigningKey, ek: SealingKey) -> None:
        self.ik = ik
        self.ek = ek

    @classmethod
    def generate(cls, random_bytes: RandomBytes) -> "DeviceKeys":
        """New keys, from 64 bytes of randomness."""
        return cls.from_secret(random_bytes(2 * SEED_BYTES))

    @classmethod
    def from_secret(cls, secret: bytes) -> "DeviceKeys":
        """The keys that `to_secret` wrote.  Raises BadKey unless `secret` has 64 bytes."""
        if len(secret) != 2 * SEED_BYTES:
            raise BadKey(kind="device")
        return cls(SigningKey(secret[:SEED_BYTES]), SealingKey(secret[SEED_BYTES:]))

    def to_secret(self) -> bytes:
        """Both seeds, 64 bytes, for the device's own key store and for nothing else."""
        return bytes(self.ik) + self.ek.seed

    @property
    def ik_public(self) -> bytes:
        """Ed25519, 32 bytes."""
        return bytes(self.ik.verify_key)

    @property
    def ek_public(self) -> bytes:
        """X-Wing, 1216 bytes."""
        return self.ek.public


class UserKey:
    """UEK_g: what epoch boxes are sealed to, shared by a person's devices.  `generation` counts from 1."""

    def __init__(self, generation: int, secret: bytes) -> None:
        """Raises BadKey unless `secret` has 32 bytes and `generation` is positive."""
        if len(secret) != KEY_BYTES or generation < 1:
            raise BadKey(kind="user")
        self.generation = generation
        self.secret = secret

    @classmethod
    def generate(cls, generation: int, random_bytes: RandomBytes) -> "UserKey":
        """A new user key; the first of a person is generation 1."""
        return cls(generation, random_bytes(KEY_BYTES))

    @cached_property
    def _sealing(self) -> SealingKey:
        # Not the secret itself: it also keys the vault (protocol §2), and one key has one use.
        return SealingKey(derive(self.secret, "user-key"))

    @property
    def public(self) -> bytes:
        """`uek_pk`: X-Wing, 1216 bytes."""
        return self._sealing.public

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed to `public` under `info`.  Raises BadSealed."""
        return self._sealing.open(sealed, info)


def seal_user_key(user_key: UserKey, uid: AccountId, did: DeviceId, ek_public: bytes) -> bytes:
    """The user key, sealed to one of the person's own devices.  Raises BadKey."""
    return seal_to(ek_public, user_key.secret, _user_key_info(uid, did, user_key.generation))


def open_user_key(sealed: bytes, uid: AccountId, did: DeviceId, generation: int, keys: DeviceKeys) -> UserKey:
    """The user key that another device sealed to this one.

    The caller compares its `public` with `uek_pk` of the verified chain before using it.  Raises BadSealed.
    """
    return UserKey(generation, keys.ek.open(sealed, _user_key_info(uid, did, generation)))


def _user_key_info(uid: AccountId, did: DeviceId, generation: int) -> bytes:
    return domain("uek") + uid + did + generation.to_bytes(8, "big")
