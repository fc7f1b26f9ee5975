"""Attachments: uploaded, named by an envelope, read by whoever may read it, swept if nobody names them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from miss.base.ids import BlobId
from miss.chat.service import SWEEP_JOB
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.protocol.wire.frames import Ack, Err
from tests.conditions import WAIT_S
from tests.miss.chat.acts import runner as runner_of
from tests.miss.chat.kit import EACH_DATABASE, HOST, Member, Place, Process, Refused, Wire, post
from tests.miss.chat.world import World

SEALED = bytes(range(256)) * 8


async def upload(process: Process, by: Member, content: bytes = SEALED) -> BlobId:
    return BlobId((await post(process, "blobs", content, by.token(process)))["id"])


async def download(process: Process, by: Member, blob: bytes, part: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {by.token(process)}"} | ({"Range": part} if part else {})
    return await process.http.get(f"/api/chat/blobs/{blob.hex()}", headers=headers)


async def attach(world: World, wire: Wire, by: Member, blob: BlobId) -> Ack | Err:
    """Send a message that names the blob."""
    attachment = Attachment(blob, b"k" * 32, 100, b"h" * 32, "image/jpeg")
    body = world.team.body("Photo")
    body = type(body)(body.mid, body.ts, body.type, body.text, None, (attachment,))
    return await wire.send(body.mid, world.team.cid, world.team.seal(by, body))


def files(place: Place) -> list[Path]:
    return [path for path in place.blobs.rglob("*") if path.is_file()]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_members_read_what_an_envelope_names(process: Process, world: World) -> None:
    blob = await upload(process, world.anne)
    async with world.anne.connected(process) as anne:
        assert isinstance(await attach(world, anne, world.anne, blob), Ack)
    whole = await download(process, world.paul, blob)
    assert (whole.status_code, whole.content) == (200, SEALED)
    part = await download(process, world.paul, blob, "bytes=10-19")
    assert (part.status_code, part.content) == (206, SEALED[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(SEALED)}"
    past = await download(process, world.paul, blob, f"bytes={len(SEALED)}-")
    assert past.status_code == 416


async def test_a_stranger_an_ex_member_and_an_unknown_blob_get_the_same_answer(process: Process, world: World) -> None:
    await world.team.change(world.anne, world.paul)
    blob = await upload(process, world.anne)
    loose = await upload(process, world.anne)
    async with world.anne.connected(process) as anne:
        await attach(world, anne, world.anne, blob)
    answers = [
        await download(process, world.hugo, blob),
        await download(process, world.karim, blob),
        await download(process, world.paul, loose),
        await download(process, world.anne, bytes(16)),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_before_an_envelope_names_it_a_blob_is_its_uploaders(process: Process, world: World) -> None:
    blob = await upload(process, world.anne)
    assert (await download(process, world.anne, blob)).status_code == 200
    async with world.anne.connected(process) as anne:
        await attach(world, anne, world.anne, blob)
    await world.team.change(world.anne, world.paul)
    # Karim was a member at that envelope, and stays its reader.
    assert (await download(process, world.karim, blob)).status_code == 200


async def test_nobody_attaches_what_another_uploaded(process: Process, world: World) -> None:
    blob = await upload(process, world.hugo)
    async with world.anne.connected(process) as anne:
        refused = await attach(world, anne, world.anne, blob)
        assert isinstance(refused, Err)
        assert refused.code == "blob_missing"
        refused = await attach(world, anne, world.anne, BlobId(bytes(16)))
        assert isinstance(refused, Err)
        assert refused.code == "blob_missing"


async def test_a_blob_of_20_mb_is_refused_by_what_it_announces(process: Process, world: World, place: Place) -> None:
    token = world.anne.token(process)
    reader, writer = await asyncio.open_connection(HOST, int(process.url.rsplit(":")[-1]))
    head = f"POST /api/chat/blobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Length: 20000000\r\n\r\n".encode())
    # Not a byte of the body is sent, and the answer is there.
    assert await asyncio.wait_for(reader.readline(), WAIT_S) == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()
    with pytest.raises(Refused) as refused:
        await post(process, "blobs", bytes(20_000_000), token)
    assert refused.value.code == "blob_too_large"
    assert "16777216" in refused.value.text
    assert files(place) == []


async def test_a_blob_that_hides_its_size_is_cut_off(process: Process, world: World, place: Place) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield bytes(1024 * 1024)

    with pytest.raises(Refused) as refused:
        await post(process, "blobs", body(), world.anne.token(process))
    assert refused.value.code == "blob_too_large"
    assert files(place) == []


async def test_the_largest_blob_is_taken_and_an_empty_one_is_not(process: Process, world: World) -> None:
    blob = await upload(process, world.anne, bytes(MAX_BLOB_BYTES))
    assert len((await download(process, world.anne, blob)).content) == MAX_BLOB_BYTES
    with pytest.raises(Refused) as refused:
        await upload(process, world.anne, b"")
    assert refused.value.code == "blob_empty"


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_what_nobody_names_within_a_day_is_swept(process: Process, world: World, place: Place) -> None:
    named, loose = await upload(process, world.anne), await upload(process, world.anne)
    async with world.anne.connected(process) as anne:
        await attach(world, anne, world.anne, named)
    runner = runner_of(process, world, SWEEP_JOB)
    place.clock.advance(timedelta(hours=23))
    assert await runner.run_due() == 1
    assert (await download(process, world.anne, loose)).status_code == 200
    young = await upload(process, world.anne)
    place.clock.advance(timedelta(hours=2))
    # The sweep has planned the next one by itself.
    assert await runner.run_due() == 1
    assert (await download(process, world.anne, loose)).status_code == 404
    assert (await download(process, world.anne, young)).status_code == 200
    assert (await download(process, world.paul, named)).status_code == 200
    assert len(files(place)) == 2
