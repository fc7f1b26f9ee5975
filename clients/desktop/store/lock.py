"""The key of one account's folder: random, opened by a PIN together with what the machine's keyring holds.

    KEK = H(Argon2id(PIN, salt) ‖ part in the keyring)      key = open(KEK, wrapped)

Both are needed where there is a keyring: on a ward, everybody shares the session that opens the keyring, so that it
alone must open nothing; and a stolen disk alone gives nobody a PIN to guess.  Where there is no keyring the PIN is
all there is, and has to be longer.  Wrong PINs are counted in the folder, and cost time from the fifth on.
"""

import base64
import json
import os
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

from nacl.pwhash import argon2id

from clients.desktop.store.errors import DeskError, KeyringChanged, TooManyPins, WeakPin, WrongPin
from miss.base.clock import Clock, from_ms, to_ms
from miss.base.random import RandomBytes
from miss.protocol.crypto.primitives import derive, domain, open_, seal

KEY_BYTES: Final = 32
LEAST_WITH_KEYRING: Final = 6
LEAST_ALONE: Final = 10
FREE_TRIES: Final = 5
_WAIT_S: Final = (30, 60, 120, 300, 900)
_OPS: Final = 3
MEMORY_BYTES: Final = 64 * 1024 * 1024
FILE_NAME: Final = "lock.json"


class Keyring(Protocol):
    """Where the machine keeps secrets of a session."""

    def get(self, name: str) -> bytes | None:
        """What was put under a name; None: nothing, or no keyring that works."""
        ...

    def put(self, name: str, secret: bytes) -> bool:
        """False: there is no keyring that works."""
        ...

    def remove(self, name: str) -> None:
        """Forget it; calling twice is harmless."""
        ...


class NoKeyring:
    """A machine without one."""

    def get(self, name: str) -> bytes | None:
        return None

    def put(self, name: str, secret: bytes) -> bool:
        return False

    def remove(self, name: str) -> None:
        return None


class SystemKeyring:
    """The operating system's: Windows Credential Locker, macOS Keychain, Secret Service."""

    SERVICE: Final = "MiSS"

    def get(self, name: str) -> bytes | None:
        import keyring  # takes a moment to look for the platform's
        from keyring.errors import KeyringError

        try:
            value = keyring.get_password(self.SERVICE, name)
        except (KeyringError, RuntimeError):
            return None
        return None if value is None else base64.b64decode(value)

    def put(self, name: str, secret: bytes) -> bool:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(self.SERVICE, name, base64.b64encode(secret).decode())
        except (KeyringError, RuntimeError):
            return False
        return self.get(name) == secret

    def remove(self, name: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.delete_password(self.SERVICE, name)
        except (KeyringError, RuntimeError):
            return


@dataclass(frozen=True, slots=True)
class _Lock:
    salt: bytes
    wrapped: bytes
    in_keyring: bool
    wrong: int = 0
    wait_until_ms: int = 0


class FolderLock:
    """The lock of one folder; `name` tells its part in the keyring from others'."""

    def __init__(self, folder: Path, name: str, keyring: Keyring, clock: Clock, random_bytes: RandomBytes) -> None:
        self._path = folder / FILE_NAME
        self._name = name
        self._keyring = keyring
        self._clock = clock
        self._random_bytes = random_bytes

    def create(self, pin: str) -> bytes:
        """A new key under `pin`.  Raises WeakPin."""
        part = self._random_bytes(KEY_BYTES)
        in_keyring = self._keyring.put(self._name, part)
        try:
            require_strong(pin, LEAST_WITH_KEYRING if in_keyring else LEAST_ALONE)
        except WeakPin:
            self._keyring.remove(self._name)
            raise
        key = self._random_bytes(KEY_BYTES)
        self._write(self._wrap(key, pin, part if in_keyring else b"", in_keyring))
        return key

    def open(self, pin: str) -> bytes:
        """The key.  Takes a fifth of a second and 64 MiB by design.

        Raises WrongPin, TooManyPins, KeyringChanged, DeskError if the file is unreadable.
        """
        lock = self._read()
        now_ms = to_ms(self._clock.now())
        if now_ms < lock.wait_until_ms:
            raise TooManyPins(wait_s=-(-(lock.wait_until_ms - now_ms) // 1000))
        part = self._keyring.get(self._name) if lock.in_keyring else b""
        if part is None:
            raise KeyringChanged
        # Counted before it is tried: whoever cuts the power in between has not tried for nothing.
        wrong = lock.wrong + 1
        wait_s = 0 if wrong < FREE_TRIES else _WAIT_S[min(wrong - FREE_TRIES, len(_WAIT_S) - 1)]
        self._write(replace(lock, wrong=wrong, wait_until_ms=now_ms + wait_s * 1000 if wait_s else 0))
        key = open_(_kek(pin, lock.salt, part), lock.wrapped, domain("desktop-lock"))
        if key is None:
            if wait_s:
                raise TooManyPins(wait_s=wait_s)
            raise WrongPin(left=FREE_TRIES - wrong)
        self._write(replace(lock, wrong=0, wait_until_ms=0))
        return key

    def change(self, old: str, new: str) -> None:
        """Another PIN for the same key.  Raises as `open`, WeakPin."""
        key, lock = self.open(old), self._read()
        require_strong(new, LEAST_WITH_KEYRING if lock.in_keyring else LEAST_ALONE)
        part = self._keyring.get(self._name) if lock.in_keyring else b""
        self._write(self._wrap(key, new, part or b"", lock.in_keyring))

    def forget(self) -> None:
        """Make the key unopenable for good: the folder is about to go."""
        self._keyring.remove(self._name)
        self._path.unlink(missing_ok=True)

    def _wrap(self, key: bytes, pin: str, part: bytes, in_keyring: bool) -> _Lock:
        salt = self._random_bytes(argon2id.SALTBYTES)
        return _Lock(salt, seal(_kek(pin, salt, part), key, domain("desktop-lock"), self._random_bytes), in_keyring)

    def _read(self) -> _Lock:
        try:
            value = json.loads(self._path.read_bytes())
            return _Lock(
                salt=base64.b64decode(value["salt"], validate=True),
                wrapped=base64.b64decode(value["wrapped"], validate=True),
                in_keyring=bool(value["in_keyring"]),
                wrong=int(value["wrong"]),
                wait_until_ms=int(value["wait_until_ms"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            raise DeskError(where=FILE_NAME) from None

    def _write(self, lock: _Lock) -> None:
        value = {
            "salt": base64.b64encode(lock.salt).decode(),
            "wrapped": base64.b64encode(lock.wrapped).decode(),
            "in_keyring": lock.in_keyring,
            "wrong": lock.wrong,
            "wait_until_ms": lock.wait_until_ms,
        }
        write_whole(self._path, json.dumps(value).encode())

    def waits_until(self) -> str:
        """When the next PIN may be tried, ISO 8601; empty: now."""
        until_ms = self._read().wait_until_ms
        return from_ms(until_ms).isoformat() if until_ms > to_ms(self._clock.now()) else ""


def require_strong(pin: str, least: int) -> None:
    """Raises WeakPin for what is short, one character over and over, or a run like 123456."""
    steps = {ord(right) - ord(left) for left, right in pairwise(pin)}
    if len(pin) < least or len(set(pin)) < 3 or steps in ({1}, {-1}):
        raise WeakPin(least=least)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by another, on the disk when it returns: the old one or the new one, never half of it."""
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _kek(pin: str, salt: bytes, part: bytes) -> bytes:
    stretched = argon2id.kdf(KEY_BYTES, pin.encode(), salt, opslimit=_OPS, memlimit=MEMORY_BYTES)
    return derive(stretched, "desktop-kek", part)
