"""A running chat server for the tests of the client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.miss.client.chat_server import ChatServer, running


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """The real server, on a real port."""
    async with running(tmp_path) as server:
        yield server
