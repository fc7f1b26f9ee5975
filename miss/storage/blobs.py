"""Opaque files, by identifier: encrypted attachments of the chat, sealed attachments of requests.

A blob is written once, becomes visible whole or not at all, and is never looked into.
"""

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Protocol

from miss.storage.errors import BlobExists, BlobMissing

_NAME = re.compile(r"[0-9a-z-]{8,80}")


class BlobStore(Protocol):
    """Where blobs are kept.  Names are 8 to 80 characters of `0-9 a-z -`; anything else raises ValueError."""

    async def put(self, name: str, content: AsyncIterator[bytes]) -> int:
        """Store the whole of `content`, durable on return; its size in bytes.  Raises BlobExists."""
        ...

    async def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `start` (all that follows by default).  Raises BlobMissing."""
        ...

    async def size_bytes(self, name: str) -> int:
        """Raises BlobMissing."""
        ...

    async def delete(self, name: str) -> None:
        """Forget a blob; nothing happens if there is none."""
        ...


class DiskBlobs:
    """Blobs as files, in 256 folders under one root."""

    def __init__(self, root: Path) -> None:
        """`root` is created if missing, readable by this user only."""
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not a blob name")
        return self._root / name[-2:] / name

    async def put(self, name: str, content: AsyncIterator[bytes]) -> int:
        path = self._path(name)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        # The unfinished file has a name of its own, so that a crash half-way does not stand in a retry's way.
        descriptor, unfinished = await asyncio.to_thread(tempfile.mkstemp, ".partial", name, path.parent)
        size_bytes = 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in content:
                    size_bytes += await asyncio.to_thread(file.write, chunk)
                await asyncio.to_thread(_sync, file)
            # A hard link, unlike a rename, refuses to replace what is already there.
            await asyncio.to_thread(os.link, unfinished, path)
            await asyncio.to_thread(_sync_folder, path.parent)
        except FileExistsError:
            raise BlobExists from None
        finally:
            await asyncio.to_thread(os.unlink, unfinished)
        return size_bytes

    async def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        return await asyncio.to_thread(_read, self._path(name), start, length)

    async def size_bytes(self, name: str) -> int:
        try:
            return (await asyncio.to_thread(self._path(name).stat)).st_size
        except FileNotFoundError:
            raise BlobMissing from None

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._path(name).unlink, True)


def _read(path: Path, start: int, length: int | None) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)
    except FileNotFoundError:
        raise BlobMissing from None


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
