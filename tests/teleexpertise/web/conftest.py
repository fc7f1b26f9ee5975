"""The pages on a real server: the house's own composition root, uvicorn on a free port, httpx as the browser."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.accounts import ActivationPurpose
from miss.directory.practitioners import Practitioner
from miss.server.service import Services
from miss.server.settings import Settings
from teleexpertise.house import build
from teleexpertise.service import service
from teleexpertise.settings import TeleexpertiseSettings
from tests.databases import open_prepared_server
from tests.teleexpertise.office import Office, import_cast, open_office

PASSWORD = "une phrase tout à fait fictive"


@dataclass(frozen=True)
class Site:
    """A running server, and the office behind it."""

    url: str
    office: Office

    def browser(self) -> httpx.AsyncClient:
        """A browser that says from where its forms come, as all do."""
        headers = {"Origin": self.url, "Accept": "text/html", "Accept-Language": "fr"}
        # Without TLS there are no authorities to read, which takes longer than most requests.
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, trust_env=False, verify=False)  # noqa: S501

    @asynccontextmanager
    async def signed_in(self, person: Practitioner) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody's browser, signed in through the pages."""
        accounts = self.office.house.accounts
        account = await accounts.open(person.id, by="test")
        await accounts.verify(account.uid, "test")
        issued = await accounts.issue_activation(account.uid, ActivationPurpose.BROWSER, "test")
        fields = {"rpps": person.rpps, "code": issued.code, "password": PASSWORD, "password_again": PASSWORD}
        async with self.browser() as browser:
            answer = await browser.post("/activation", data=fields)
            assert answer.status_code == 303, answer.text
            yield browser


@pytest.fixture
async def site(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> AsyncIterator[Site]:
    """The server, without its job loop: tests run the jobs."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(data_dir=tmp_path, public_url=url, mail_port=0)
    server = await open_prepared_server(settings, clock, random_bytes, Services((service,)))
    await import_cast(server.house.practitioners)
    office = await open_office(server.house, build(server.house, TeleexpertiseSettings()), settings.data_dir / "spool")
    web = uvicorn.Server(uvicorn.Config(server.app, lifespan="off", log_config=None, ws="none"))
    serving = asyncio.create_task(web.serve([listener]))
    yield Site(url, office)
    web.should_exit = True
    await serving
    await server.close()
