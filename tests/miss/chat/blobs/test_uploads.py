"""Uploads in parts: they go on after a broken connection and a restart, and end whole or not at all."""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx
import pytest

from miss.base.ids import BlobId
from miss.broker import MemoryBroker
from miss.chat.blobs import uploads
from miss.chat.blobs.service import UNATTACHED_LIFE
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.storage.errors import BlobMissing
from tests.conditions import WAIT_S
from tests.miss.chat.acts import say
from tests.miss.chat.kit import (
    EACH_DATABASE,
    HOST,
    Member,
    Place,
    Process,
    Refused,
    get,
    post,
    running,
    unpack,
)
from tests.miss.chat.world import World

FILE = Random(7).randbytes(300_000)


async def begin(process: Process, by: Member, size_bytes: int = len(FILE)) -> BlobId:
    begun = await post(process, f"blobs?size={size_bytes}", b"", by.token(process))
    assert begun["offset"] == 0
    return BlobId(begun["id"])


async def add(process: Process, by: Member, blob: bytes, offset: int, part: bytes) -> int:
    headers = {"Authorization": f"Bearer {by.token(process)}", "Upload-Offset": str(offset)}
    answer = await process.http.patch(f"/api/chat/blobs/{blob.hex()}", content=part, headers=headers)
    return int(unpack(answer)["offset"])


async def where(process: Process, by: Member, blob: bytes) -> int:
    return int((await get(process, f"blobs/{blob.hex()}/upload", by.token(process)))["offset"])


async def refusal(asked: object) -> Refused:
    with pytest.raises(Refused) as refused:
        await asked  # type: ignore[misc]
    return refused.value


async def download(process: Process, by: Member, blob: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {by.token(process)}"}
    return await process.http.get(f"/api/chat/blobs/{blob.hex()}", headers=headers)


def files(place: Place) -> list[Path]:
    return [path for path in place.blobs.rglob("*") if path.is_file()]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_parts_become_one_file(process: Process, world: World, place: Place) -> None:
    blob = await begin(process, world.anne)
    assert await add(process, world.anne, blob, 0, FILE[:100_000]) == 100_000
    assert await where(process, world.anne, blob) == 100_000
    # Until it is whole it is no file, not even for its uploader.
    assert (await download(process, world.anne, blob)).status_code == 404
    assert await add(process, world.anne, blob, 100_000, FILE[100_000:100_001]) == 100_001
    assert await add(process, world.anne, blob, 100_001, FILE[100_001:]) == len(FILE)
    assert await where(process, world.anne, blob) == len(FILE)
    async with world.anne.connected(process) as anne:
        await say(anne, world.team, world.anne, "Photo", blob)
    assert (await download(process, world.paul, blob)).content == FILE
    assert [path.name for path in files(place)] == [f"chat-{blob.hex()}"]


async def test_the_offset_is_a_header_too(process: Process, world: World) -> None:
    blob = await begin(process, world.anne)
    await add(process, world.anne, blob, 0, FILE[:5])
    headers = {"Authorization": f"Bearer {world.anne.token(process)}"}
    answer = await process.http.head(f"/api/chat/blobs/{blob.hex()}/upload", headers=headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (200, "5")


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_part_that_begins_elsewhere_is_told_where(process: Process, world: World) -> None:
    blob = await begin(process, world.anne)
    await add(process, world.anne, blob, 0, FILE[:1000])
    for offset in (0, 999, 1001, len(FILE), 2 * len(FILE)):
        refused = await refusal(add(process, world.anne, blob, offset, b"x"))
        assert (refused.status, refused.code, refused.params["offset"]) == (409, "upload_offset", 1000)
    await add(process, world.anne, blob, 1000, FILE[1000:])
    # A file that is whole takes nothing more.
    refused = await refusal(add(process, world.anne, blob, len(FILE), b""))
    assert (refused.code, refused.params["offset"]) == ("upload_offset", len(FILE))
    assert (await download(process, world.anne, blob)).content == FILE


async def test_nobody_else_sees_or_continues_an_upload(process: Process, world: World) -> None:
    blob = await begin(process, world.anne)
    await add(process, world.anne, blob, 0, FILE[:1000])
    for asked in (
        where(process, world.paul, blob),
        add(process, world.paul, blob, 1000, FILE[1000:]),
        where(process, world.anne, bytes(16)),
        add(process, world.anne, bytes(16), 0, b"x"),
    ):
        refused = await refusal(asked)
        assert (refused.status, refused.code) == (404, "not_found")
    one_piece = BlobId((await post(process, "blobs", b"x", world.anne.token(process)))["id"])
    assert (await refusal(where(process, world.anne, one_piece))).code == "not_found"


async def test_a_size_has_its_cap(process: Process, world: World, place: Place) -> None:
    token = world.anne.token(process)
    too_large = await refusal(post(process, f"blobs?size={MAX_BLOB_BYTES + 1}", b"", token))
    assert (too_large.status, too_large.code) == (413, "blob_too_large")
    assert (await refusal(post(process, "blobs?size=0", b"", token))).code == "blob_empty"
    for text in ("x", "-1", "1e3", "²"):
        assert (await refusal(post(process, f"blobs?size={text}", b"", token))).code == "bad_request"
    blob = await begin(process, world.anne, 1000)
    await add(process, world.anne, blob, 0, FILE[:900])
    past = await refusal(add(process, world.anne, blob, 900, FILE[:101]))
    assert (past.status, past.code) == (413, "blob_too_large")
    assert await where(process, world.anne, blob) == 900
    assert await add(process, world.anne, blob, 900, FILE[900:1000]) == 1000
    assert (await download(process, world.anne, blob)).content == FILE[:1000]
    assert len(files(place)) == 1


async def test_an_offset_that_is_none_is_told_apart(process: Process, world: World) -> None:
    blob = await begin(process, world.anne)
    for offset in ("", "x", "-1", "99999999999999999"):
        headers = {"Authorization": f"Bearer {world.anne.token(process)}", "Upload-Offset": offset}
        answer = await process.http.patch(f"/api/chat/blobs/{blob.hex()}", content=b"x", headers=headers)
        assert answer.status_code == 400


async def test_what_arrived_before_the_connection_broke_is_kept(process: Process, world: World, place: Place) -> None:
    blob = await begin(process, world.anne)
    _, writer = await asyncio.open_connection(HOST, int(process.url.rsplit(":")[-1]))
    head = (
        f"PATCH /api/chat/blobs/{blob.hex()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        f"{world.anne.token(process)}\r\nUpload-Offset: 0\r\nContent-Length: {len(FILE)}\r\n\r\n"
    )
    writer.write(head.encode() + FILE[:50_000])
    async with asyncio.timeout(WAIT_S):
        while not any(path.suffix == ".partial" and path.stat().st_size for path in files(place)):
            assert await where(process, world.anne, blob) == 0
        writer.close()
        await writer.wait_closed()
        while not (offset := await where(process, world.anne, blob)):
            pass
    assert 0 < offset <= 50_000
    assert await add(process, world.anne, blob, offset, FILE[offset:]) == len(FILE)
    assert (await download(process, world.anne, blob)).content == FILE


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_an_upload_goes_on_after_a_restart(process: Process, world: World, place: Place) -> None:
    broker = MemoryBroker()
    async with running(place, broker) as before:
        blob = await begin(before, world.anne)
        await add(before, world.anne, blob, 0, FILE[:123_456])
    async with running(place, broker) as after:
        offset = await where(after, world.anne, blob)
        assert offset == 123_456
        assert await add(after, world.anne, blob, offset, FILE[offset:]) == len(FILE)
        assert (await download(after, world.anne, blob)).content == FILE


async def test_a_restart_after_the_last_byte_loses_nothing(
    process: Process, world: World, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = await begin(process, world.anne)

    async def stop(_upload: object) -> None:
        raise BlobMissing

    monkeypatch.setattr(process.chat.uploads, "_assemble", stop)
    assert (await refusal(add(process, world.anne, blob, 0, FILE))).code == "blob_missing"
    monkeypatch.undo()
    assert (await download(process, world.anne, blob)).status_code == 404
    assert await where(process, world.anne, blob) == len(FILE)
    assert (await download(process, world.anne, blob)).content == FILE
    assert len(files(place)) == 1


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_of_two_parts_at_one_place_one_is_kept(process: Process, world: World, place: Place) -> None:
    blob = await begin(process, world.anne)
    half = len(FILE) // 2
    tried = await asyncio.gather(
        *(add(process, world.anne, blob, 0, FILE[:half]) for _ in range(4)), return_exceptions=True
    )
    assert half in tried
    assert await where(process, world.anne, blob) == half
    assert await add(process, world.anne, blob, half, FILE[half:]) == len(FILE)
    assert (await download(process, world.anne, blob)).content == FILE
    assert len(files(place)) == 1


async def test_there_is_an_end_to_parts(process: Process, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_PARTS", 5)
    blob = await begin(process, world.anne)
    for offset in range(5):
        await add(process, world.anne, blob, offset, b"x")
    refused = await refusal(add(process, world.anne, blob, 5, b"x"))
    assert (refused.status, refused.code) == (409, "upload_parts")


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_an_upload_that_does_not_end_dies_after_a_day(process: Process, world: World, place: Place) -> None:
    blob, ended = await begin(process, world.anne), await begin(process, world.anne, 1000)
    await add(process, world.anne, blob, 0, FILE[:1000])
    place.clock.advance(UNATTACHED_LIFE - timedelta(minutes=1))
    await process.chat.blobs.sweep()
    assert await where(process, world.anne, blob) == 1000
    # Ended in time, it has another day to be named.
    await add(process, world.anne, ended, 0, FILE[:1000])
    place.clock.advance(timedelta(minutes=2))
    await process.chat.blobs.sweep()
    assert (await refusal(where(process, world.anne, blob))).code == "not_found"
    assert (await refusal(add(process, world.anne, blob, 1000, FILE[1000:]))).code == "not_found"
    assert (await download(process, world.anne, ended)).status_code == 200
    assert [path.name for path in files(place)] == [f"chat-{ended.hex()}"]
    place.clock.advance(UNATTACHED_LIFE)
    await process.chat.blobs.sweep()
    assert files(place) == []


async def test_an_unfinished_upload_cannot_be_named(process: Process, world: World) -> None:
    blob = await begin(process, world.anne)
    await add(process, world.anne, blob, 0, FILE[:1000])
    with pytest.raises(AssertionError):
        async with world.anne.connected(process) as anne:
            await say(anne, world.team, world.anne, "Photo", blob)
