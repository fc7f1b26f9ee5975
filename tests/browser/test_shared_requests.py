"""What the members of an establishment share, in a real browser: named by its administrator, at work, stopped.

Every page on the way is seen by axe, at a phone's width and at a desk's, in French and in English.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, async_playwright

from miss.directory.establishments.service import Establishments
from miss.directory.roles import Grant, Role, organization_scope, practitioner_scope
from miss.directory.sample import people
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from tests.browser.test_inviting import look
from tests.browser.test_own_pages import sign_in
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE
from tests.miss.server.running import serving, settings_in
from tests.teleexpertise.web.test_acting_pages import DEMANDS, LILAS, person, sent_by

pytestmark = pytest.mark.browser
ACCESS = f"/etablissement/{LILAS.id}/acces"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await prepare(server)
        yield server


async def prepare(server: Server) -> None:
    """A care home that Anne administers, one of whose people also works for Paul; and a pool to ask."""
    house = server.house
    await load_directory(house)
    for sample in server.samples:
        await sample()
    await Establishments(house.db, house.clock, house.random_bytes).open(LILAS, "test")
    anne, paul = [await house.accounts.find_by_rpps(rpps) for rpps in (people.ANNE_MODELE, people.PAUL_EXEMPLE)]
    assert anne is not None
    assert paul is not None
    odile = await person(house, "Odile", "Infirmière", organization_scope(LILAS.id), Role.ORGANIZATION_MEMBER)
    async with house.db.transaction() as tx:
        keeper = Grant(anne.uid, Role.ESTABLISHMENT_ADMINISTRATOR, organization_scope(LILAS.id))
        secretary = Grant(odile.uid, Role.SECRETARY, practitioner_scope(paul.practitioner_id))
        for grant in (keeper, secretary):
            await house.roles.hand_over(tx, grant, by="test", reason="test")


async def send_one(page: Page, origin: str) -> str:
    """The address of a request sent by who is signed in on `page`."""
    cookies = {one["name"]: one["value"] for one in await page.context.cookies() if "name" in one and "value" in one}
    headers = {"Origin": origin, "Accept": "text/html"}
    async with httpx.AsyncClient(base_url=origin, cookies=cookies, headers=headers, trust_env=False) as client:
        return await sent_by(client)


@pytest.mark.parametrize(("locale", "viewport"), [("fr-FR", PHONE), ("en-GB", DESK)], ids=["phone", "desk"])
async def test_members_are_named_share_and_are_stopped(server: Server, locale: str, viewport: dict[str, int]) -> None:
    origin = server.house.settings.public_origin
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        anne = await sign_in(browser, server, people.ANNE_MODELE, locale, viewport)
        paul = await sign_in(browser, server, people.PAUL_EXEMPLE, locale, viewport)
        await anne.page.goto(ACCESS)
        await look(anne, viewport)
        await anne.page.fill("#rpps", people.PAUL_EXEMPLE)
        await anne.page.press("#rpps", "Enter")
        await anne.page.wait_for_url("**fait=mandat")
        await look(anne, viewport)

        await paul.page.goto("/compte/mandats")
        await look(paul, viewport)
        await paul.page.locator("form[action$='/choix'] button").press("Enter")
        await paul.page.wait_for_url("**fait=choix")
        await look(paul, viewport)
        await paul.page.goto(DEMANDS)
        await look(paul, viewport)
        address = await send_one(paul.page, origin)
        await paul.page.goto(f"{DEMANDS}/nouvelle")
        await paul.page.locator("form[action$='/demandes/nouvelle'] button").first.press("Enter")
        await paul.page.wait_for_url("**/completer")
        for path in (DEMANDS, f"{DEMANDS}/brouillons", address):
            await paul.page.goto(path)
            await look(paul, viewport)
        assert LILAS.name in await paul.page.locator("main").inner_text()
        assert LILAS.name in await paul.page.locator("ol.timeline").first.inner_text()  # the mail has one too

        await anne.page.goto(ACCESS)
        await (
            anne.page.locator("form[action$='/mandat/praticien']").locator("xpath=..").locator("summary").press("Enter")
        )
        await look(anne, viewport)
        await anne.page.locator("form[action$='/mandat/praticien'] button").press("Enter")
        await anne.page.wait_for_url("**fait=fin")
        assert not await anne.page.locator("form[action$='/mandat/praticien']").count()
        await anne.page.locator("form[action$='/mandat/fin']").locator("xpath=..").locator("summary").press("Enter")
        await anne.page.locator("form[action$='/mandat/fin'] button").press("Enter")
        await anne.page.wait_for_url("**fait=fin")
        await look(anne, viewport)
        await paul.page.reload()
        assert LILAS.name not in await paul.page.locator("main").inner_text()
        paul.complaints.clear()  # the browser notes the 404: in his own name there is no such request
        await look(paul, viewport)
        await browser.close()
