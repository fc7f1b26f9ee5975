"""The engine as a program of Node, and a chat server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clients.web.engine.browser_peer import bundle
from tests.miss.client.chat_server import ChatServer, running


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("peer"))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    async with running(tmp_path) as server:
        yield server
