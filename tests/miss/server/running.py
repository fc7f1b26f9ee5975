"""A real server on real ports, for tests of what people and programs see of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from miss.base.clock import Clock, SystemClock
from miss.base.random import system_random
from miss.server.doors import Server
from miss.server.service import find_services
from miss.server.settings import Settings
from tests.databases import open_prepared_server
from tests.servers import free_port


def settings_in(folder: Path, **overrides: Any) -> Settings:
    """The embedded default in `folder`, on free ports."""
    return Settings(**{"data_dir": folder / "var", "port": free_port(), "mail_port": free_port(), **overrides})


@asynccontextmanager
async def serving(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Server]:
    """A server with its doors open; what it raised instead of opening is raised here."""
    server = await open_prepared_server(settings, clock or SystemClock(), system_random, find_services())
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(server.serve(stop, ready))
    opened = asyncio.create_task(ready.wait())
    await asyncio.wait({running, opened}, return_when=asyncio.FIRST_COMPLETED)
    opened.cancel()
    try:
        if running.done():
            await running
        yield server
    finally:
        stop.set()
        await asyncio.gather(running, return_exceptions=True)
