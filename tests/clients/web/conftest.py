"""A chat server and a browser for the tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.clients.web.tabs import bundle, chromium
from tests.clients.web.ward import Ward
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import running

expect.set_options(timeout=WAIT_S * 1000)


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The engine on a page without views, bundled once."""
    return bundle(tmp_path_factory.mktemp("harness"))


@pytest.fixture
async def ward(tmp_path: Path, script: str) -> AsyncIterator[Ward]:
    async with running(tmp_path) as server, chromium() as browser:
        yield Ward(server, browser, script)
