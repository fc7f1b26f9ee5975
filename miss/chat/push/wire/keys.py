"""The keys by which push services know this server (VAPID, RFC 8292): `push.key` among the operator's keys.

One P-256 scalar a line, base64, the one in use last.  A browser binds its subscription to one of them; after a renewal
the former stays until browsers have subscribed anew, which they do when they are next opened.
"""

import base64
import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from miss.base.random import RandomBytes
from miss.directory.signer.errors import OperatorKeysUnusable
from miss.directory.signer.folder import read_lines

FILE: Final = "push.key"
SCALAR_BYTES: Final = 32
PUBLIC_BYTES: Final = 65
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group (FIPS 186-5)."""


@dataclass(frozen=True, slots=True)
class PushKey:
    """One key pair."""

    private: EllipticCurvePrivateKey
    public: bytes
    """The uncompressed point, 65 bytes: what browsers subscribe with."""


@dataclass(frozen=True, slots=True)
class PushKeys:
    """Those that subscriptions may be bound to, the one in use last."""

    all: tuple[PushKey, ...]

    @property
    def current(self) -> PushKey:
        """The one that new subscriptions are made with."""
        return self.all[-1]

    def find(self, public: bytes) -> PushKey | None:
        """The pair of this public key."""
        return next((key for key in self.all if key.public == public), None)


def new_private_key(random_bytes: RandomBytes) -> EllipticCurvePrivateKey:
    """A fresh private key: eight bytes more than needed leave no bias worth a name (FIPS 186-5, A.2.1)."""
    return derive_private_key(1 + int.from_bytes(random_bytes(SCALAR_BYTES + 8)) % (_ORDER - 1), SECP256R1())


def public_bytes(key: EllipticCurvePrivateKey) -> bytes:
    """Its uncompressed point, 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def load_or_create_push_keys(folder: Path, random_bytes: RandomBytes) -> PushKeys:
    """The keys in `folder`, made if there are none.  Raises OperatorKeysUnusable."""
    if not (folder / FILE).exists():
        # A hard link refuses to replace what a process beside has just made.
        with _written([_scalar(new_private_key(random_bytes))], folder) as file, contextlib.suppress(FileExistsError):
            os.link(file, folder / FILE)
    return load_push_keys(folder)


def load_push_keys(folder: Path) -> PushKeys:
    """The keys in `folder`.  Raises OperatorKeysUnusable."""
    path = folder / FILE
    lines = read_lines(path)
    if not lines:
        raise OperatorKeysUnusable(path=path, reason="le fichier n'existe pas")
    numbers = [int.from_bytes(line) for line in lines]
    if any(len(line) != SCALAR_BYTES for line in lines) or not all(0 < number < _ORDER for number in numbers):
        raise OperatorKeysUnusable(path=path, reason="ce n'est pas une clé P-256")
    keys = [derive_private_key(number, SECP256R1()) for number in numbers]
    return PushKeys(tuple(PushKey(key, public_bytes(key)) for key in keys))


def renew_push_key(folder: Path, random_bytes: RandomBytes, *, keep_former: bool) -> PushKeys:
    """Put a new key in use; `keep_former`: the one before it stays good for what is bound to it.

    Raises OperatorKeysUnusable.
    """
    kept = [_scalar(load_push_keys(folder).current.private)] if keep_former else []
    with _written([*kept, _scalar(new_private_key(random_bytes))], folder) as file:
        file.replace(folder / FILE)
    return load_push_keys(folder)


def _scalar(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(SCALAR_BYTES)


@contextmanager
def _written(values: Sequence[bytes], folder: Path) -> Iterator[Path]:
    """A file beside the others, whole and on the disk, for the service's eyes only; gone afterwards if it is left."""
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(base64.b64encode(value) + b"\n" for value in values)
            file.flush()
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
