"""Extraction files where they lie: plain text, or the zip archives in which they are published.

An archive is read as a stream, never unpacked to disk.  What it may swell to is bounded twice: by what its table of
contents announces, before anything is read, and by what really comes out, for an announcement may lie.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from miss.base.text import Text
from miss.directory.register.activities import SPECIALTY
from miss.directory.register.errors import ArchiveRefused, ExtractionMissing, ExtractionUnknown
from miss.directory.register.extraction import Extraction, chunks_of
from miss.directory.register.mailboxes import ADDRESS
from miss.directory.register.model import Kind
from miss.directory.register.remarks import Findings

MAX_UNPACKED_BYTES = 8 << 30
"""The widest national file is under 1 GB."""
MAX_RATIO = 100
"""Text of this kind is packed ten to twenty times; a bomb, a thousand times."""
MAX_MEMBERS = 100
_RATIO_COUNTS_FROM_BYTES = 1 << 20

_EMPTY = Text(fr="elle ne contient pas de fichier texte attendu", en="it holds no expected text")
_ENCRYPTED = Text(fr="elle est chiffrée", en="it is encrypted")
_TOO_LARGE = Text(
    fr="son contenu est démesuré pour une extraction", en="its content is far too large for an extraction"
)
_DAMAGED = Text(fr="elle est abîmée", en="it is damaged")
"""Why an archive is refused."""

_SIGNS: tuple[tuple[str, Kind], ...] = (
    (ADDRESS, Kind.MAILBOXES),
    ("Raison sociale site", Kind.REGISTER),
    ("Code diplôme obtenu", Kind.QUALIFICATIONS),
    (SPECIALTY[0], Kind.SKILLS),
)
"""The column that tells each kind from those below it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One extraction, not open yet."""

    name: str
    path: Path
    size_bytes: int
    """Of its text."""
    member: str = ""
    """Its name in the archive; empty: the file is the text itself."""

    @contextmanager
    def chunks(self) -> Iterator[Iterator[bytes]]:
        """The text in pieces.  Raises ExtractionMissing; ArchiveRefused at once or while it is read."""
        try:
            if not self.member:
                with self.path.open("rb") as file:
                    yield chunks_of(file)
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
                yield self._watched(chunks_of(file), archive.getinfo(self.member).compress_size)
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            raise ExtractionMissing(name=self.name) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise _broken(self.name) from error

    def _watched(self, chunks: Iterator[bytes], packed_bytes: int) -> Iterator[bytes]:
        size_bytes = 0
        for chunk in chunks:
            size_bytes += len(chunk)
            _require_modest(self.name, size_bytes, packed_bytes)
            yield chunk


def list_sources(path: Path) -> list[Source]:
    """The extractions in a file: itself, or the texts of an archive.  Raises ExtractionMissing, ArchiveRefused."""
    try:
        if not zipfile.is_zipfile(path):
            return [Source(path.name, path, path.stat().st_size)]
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.lower().endswith((".txt", ".csv"))]
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ExtractionMissing(name=path.name) from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise _broken(path.name) from error
    if not members or len(members) > MAX_MEMBERS:
        raise ArchiveRefused(name=path.name, why=_EMPTY)
    for info in members:
        if info.flag_bits & 1:
            raise ArchiveRefused(name=path.name, why=_ENCRYPTED)
        _require_modest(path.name, info.file_size, info.compress_size)
    return [Source(PurePosixPath(info.filename).name, path, info.file_size, info.filename) for info in members]


def kind_of(source: Source) -> Kind:
    """Which extraction it is, by its header.  Raises ExtractionUnknown, and as `Source.chunks`."""
    with source.chunks() as chunks:
        header = Extraction(iter((next(chunks, b""),)), Findings()).header
    kind = next((kind for sign, kind in _SIGNS if header.has(sign)), None)
    if kind is None:
        raise ExtractionUnknown(name=source.name)
    return kind


def _require_modest(name: str, size_bytes: int, packed_bytes: int) -> None:
    if size_bytes > MAX_UNPACKED_BYTES or (
        size_bytes > _RATIO_COUNTS_FROM_BYTES and size_bytes > MAX_RATIO * max(packed_bytes, 1)
    ):
        raise ArchiveRefused(name=name, why=_TOO_LARGE)


def _broken(name: str) -> ArchiveRefused:
    return ArchiveRefused(name=name, why=_DAMAGED)
