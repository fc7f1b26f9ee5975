"""What an establishment's archive is: files in open formats, and a manifest with the digest of each.  Pure.

A zip, written as it is gathered.  `manifest.json` comes at the end and names every file with its SHA-256 and size, and
is signed: a file that is missing, altered or not named there makes the archive faulty, and nothing of it is taken in.
"""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import RawIOBase
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast

from miss.server.reversibility.errors import ArchiveFaulty

FORMAT: Final = "miss-establishment/1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
"""The operator's, over the manifest and so over everything (`miss.mail.proofs.Seal`)."""
_OWN: Final = frozenset({MANIFEST, SIGNATURE})
MAX_FILE_BYTES: Final = 512 << 20
MAX_FILES: Final = 1_000_000
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file: the zip says nothing that its content does not say."""


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """One file of the archive; its content may be about patients."""

    path: str
    """Relative, parts joined by `/`."""
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the manifest names it."""

    path: str
    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is in the archive, and of whom."""

    establishment_id: str
    name: str
    operator: str
    made_at: datetime
    files: Sequence[Listed]

    def to_json(self) -> bytes:
        """As the archive holds it."""
        said = {
            "format": FORMAT,
            "establishment": {"id": self.establishment_id, "name": self.name},
            "operator": self.operator,
            "made_at": self.made_at.isoformat(),
            "files": [
                {"path": one.path, "sha256": one.sha256, "size_bytes": one.size_bytes, "media_type": one.media_type}
                for one in self.files
            ],
        }
        return to_json(said)


Sign = Callable[[bytes, datetime], bytes]


class ArchiveWriter:
    """Writes an archive into `target`, which need not be seekable."""

    def __init__(self, target: IO[bytes] | RawIOBase) -> None:
        self._zip = zipfile.ZipFile(cast("IO[bytes]", target), "w", zipfile.ZIP_DEFLATED)
        self._listed: dict[str, Listed] = {}

    def add(self, file: File) -> None:
        """One more file.  Raises ValueError for a path that is not safe or is taken."""
        if not is_safe(file.path) or file.path in self._listed:
            raise ValueError(f"no path for an archive: {file.path!r}")
        self._write(file.path, file.content)
        digest = sha256(file.content).hexdigest()
        self._listed[file.path] = Listed(file.path, digest, len(file.content), file.media_type)

    def finish(self, establishment_id: str, name: str, operator: str, made_at: datetime, sign: Sign) -> Manifest:
        """Write the manifest and what signs it; the archive is whole then."""
        files = tuple(self._listed.values())
        manifest = Manifest(
            establishment_id=establishment_id, name=name, operator=operator, made_at=made_at, files=files
        )
        content = manifest.to_json()
        self._write(MANIFEST, content)
        self._write(SIGNATURE, sign(content, made_at))
        self._zip.close()
        return manifest

    def _write(self, path: str, content: bytes) -> None:
        self._zip.writestr(zipfile.ZipInfo(path, _EARLIEST), content, zipfile.ZIP_DEFLATED)


class Archive:
    """An archive that was checked, to read from."""

    def __init__(self, source: IO[bytes]) -> None:
        """Checks every file.  Raises ArchiveFaulty naming the first that is not as it should be."""
        try:
            self._zip = zipfile.ZipFile(source)
            self._names = self._zip.namelist()
            self.manifest_bytes, self.signature = self._read(MANIFEST), self._read(SIGNATURE)
            self.manifest = parse_manifest(self.manifest_bytes)
        except (zipfile.BadZipFile, KeyError):
            raise ArchiveFaulty(path=MANIFEST) from None
        self._check()

    def read(self, path: str) -> bytes:
        """One file.  Raises ArchiveFaulty if there is none."""
        try:
            return self._read(path)
        except KeyError:
            raise ArchiveFaulty(path=path) from None

    def read_json(self, path: str) -> Any:
        """One file, parsed.  Raises ArchiveFaulty."""
        try:
            return json.loads(self.read(path))
        except ValueError:
            raise ArchiveFaulty(path=path) from None

    @property
    def paths(self) -> Sequence[str]:
        """Of every file but the manifest, in their order."""
        return [one.path for one in self.manifest.files]

    def _check(self) -> None:
        named = {one.path for one in self.manifest.files} | _OWN
        if len(self._names) != len(named) or len(self.manifest.files) > MAX_FILES:
            raise ArchiveFaulty(path=next(iter(named ^ set(self._names)), MANIFEST))
        for one in self.manifest.files:
            is_whole = is_safe(one.path) and one.path in self._names
            content = self._read(one.path) if is_whole else b""
            if not is_whole or len(content) != one.size_bytes or sha256(content).hexdigest() != one.sha256:
                raise ArchiveFaulty(path=one.path)

    def _read(self, path: str) -> bytes:
        if self._zip.getinfo(path).file_size > MAX_FILE_BYTES:
            raise ArchiveFaulty(path=path)
        try:
            with self._zip.open(path) as file:
                return file.read(MAX_FILE_BYTES)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
            raise ArchiveFaulty(path=path) from None


def parse_manifest(content: bytes) -> Manifest:
    """Raises ArchiveFaulty."""
    try:
        said: Mapping[str, Any] = json.loads(content)
        if said["format"] != FORMAT:
            raise ArchiveFaulty(path=MANIFEST)
        return Manifest(
            establishment_id=str(said["establishment"]["id"]),
            name=str(said["establishment"]["name"]),
            operator=str(said["operator"]),
            made_at=datetime.fromisoformat(said["made_at"]),
            files=[
                Listed(str(one["path"]), str(one["sha256"]), int(one["size_bytes"]), str(one["media_type"]))
                for one in said["files"]
            ],
        )
    except (KeyError, TypeError, ValueError):
        raise ArchiveFaulty(path=MANIFEST) from None


def is_safe(path: str) -> bool:
    """True for a relative path that stays where the archive is unpacked, on every system."""
    parts = PurePosixPath(path).parts
    is_plain = path.isprintable() and not set(path) & set('\\:*?"<>|') and not path.startswith("/")
    return is_plain and bool(parts) and ".." not in parts and str(PurePosixPath(path)) == path and path not in _OWN


def to_json(said: Any) -> bytes:
    """As every JSON file of an archive is written: the same values give the same bytes."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
