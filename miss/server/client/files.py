"""The built web client, read once at the start and checked against the hashes that are published.

It stays in memory, so that a build or an upgrade under a running server never mixes two versions.  Refuses a file
whose content is not the hashed one.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from miss.server.client.errors import ClientDamaged

BUILT: Final = Path(__file__).parent / "dist"
"""Where `clients/web/app/build.mjs` writes."""
HASHES: Final = "hashes.json"
PAGE: Final = "index.html"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
    ".wasm": "application/wasm",
}


class _Published(msgspec.Struct, frozen=True):
    version: str
    sha256: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClientFile:
    """One file as it is sent."""

    content: bytes
    compressed: bytes | None
    """The same by gzip."""
    media_type: str
    sha256: str
    """Hexadecimal, of `content`."""

    @property
    def etag(self) -> str:
        """Of the content, however it is sent (RFC 9110 §8.8.3: weak, as the compressed bytes differ)."""
        return f'W/"{self.sha256[:32]}"'


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Every file of one build, by its path below /app/."""

    version: str
    """The first 16 digits of a digest over all of it."""
    files: dict[str, ClientFile]

    def find(self, name: str) -> ClientFile | None:
        """None: there is no such file."""
        return self.files.get(name)


def load_client(folder: Path = BUILT) -> ClientFiles | None:
    """The build in `folder`; None where nothing was built.  Raises ClientDamaged."""
    published = folder / HASHES
    if not published.is_file():
        return None
    try:
        hashes = msgspec.json.decode(published.read_bytes(), type=_Published)
    except msgspec.DecodeError:
        raise ClientDamaged(name=HASHES) from None
    files = {name: _read(folder, name, digest) for name, digest in hashes.sha256.items()}
    files[HASHES] = _read(folder, HASHES, hashlib.sha256(published.read_bytes()).hexdigest())
    if PAGE not in files:
        raise ClientDamaged(name=PAGE)
    return ClientFiles(hashes.version, files)


def _read(folder: Path, name: str, digest: str) -> ClientFile:
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError:
        raise ClientDamaged(name=name) from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise ClientDamaged(name=name)
    small = path.with_name(f"{path.name}.gz")
    media_type = _MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return ClientFile(content, small.read_bytes() if small.is_file() else None, media_type, digest)
