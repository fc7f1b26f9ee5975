"""A real server with the fictive directory, and browsers of people who are signed in already."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId
from miss.directory.accounts import Account
from miss.directory.roles import PLATFORM, Grant, Principal, Role
from miss.directory.sign_in import Method, Visit
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from miss.server.house import House
from tests.miss.server.running import serving, settings_in

NOBODY = AccountId(b"t" * 16)
PATIENCE_S = 60
"""A machine that is busy with other tests is not a server that hangs."""


@asynccontextmanager
async def directory_desk(folder: Path, **overrides: Any) -> AsyncIterator[Server]:
    """A server whose clock is moved by hand."""
    async with serving(settings_in(folder, **overrides), MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        yield server


async def account_of(house: House, rpps: str) -> Account:
    """The account of somebody of the demonstration."""
    account = await house.accounts.find_by_rpps(rpps)
    assert account is not None
    return account


@asynccontextmanager
async def browser_of(server: Server, rpps: str, *, accept: str = "text/html") -> AsyncIterator[httpx.AsyncClient]:
    """A browser without script, signed in a moment ago."""
    house = server.house
    account = await account_of(house, rpps)
    async with house.db.transaction() as tx:
        opened = await house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
    origin = house.settings.public_origin
    headers = {"Accept": accept, "Origin": origin}
    cookies = {"miss": opened.token}
    async with httpx.AsyncClient(base_url=origin, headers=headers, cookies=cookies, timeout=PATIENCE_S) as http:
        yield http


async def make_technician(house: House, rpps: str) -> None:
    """Give somebody the console."""
    founder = Principal(NOBODY, frozenset({Grant(NOBODY, Role.TECHNICIAN, PLATFORM)}))
    await house.roles.grant(founder, (await account_of(house, rpps)).uid, Role.TECHNICIAN, PLATFORM)
