"""A chat server for the desk's tests, and desks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.clients.desktop.desk import Desk
from tests.miss.client.chat_server import ChatServer, running


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """The real server, on a real port."""
    (tmp_path / "server").mkdir()
    async with running(tmp_path / "server") as server:
        yield server


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Callable[..., Desk]]:
    """`desks("anne")`: a machine with a folder of that name."""
    async with AsyncExitStack() as stack:

        def make(name: str, **options: object) -> Desk:
            desk = Desk(tmp_path / name, **options)  # type: ignore[arg-type]
            stack.push_async_callback(desk.stop)
            return desk

        yield make
