"""A zip from strangers as names and bytes, in memory, within bounds.

Refused by name: paths that leave the archive, links, encrypted entries, unknown compressions, more entries or bytes
than allowed, bombs by ratio.  What an entry says of its size is not believed: bytes are counted as they come out.
"""

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from miss.documents.xdm.errors import ArchiveRefused

MAX_ARCHIVE_BYTES: Final = 12 * 1024 * 1024
"""A mail of 10 MB, with room."""
MAX_ENTRIES: Final = 200
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 32 * 1024 * 1024
MAX_RATIO: Final = 120
RATIO_FROM_BYTES: Final = 1024 * 1024
"""Smaller files may be as repetitive as they like."""
_ENTRY_MARK: Final = b"PK\x01\x02"
"""Begins each line of the directory: counted before it is read."""
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGES: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def unpack(data: bytes) -> Mapping[str, bytes]:
    """Each file under its path, with `/` between folders; folders are left out.  Raises ArchiveRefused."""
    if len(data) > MAX_ARCHIVE_BYTES:
        raise ArchiveRefused(reason="size")
    if data.count(_ENTRY_MARK) > MAX_ENTRIES:
        raise ArchiveRefused(reason="entries")
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _DAMAGES:
        raise ArchiveRefused(reason="not_zip") from None
    with archive:
        files: dict[str, bytes] = {}
        room = MAX_TOTAL_BYTES
        for entry in archive.infolist():
            name = _safe_name(entry)
            if entry.is_dir():
                continue
            if name in files:
                raise ArchiveRefused(reason="path")
            files[name] = _bytes_of(archive, entry, min(room, MAX_FILE_BYTES))
            room -= len(files[name])
        return files


def _safe_name(entry: zipfile.ZipInfo) -> str:
    """Its path, or a refusal: absolute, upwards, on a drive, a link, encrypted."""
    name = entry.filename.replace("\\", "/")
    if not name or name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in name:
        raise ArchiveRefused(reason="path")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRefused(reason="link")
    if entry.flag_bits & 0x1:
        raise ArchiveRefused(reason="encrypted")
    if entry.compress_type not in _METHODS:
        raise ArchiveRefused(reason="method")
    return name


def _bytes_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    if entry.file_size > limit:
        raise ArchiveRefused(reason="size")
    try:
        with archive.open(entry) as opened:
            content = opened.read(limit + 1)
    except _DAMAGES:
        raise ArchiveRefused(reason="damaged") from None
    if len(content) > limit:
        raise ArchiveRefused(reason="size")
    if len(content) > max(RATIO_FROM_BYTES, MAX_RATIO * max(entry.compress_size, 1)):
        raise ArchiveRefused(reason="ratio")
    return content
