"""The master keys: 32 bytes each in a file that only the service may read, one line of base64 for each.

There is one, and a second while it is renewed (`renewal`); which of them wraps, the key store says.
"""

import base64
import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from miss.base.random import RandomBytes
from miss.storage.errors import MasterKeyUnsafe

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class MasterKey:
    """`id` names the key in the key store without telling anything about it."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return blake2b(self.secret, digest_size=8, person=b"MiSS master id").hexdigest()


class MasterKeys:
    """The keys of a file, read again when one is asked for that was not there: another process may have renewed."""

    def __init__(self, keys: Sequence[MasterKey], path: Path | None = None) -> None:
        self._keys = tuple(keys)
        self._path = path

    @property
    def first(self) -> MasterKey:
        """The key of a key store that has wrapped nothing yet."""
        return self._keys[0]

    def find(self, key_id: str) -> MasterKey | None:
        """The key of that id.  Raises MasterKeyUnsafe if the file has to be read again and cannot be."""
        if (known := self._known(key_id)) is not None or self._path is None:
            return known
        self._keys = read_master_keys(self._path)
        return self._known(key_id)

    def _known(self, key_id: str) -> MasterKey | None:
        return next((key for key in self._keys if key.id == key_id), None)


def create_master_key(path: Path, random_bytes: RandomBytes) -> MasterKey:
    """Write a new key at `path`, mode 0600.  Raises FileExistsError: a master key is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = MasterKey(random_bytes(KEY_BYTES))
    unfinished = _write_beside(path, [key])
    try:
        # Linking, unlike renaming, fails if the name is taken: of two processes that start together, one makes the key.
        os.link(unfinished, path)
    finally:
        unfinished.unlink()
    return key


def load_master_keys(path: Path) -> MasterKeys:
    """Those at `path`.  Raises MasterKeyUnsafe if it is missing, malformed or open to others."""
    return MasterKeys(read_master_keys(path), path)


def read_master_keys(path: Path) -> tuple[MasterKey, ...]:
    """As `load_master_keys`, as values."""
    try:
        mode = path.stat().st_mode
        secrets = [base64.b64decode(line, validate=True) for line in path.read_bytes().split()]
    except FileNotFoundError:
        raise MasterKeyUnsafe(path=path, reason="le fichier n'existe pas") from None
    except ValueError:
        raise MasterKeyUnsafe(path=path, reason="le fichier n'est pas en base64") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise MasterKeyUnsafe(path=path, reason="d'autres comptes peuvent la lire (chmod 600)")
    if not secrets or any(len(secret) != KEY_BYTES for secret in secrets):
        raise MasterKeyUnsafe(path=path, reason="elle ne fait pas 32 octets")
    return tuple(MasterKey(secret) for secret in secrets)


def replace_master_keys(path: Path, keys: Sequence[MasterKey]) -> None:
    """Put `keys` in the place of those at `path`; a crash leaves the ones or the others, whole.  Raises OSError."""
    _write_beside(path, keys).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_beside(path: Path, keys: Sequence[MasterKey]) -> Path:
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(base64.b64encode(key.secret) + b"\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())
    return Path(unfinished)
