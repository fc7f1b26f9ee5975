"""A server without its doors, two hospitals with records, and people who keep their lists."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId, OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import StaffMember
from miss.directory.roles import PLATFORM, Grant, Principal, Role, organization_scope
from miss.directory.sample import people
from miss.directory.sign_in import Method, Opened, Visit
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in

LILLE, ARRAS = OrganizationId("F599990009"), OrganizationId("F629990003")
DESK = f"/etablissement/{LILLE}"
ODILE = {"family": "Buvard", "given": "Odile", "department": "Accueil", "is_published": "oui"}
_NOBODY = AccountId(b"t" * 16)


@dataclass
class Hospitals:
    """Anne keeps Lille's list, Karim Arras's; Marc is a technician; Paul keeps nothing."""

    server: Server
    establishments: Establishments
    roster: Roster

    @asynccontextmanager
    async def browser(
        self, rpps: str, accept: str = "text/html", language: str = "fr"
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody signed in a moment ago."""
        house = self.server.house
        account = await house.accounts.find_by_rpps(rpps)
        assert account is not None
        async with house.db.transaction() as tx:
            opened: Opened = await house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
        origin = house.settings.public_origin
        headers = {"Accept": accept, "Origin": origin, "Accept-Language": language}
        transport = httpx.ASGITransport(self.server.app)
        async with httpx.AsyncClient(
            transport=transport, base_url=origin, headers=headers, cookies={"miss": opened.token}
        ) as http:
            yield http


@pytest.fixture
async def hospitals(tmp_path: Path) -> AsyncIterator[Hospitals]:
    clock = MovableClock(SystemClock().now())
    server = await open_prepared_server(settings_in(tmp_path), clock, system_random, find_services())
    try:
        house = server.house
        await load_directory(house)
        establishments = Establishments(house.db, clock, system_random)
        for identifier, name, finess in ((LILLE, "CH fictif de Lille", "599990009"), (ARRAS, "CH fictif d’Arras", "")):
            await establishments.open(
                Establishment(id=identifier, name=name, kind=EstablishmentKind.HOSPITAL, finess=finess), "cli:test"
            )
        machine = Principal(_NOBODY, frozenset({Grant(_NOBODY, Role.TECHNICIAN, PLATFORM)}))
        for rpps, role, scope in (
            (people.ANNE_MODELE, Role.ESTABLISHMENT_ADMINISTRATOR, organization_scope(LILLE)),
            (people.KARIM_ESSAI, Role.ESTABLISHMENT_ADMINISTRATOR, organization_scope(ARRAS)),
            (people.MARC_COORDO, Role.TECHNICIAN, PLATFORM),
        ):
            account = await house.accounts.find_by_rpps(rpps)
            assert account is not None
            await house.roles.grant(machine, account.uid, role, scope)
        yield Hospitals(server, establishments, Roster(house.db, clock, system_random, house.practitioners))
    finally:
        await server.close()


async def listed(hospitals: Hospitals) -> list[StaffMember]:
    return await hospitals.roster.list_all(LILLE)


def alert(page: httpx.Response) -> str:
    found = re.search(r'role="alert">(.*?)</', page.text, re.DOTALL)
    assert found is not None, page.text
    return found[1]
