"""« Mon compte » and the queue of proposals in a real browser, filled and empty: axe finds nothing, keys are enough."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from miss.directory.roles import Role
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser
PAGES = (
    "fiche",
    "certificats",
    "notifications",
    "absences",
    "blocages",
    "consultations",
    "consultations?tout=1",
    "donnees",
    "preuves",
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await load_directory(server.house)
        yield server


async def sign_in(browser: Browser, server: Server, rpps: str, locale: str, viewport: dict[str, int]) -> Seen:
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, rpps)
    context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
    seen = Seen(await context.new_page(), [])
    seen.page.on("console", seen.hear)
    await seen.page.goto("/connexion?suite=/compte")
    await seen.page.fill("#login", rpps)
    await seen.page.fill("#password", user.password)
    await seen.page.press("#password", "Enter")
    await seen.page.wait_for_url("**/compte")
    return seen


async def look_at_all(seen: Seen, viewport: dict[str, int]) -> None:
    for page in (*(f"/compte/{page}" for page in PAGES), "/images", "/images/envoi"):
        await seen.page.goto(page)
        await seen.check()
        width = await seen.page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], f"{page} scrolls sideways"


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible_and_works_by_keyboard(
    server: Server, locale: str, viewport: dict[str, int]
) -> None:
    house = server.house
    marc = await house.accounts.find_by_rpps(people.MARC_COORDO)
    assert marc is not None
    await house.roles.appoint(marc, Role.TECHNICIAN, by="test")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        anne = await sign_in(browser, server, people.ANNE_MODELE, locale, viewport)
        await anne.check()
        await look_at_all(anne, viewport)
        page = anne.page
        await page.goto("/compte/absences")
        await page.fill("#first_day", "2099-07-01")
        await page.fill("#last_day", "2099-07-14")
        await page.fill("#colleague", people.KARIM_ESSAI)
        await page.press("#colleague", "Enter")
        await page.wait_for_url("**fait=ajout")
        await page.goto("/compte/blocages")
        await page.fill("#whom", people.PAUL_EXEMPLE)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**fait=ajout")
        await page.goto("/compte/fiche")
        await page.fill("#remark", "Mon adresse a changé.")
        await page.fill("#phone", "pas un numéro")
        await page.press("#phone", "Enter")
        await page.locator("[role=alert]").wait_for()
        await anne.page.evaluate("0")
        anne.complaints.clear()  # the browser notes the 400 that shows the form again
        await anne.check()
        await page.fill("#phone", "03 27 00 99 99")
        await page.press("#phone", "Enter")
        await page.wait_for_url("**fait=propose")
        await look_at_all(anne, viewport)

        technician = await sign_in(browser, server, people.MARC_COORDO, locale, viewport)
        page = technician.page
        await page.goto("/console/propositions")
        await technician.check()
        await page.locator("tbody a").press("Enter")
        await page.locator("form[action$='/acceptation']").wait_for()
        await technician.check()
        await page.locator("form[action$='/acceptation'] button").press("Enter")
        await page.wait_for_url("**fait=acceptee")
        await technician.check()
        await browser.close()
    assert await house.own.proposals.count_open() == 0
