"""A real server with the sample directory, and people signed in to it: browsers that run no script."""

import html
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId
from miss.base.random import system_random
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.directory.sign_in import Method, Visit
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.running import serving, settings_in

ANNE, PAUL, MARC = people.ANNE_MODELE, people.PAUL_EXEMPLE, people.MARC_COORDO


@dataclass
class Visitor:
    """Somebody at their browser."""

    account: Account
    practitioner: Practitioner
    http: httpx.AsyncClient

    @property
    def uid(self) -> AccountId:
        return self.account.uid

    async def see(self, path: str, language: str = "fr") -> str:
        """The words of a page, as they are read: 200, or the test fails."""
        page = await self.http.get(path, headers={"Accept-Language": language})
        assert page.status_code == 200, page.text
        return html.unescape(page.text)

    async def send(self, path: str, form: Mapping[str, str | Sequence[str]] | None = None) -> httpx.Response:
        """What comes back from a form."""
        return await self.http.post(path, data=dict(form or {}))


@dataclass
class Place:
    """The server, and who is signed in."""

    server: Server
    anne: Visitor
    paul: Visitor
    marc: Visitor
    """A technician."""
    spool: Path

    @property
    def clock(self) -> MovableClock:
        clock = self.server.house.clock
        assert isinstance(clock, MovableClock)
        return clock

    async def mails(self) -> list[bytes]:
        """Every mail that has left; the doors are closed."""
        while await self.server.house.jobs.run_due():
            pass
        return [path.read_bytes() for path in sorted(self.spool.glob("*.eml"))]


@asynccontextmanager
async def opened(folder: Path, *, doors: bool = True) -> AsyncIterator[Place]:
    """Anne and Paul, who practise, and Marc, who is a technician as well.

    Without `doors` nothing is on a port and jobs run only when the test says so: mails can be counted.
    """
    settings, clock = settings_in(folder), MovableClock(SystemClock().now())
    async with AsyncExitStack() as stack:
        transport: httpx.ASGITransport | None = None
        if doors:
            server = await stack.enter_async_context(serving(settings, clock))
        else:
            server = await open_prepared_server(settings, clock, system_random, find_services())
            stack.push_async_callback(server.close)
            transport = httpx.ASGITransport(server.app)
        await load_directory(server.house)
        anne, paul, marc = [await _sign_in(stack, server, transport, rpps) for rpps in (ANNE, PAUL, MARC)]
        await server.house.roles.appoint(marc.account, Role.TECHNICIAN, by="test")
        yield Place(server, anne, paul, marc, settings.data_dir / "spool")


async def _sign_in(stack: AsyncExitStack, server: Server, transport: httpx.ASGITransport | None, rpps: str) -> Visitor:
    house, origin = server.house, server.house.settings.public_origin
    account = await house.accounts.find_by_rpps(rpps)
    assert account is not None
    async with house.db.transaction() as tx:
        session = await house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
    client = httpx.AsyncClient(
        base_url=origin,
        transport=transport,
        headers={"Accept": "text/html", "Origin": origin},
        cookies={"miss": session.token},
    )
    await stack.enter_async_context(client)
    return Visitor(account, await house.practitioners.get(account.practitioner_id), client)
