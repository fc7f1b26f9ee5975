"""A stream that is open when the doors close ends by itself: a restart must not wait for who looks at a list."""

import asyncio
from pathlib import Path

import httpx

from miss.base.clock import monotonic_s
from miss.server.doors import Server
from teleexpertise.api.operations import ROOT
from tests.miss.server.running import serving, settings_in
from tests.teleexpertise.api.test_operations import linked_token
from tests.teleexpertise.office import CAST, import_cast

GRACE_S = 8.0


async def listen(server: Server, token: str, opened: asyncio.Event) -> None:
    """Until the stream ends."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=server.house.settings.public_origin, headers=headers, timeout=30) as http,
        http.stream("GET", f"{ROOT}/events") as stream,
    ):
        async for _ in stream.aiter_lines():
            opened.set()


async def test_a_stream_ends_when_the_doors_close(tmp_path: Path) -> None:
    opened = asyncio.Event()
    async with serving(settings_in(tmp_path, shutdown_grace_s=GRACE_S)) as server:
        await import_cast(server.house.practitioners)
        person = await server.house.practitioners.find_by_rpps(CAST["paul"])
        assert person is not None
        token = await linked_token(server.house, server.house.settings.public_origin, person, tmp_path)
        listening = asyncio.create_task(listen(server, token, opened))
        async with asyncio.timeout(10):
            await opened.wait()
        closing_s = monotonic_s()
    await listening
    assert monotonic_s() - closing_s < GRACE_S / 2
