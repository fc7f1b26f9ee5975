"""Blobs on disk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.storage.blobs import DiskBlobs
from miss.storage.errors import BlobExists, BlobMissing

NAME = "0" * 32


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_blob_is_read_whole_and_by_range(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    assert await blobs.put(NAME, _chunks(b"abc", b"def")) == 6
    assert await blobs.read(NAME) == b"abcdef"
    assert await blobs.read(NAME, 2, 3) == b"cde"
    assert await blobs.size_bytes(NAME) == 6


async def test_a_blob_is_written_once(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    await blobs.put(NAME, _chunks(b"first"))
    with pytest.raises(BlobExists):
        await blobs.put(NAME, _chunks(b"second"))
    assert await blobs.read(NAME) == b"first"


async def test_of_two_at_once_one_wins(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    results = await asyncio.gather(
        blobs.put(NAME, _chunks(b"one")), blobs.put(NAME, _chunks(b"two")), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["BlobExists", "int"]


async def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    blobs = DiskBlobs(tmp_path)
    with pytest.raises(ConnectionError):
        await blobs.put(NAME, breaks_off())
    with pytest.raises(BlobMissing):
        await blobs.read(NAME)
    assert await asyncio.to_thread(_files, tmp_path) == []
    await blobs.put(NAME, _chunks(b"whole"))


async def test_a_deleted_blob_is_missing(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    await blobs.put(NAME, _chunks(b"x"))
    await blobs.delete(NAME)
    await blobs.delete(NAME)
    with pytest.raises(BlobMissing):
        await blobs.size_bytes(NAME)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "short", "UPPERCASE0", "a" * 81])
async def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="blob name"):
        await DiskBlobs(tmp_path).read(name)
