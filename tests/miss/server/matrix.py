"""The stage of the authorisation matrix: one server without its doors, and one person for each role.

It is dear to build and shared by the tests of a module: a test that changes it puts it back.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId, OrganizationId, PoolId
from miss.base.random import system_random
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner
from miss.directory.roles import PLATFORM, Grant, Principal, Role, Scope, ScopeKind, organization_scope, pool_scope
from miss.directory.roles import practitioner_scope as scope_of_practitioner
from miss.directory.roles.model import SCOPE_OF
from miss.directory.sample import open_mailboxes, open_register
from miss.directory.sign_in import LockedSession, Method, Opened, SignedIn, Visit
from miss.server.doors import Server
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in
from tests.servers import free_port

DEVICES = "/api/chat/"
"""The chat's doors ask for a device's token or a proof of their own: no session of the pages opens one."""
MACHINE_DOORS = (DEVICES, "/scim/v2/", "/api/movements/")
"""SCIM and the door of movements ask for an establishment's token."""
SIGNED_AND_PUBLIC = {"GET /api/chat/restorations"}
"""Behind the devices' doors, and open: what the operator's root signed is for everybody to compare."""
MACHINES = {
    *("GET /health", "GET /metrics", "GET /static/{owner}/{digest}/{name:path}"),
    "GET /desktop/releases.json",
}

OWN_ORGANIZATION, OWN_POOL = OrganizationId("F599990009"), PoolId("q1")
"""Those in which the people of the stage hold their roles."""
NOBODY = AccountId(b"t" * 16)
MACHINE = Principal(NOBODY, frozenset({Grant(NOBODY, Role.TECHNICIAN, PLATFORM)}))
"""A technician who is no account: what the command line is."""


def table(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Route]]:
    """`METHOD path` of every HTTP route, mounts included."""
    for route in routes:
        if isinstance(route, Mount):
            yield from table(list(route.routes), prefix + route.path)
        elif isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield f"{method} {prefix}{route.path}", route
        else:
            assert isinstance(route, WebSocketRoute), f"what is {route}?"
            assert route.path.startswith(DEVICES)


@dataclass
class Stage:
    """A server without its doors, and one person for each role."""

    server: Server
    people: dict[Role | None, Account]
    spare: list[Practitioner]
    """People of the register who have no account yet."""
    http: httpx.AsyncClient
    _known: dict[str, SignedIn | LockedSession | None] = field(default_factory=dict)

    def pages(self) -> dict[str, Route]:
        """The routes that people call."""
        return {
            row: route
            for row, route in table(list(self.server.app.routes))
            if row not in MACHINES and not row.partition(" ")[2].startswith(MACHINE_DOORS)
        }

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Look up who is signed in anew only after an act that was let through: the lookup is nine tenths of what a
        refusal costs, and the rows ask for it some thousand times.  For tests that leave clock and roles alone."""
        sessions, known = self.server.house.sign_in.sessions, self._known
        look_up = sessions.find

        async def find(token: str) -> SignedIn | LockedSession | None:
            if token not in known:
                known[token] = await look_up(token)
            return known[token]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sessions, "find", find)
            yield
        known.clear()

    async def open(self, account: Account, method: Method = Method.PASSKEY) -> str:
        """The token of a fresh session."""
        house = self.server.house
        async with house.db.transaction() as tx:
            opened: Opened = await house.sign_in.sessions.open(tx, account, method, Visit())
        return opened.token

    async def call(
        self, row: str, token: str = "", values: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """What a program is answered, which is sent to no other page."""
        method, path = row.split(" ")
        path = re.sub(r"\{([^}:]+)[^}]*\}", lambda name: (values or {}).get(name[1], "x"), path)
        headers = {"Cookie": f"miss={token}"} if token else {}
        said = {"params": form} if method == "GET" else {"data": form}
        answer = await self.http.request(method, path, headers=headers, **said)  # type: ignore[arg-type]
        if method != "GET" and answer.status_code < 400:
            self._known.clear()
        return answer

    async def ask(self, row: str, token: str = "", **values: str) -> tuple[int, str]:
        """Status and code of the answer."""
        answer = await self.call(row, token, values)
        return answer.status_code, code_of(answer)


@dataclass
class Callers:
    """The people of a stage at their browsers: who was signed out by what they called signs in again."""

    stage: Stage
    method: Method = Method.PASSKEY
    _tokens: dict[AccountId, str] = field(default_factory=dict)

    async def sign_in(self, account: Account) -> str:
        """The token of their session."""
        if account.uid not in self._tokens:
            self._tokens[account.uid] = await self.stage.open(account, self.method)
        return self._tokens[account.uid]

    async def call(
        self, row: str, account: Account, values: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """As `Stage.call`, by somebody who is signed in."""
        answer = await self.stage.call(row, await self.sign_in(account), values, form)
        if code_of(answer) == "sign_in_needed":
            # Signing out and locking are rows as well.
            del self._tokens[account.uid]
            answer = await self.stage.call(row, await self.sign_in(account), values, form)
        return answer

    async def ask(self, row: str, account: Account) -> tuple[int, str]:
        """As `Stage.ask`, by somebody who is signed in."""
        answer = await self.call(row, account)
        return answer.status_code, code_of(answer)


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal; empty for any other answer."""
    is_json = answer.headers.get("content-type", "").startswith(("application/json", "application/problem+json"))
    said = answer.json() if is_json else {}
    return said.get("code", "") if isinstance(said, dict) else ""


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    """The whole house on the fictive register."""
    clock = MovableClock(SystemClock().now())
    secret = folder / "psc.secret"
    secret.write_text("fictif")
    settings = settings_in(
        folder,
        psc_issuer=f"http://127.0.0.1:{free_port()}",
        psc_client_id="miss",
        psc_client_secret_file=secret,
        http_sign_ins_per_min=100_000,
    )
    server = await open_prepared_server(settings, clock, system_random, find_services())
    house = server.house
    origin = house.settings.public_origin
    transport = httpx.ASGITransport(server.app, raise_app_exceptions=True)
    headers = {"Origin": origin, "Accept": "application/json"}
    try:
        with open_register() as lines:
            await house.practitioners.import_register(lines)
        with open_mailboxes() as lines:
            await house.practitioners.import_mailboxes(lines)
        people: dict[Role | None, Account] = {}
        spare = await _practitioners(server)
        for role in (None, *Role):
            people[role] = await open_account(server, spare.pop(0))
        async with httpx.AsyncClient(transport=transport, base_url=origin, headers=headers) as http:
            stage = Stage(server, people, spare, http)
            for role in Role:
                await grant(stage, role)
            yield stage
    finally:
        await server.close()


async def open_account(server: Server, practitioner: Practitioner) -> Account:
    """An account that is verified."""
    accounts = server.house.accounts
    account = await accounts.open(practitioner.id, by="test")
    return await accounts.verify(account.uid, "test")


async def grant(stage: Stage, role: Role) -> None:
    """Give the person of `role` what they are."""
    house = stage.server.house
    practitioner = stage.people[Role.PRACTITIONER]
    scopes: dict[ScopeKind, Scope] = {
        ScopeKind.PRACTITIONER: scope_of_practitioner(practitioner.practitioner_id),
        ScopeKind.ORGANIZATION: organization_scope(OWN_ORGANIZATION),
        ScopeKind.POOL: pool_scope(OWN_POOL),
        ScopeKind.PLATFORM: PLATFORM,
    }
    actor = MACHINE
    if role is Role.SECRETARY:
        actor = Principal(practitioner.uid, await house.roles.of(practitioner))
    await house.roles.grant(actor, stage.people[role].uid, role, scopes[SCOPE_OF[role]])


async def _practitioners(server: Server) -> list[Practitioner]:
    with open_register() as lines:
        numbers = dict.fromkeys(re.findall(r"\b999\d{8}\b", b"".join(lines).decode()))
    found = [await server.house.practitioners.find_by_rpps(number) for number in numbers]
    return [person for person in found if person is not None]
