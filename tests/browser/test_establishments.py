"""An establishment's pages and the operator's list of them, in a real browser: axe finds nothing, nothing overflows."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId, OrganizationId
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.roles import PLATFORM, Grant, Principal, Role
from miss.directory.sample import people
from miss.directory.sign_in import Method, Opened, Visit
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.directory.establishments.lists import ANNE, HEADER, KARIM, ZOE, as_csv
from tests.miss.directory.extractions import MAILBOX_COLUMNS, an_address, extraction
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("MISS_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""

LABO = OrganizationId("599990033")
PLACE = f"/etablissement/{LABO}"
WRONG = (*ZOE[:4], "10003456781", "A3")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        house = server.house
        await load_directory(house)
        establishments = Establishments(house.db, house.clock, house.random_bytes)
        record = Establishment(id=LABO, name="Laboratoire fictif", kind=EstablishmentKind.LABORATORY, finess=LABO)
        await establishments.open(record, "cli:test")
        roster = Roster(house.db, house.clock, house.random_bytes, house.practitioners)
        said = dict(zip((StaffField.FAMILY, StaffField.GIVEN, StaffField.DEPARTMENT), KARIM, strict=False))
        await roster.add(LABO, said | {StaffField.RPPS: people.HUGO_FACTICE}, "cli:test")
        await roster.add(LABO, said | {StaffField.GIVEN: "Odile", StaffField.SITE: "Site nord"}, "cli:test")
        shared = an_address("prelevements@laboratoire-fictif.mssante.example", kind="ORG")
        lines = extraction(MAILBOX_COLUMNS, [shared | {"Identification Structure": f"1{LABO}"}])
        await house.practitioners.import_mailboxes(lines, accept_shrink=True)
        yield server


async def technician(server: Server) -> str:
    """The token of somebody who may see all of these pages."""
    house, nobody = server.house, AccountId(b"t" * 16)
    account = await house.accounts.find_by_rpps(people.MARC_COORDO)
    assert account is not None
    machine = Principal(nobody, frozenset({Grant(nobody, Role.TECHNICIAN, PLATFORM)}))
    await house.roles.grant(machine, account.uid, Role.TECHNICIAN, PLATFORM)
    async with house.db.transaction() as tx:
        opened: Opened = await house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
    return opened.token


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_pages_of_an_establishment_are_accessible(
    server: Server, locale: str, viewport: dict[str, int]
) -> None:
    origin, token = server.house.settings.public_origin, await technician(server)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
        await context.add_cookies([{"name": "miss", "value": token, "url": origin}])
        seen = Seen(await context.new_page(), [])
        seen.page.on("console", seen.hear)

        async def check() -> None:
            await seen.check()
            width = await seen.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{seen.page.url} scrolls sideways"

        for path in (
            "",
            "/personnel/nouveau",
            "/fichier",
            "/services",
            "/fiche",
            "/jetons",
            "/messagerie",
            "/postes",
            "/habillage",
            "/depart",
            "?q=zzz",
        ):
            await seen.page.goto(PLACE + path)
            await check()
            if SHOTS:
                name = f"establishment{path.replace('/', '-')}-{locale}-{viewport['width']}.png"
                await seen.page.screenshot(path=str(Path(SHOTS) / name), full_page=True)
        for path in ("/console/etablissements", f"/console/etablissements/{LABO}", "/etablissement"):
            await seen.page.goto(path)
            await check()
        await seen.page.goto(PLACE)
        await seen.page.locator("tbody a").first.press("Enter")
        await seen.page.wait_for_url("**/personnel/*")
        await check()
        for rows in ([ANNE, KARIM], [ANNE, WRONG]):
            await seen.page.goto(f"{PLACE}/fichier")
            content = as_csv([HEADER, *rows])
            await seen.page.set_input_files("#file", {"name": "liste.csv", "mimeType": "text/csv", "buffer": content})
            await seen.page.check("input[name=complet]")
            await seen.page.locator("form[enctype] button").press("Enter")
            await seen.page.locator("dl.answers").wait_for()
            await check()
        await seen.page.goto(f"{PLACE}/jetons")
        await seen.page.fill("#name", "Annuaire RH")
        await seen.page.check("input[value=scim]")
        await seen.page.locator(f"form[action='{PLACE}/jetons'] button").press("Enter")
        await seen.page.locator(".secret code").first.wait_for()
        await check()
        await browser.close()
