"""Where a store's key comes from: a key file, or a passphrase.  protocol §2

The key is 32 bytes and never stands in the store itself.  A desktop keeps it in the keyring of the operating
system; where there is none, the person types a passphrase (Argon2id with the parameters of protocol §5).
"""

import base64
import os
import stat
from pathlib import Path
from typing import Final

from nacl.pwhash import argon2id

from miss.base.random import RandomBytes
from miss.client.errors import StoreKeyUnsafe

KEY_BYTES: Final = 32
ARGON2_OPS: Final = 3
ARGON2_MEMORY_BYTES: Final = 64 * 1024 * 1024


def key_from_file(path: Path, random_bytes: RandomBytes) -> bytes:
    """The key kept in `path` (base64, mode 0600), made on first use.

    Raises StoreKeyUnsafe if the file is malformed or open to others.
    """
    return _read_or_create(path, KEY_BYTES, random_bytes)


def key_from_passphrase(passphrase: str, salt_path: Path, random_bytes: RandomBytes) -> bytes:
    """The key derived from `passphrase` and the salt kept in `salt_path`, made on first use.

    Takes a fifth of a second and 64 MiB by design.  Raises StoreKeyUnsafe if the salt's file is malformed.
    """
    salt = _read_or_create(salt_path, argon2id.SALTBYTES, random_bytes)
    return argon2id.kdf(KEY_BYTES, passphrase.encode(), salt, opslimit=ARGON2_OPS, memlimit=ARGON2_MEMORY_BYTES)


def _read_or_create(path: Path, length: int, random_bytes: RandomBytes) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path, length)
    value = random_bytes(length)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(value) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return value


def _read(path: Path, length: int) -> bytes:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreKeyUnsafe(path=path, reason="d'autres comptes peuvent le lire (chmod 600)")
    try:
        value = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        value = b""
    if len(value) != length:
        raise StoreKeyUnsafe(path=path, reason="son contenu n'est pas celui attendu")
    return value
