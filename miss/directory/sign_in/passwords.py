"""Passwords: what is accepted, and the Argon2id hash that is kept (libsodium, PHC string).

No composition rule and no forced change (CNIL 2022-100): what counts is how hard a password is to guess.  The work
happens in a thread, few at a time, so that a rush of sign-ins costs neither the event loop nor the machine's memory.
"""

import asyncio
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id, verify

from miss.base.random import RandomBytes
from miss.base.text import Text
from miss.directory.sign_in.errors import PasswordPersonal, PasswordTooLong, PasswordTooShort, PasswordTooWeak
from miss.directory.sign_in.strength import ENOUGH_BITS, Strength, estimate, holds_personal_word

MIN_LENGTH = 12
MAX_LENGTH = 256
HASH_BYTES = 32
AT_ONCE = 2
"""Hashes computed at the same time in this process."""


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """Argon2id's parameters: passes, and memory in bytes (a multiple of 1024)."""

    ops: int
    memory_bytes: int

    INTERACTIVE: ClassVar["PasswordCost"]
    """2 passes over 64 MiB: about 60 ms."""
    MODERATE: ClassVar["PasswordCost"]
    """3 passes over 256 MiB: about half a second."""
    MINIMAL: ClassVar["PasswordCost"]
    """For tests only."""


PasswordCost.INTERACTIVE = PasswordCost(argon2id.OPSLIMIT_INTERACTIVE, argon2id.MEMLIMIT_INTERACTIVE)
PasswordCost.MODERATE = PasswordCost(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
PasswordCost.MINIMAL = PasswordCost(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)


def require_length(password: str) -> None:
    """Raises PasswordTooShort or PasswordTooLong."""
    if len(password) < MIN_LENGTH:
        raise PasswordTooShort(minimum=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise PasswordTooLong(maximum=MAX_LENGTH)


def require_acceptable(password: str, strength: Strength, personal: Sequence[str]) -> None:
    """Judge a password whose strength was estimated with the same `personal` words.

    Raises PasswordTooShort, PasswordTooLong, PasswordPersonal or PasswordTooWeak.
    """
    require_length(password)
    if holds_personal_word(password, personal):
        raise PasswordPersonal
    if not strength.is_enough:
        advice = strength.advice
        said = Text(fr=" ".join(text.fr for text in advice), en=" ".join(text.en for text in advice))
        raise PasswordTooWeak(bits=strength.bits, minimum=ENOUGH_BITS, advice=said)


class PasswordHasher:
    """Hashes and verifies passwords."""

    def __init__(self, cost: PasswordCost, random_bytes: RandomBytes) -> None:
        self._cost = cost
        self._random_bytes = random_bytes
        self._at_once = asyncio.Semaphore(AT_ONCE)
        # Of their own: whoever has many passwords estimated keeps nobody from signing in.
        self._estimates = asyncio.Semaphore(1)
        # Made of no password: it takes as long as any other and never verifies.
        self._nobodys = self._encode(random_bytes(argon2id.SALTBYTES), random_bytes(HASH_BYTES))

    async def hash(self, password: str) -> str:
        """What is kept: `$argon2id$v=19$m=…,t=…,p=1$salt$hash`."""
        salt = self._random_bytes(argon2id.SALTBYTES)
        async with self._at_once:
            digest = await asyncio.to_thread(
                argon2id.kdf, HASH_BYTES, _to_bytes(password), salt, self._cost.ops, self._cost.memory_bytes
            )
        return self._encode(salt, digest)

    async def verify(self, password: str, kept: str | None) -> bool:
        """True if `password` is the one `kept` was made of; None takes as long as a wrong password."""
        async with self._at_once:
            return await asyncio.to_thread(_verify, kept or self._nobodys, password[: MAX_LENGTH + 1])

    async def estimate(self, password: str, personal: Sequence[str] = ()) -> Strength:
        """How strong a password would be."""
        async with self._estimates:
            return await asyncio.to_thread(estimate, password, personal)

    async def require_acceptable(self, password: str, personal: Sequence[str]) -> None:
        """Raises PasswordTooShort, PasswordTooLong, PasswordPersonal or PasswordTooWeak."""
        require_length(password)
        require_acceptable(password, await self.estimate(password, personal), personal)

    def _encode(self, salt: bytes, digest: bytes) -> str:
        salt_text, digest_text = (b64encode(part).decode().rstrip("=") for part in (salt, digest))
        memory_kib = self._cost.memory_bytes // 1024
        return f"$argon2id$v=19$m={memory_kib},t={self._cost.ops},p=1${salt_text}${digest_text}"


def _verify(kept: str, password: str) -> bool:
    try:
        return verify(kept.encode(), _to_bytes(password))
    except InvalidkeyError:
        return False


def _to_bytes(password: str) -> bytes:
    """The same bytes from every keyboard: composed accents (NFC)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")
