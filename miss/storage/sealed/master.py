"""The master key: 32 bytes in a file that only the service may read."""

import base64
import os
import stat
import tempfile
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from miss.base.random import RandomBytes
from miss.storage.errors import MasterKeyUnsafe


@dataclass(frozen=True, slots=True)
class MasterKey:
    """`id` names the key in the key store without telling anything about it."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return blake2b(self.secret, digest_size=8, person=b"MiSS master id").hexdigest()


def create_master_key(path: Path, random_bytes: RandomBytes) -> MasterKey:
    """Write a new key at `path`, mode 0600.  Raises FileExistsError: a master key is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = random_bytes(32)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # Linking, unlike renaming, fails if the name is taken: of two processes that start together, one makes the key.
        os.link(unfinished, path)
    finally:
        Path(unfinished).unlink()
    return MasterKey(secret)


def load_master_key(path: Path) -> MasterKey:
    """Read the key at `path`.  Raises MasterKeyUnsafe if it is missing, malformed or open to others."""
    try:
        mode = path.stat().st_mode
        secret = base64.b64decode(path.read_bytes().strip(), validate=True)
    except FileNotFoundError:
        raise MasterKeyUnsafe(path=path, reason="le fichier n'existe pas") from None
    except ValueError:
        raise MasterKeyUnsafe(path=path, reason="le fichier n'est pas en base64") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise MasterKeyUnsafe(path=path, reason="d'autres comptes peuvent la lire (chmod 600)")
    if len(secret) != 32:
        raise MasterKeyUnsafe(path=path, reason="elle ne fait pas 32 octets")
    return MasterKey(secret)
