"""A server without its doors, two technicians and a doctor, each in a browser of their own; jobs run by hand."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.console.kit import account_of, browser, sign_in
from tests.miss.server.establishments.hospitals import hospitals  # noqa: F401 - a fixture
from tests.miss.server.running import settings_in


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = await open_prepared_server(
        settings_in(tmp_path), MovableClock(SystemClock().now()), system_random, find_services()
    )
    await load_directory(server.house)
    for rpps in (people.MARC_COORDO, people.HUGO_FACTICE):
        await server.house.roles.appoint(await account_of(server, rpps), Role.TECHNICIAN, by="cli:essai")
    yield server
    await server.close()


@pytest.fixture
async def browsers(server: Server) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Marc and Hugo are technicians, Anne is a doctor; `""`: nobody is signed in."""
    async with AsyncExitStack() as stack:
        clients = {}
        for rpps in ("", people.MARC_COORDO, people.HUGO_FACTICE, people.ANNE_MODELE):
            clients[rpps] = await stack.enter_async_context(browser(server))
            if rpps:
                await sign_in(server, clients[rpps], rpps)
        yield clients


@pytest.fixture
def marc(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers[people.MARC_COORDO]


@pytest.fixture
def hugo(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers[people.HUGO_FACTICE]


@pytest.fixture
def anne(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers[people.ANNE_MODELE]


@pytest.fixture
def stranger(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers[""]
