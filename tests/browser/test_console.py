"""The console, one's own leaving and the public page of incidents in a real browser: axe finds nothing."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from miss.base.clock import MovableClock, SystemClock
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.directory.certificates.making import make
from tests.miss.server.console.kit import account_of
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        technician = await account_of(server, people.MARC_COORDO)
        await server.house.roles.appoint(technician, Role.TECHNICIAN, by="cli:essai")
        yield server


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_technician_s_day_is_accessible(server: Server, locale: str, viewport: dict[str, int]) -> None:
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.MARC_COORDO)
    anne = f"/console/comptes/{(await account_of(server, people.ANNE_MODELE)).uid.hex()}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
        seen = Seen(await context.new_page(), [])
        page = seen.page
        page.on("console", seen.hear)

        async def look() -> None:
            await seen.check()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{page.url} scrolls sideways"

        for path in ("/accessibilite", "/incidents", "/incidents/abonnement/fin?jeton=x"):
            await page.goto(path)
            await look()
        await page.goto("/connexion?suite=/console")
        await page.fill("#login", people.MARC_COORDO)
        await page.fill("#password", user.password)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/console")
        await look()
        await page.fill("#q", "modele")
        await page.press("#q", "Enter")
        await page.wait_for_url("**/console/comptes?q=modele")
        await look()
        await page.get_by_role("link", name=re.compile("liste rouge par nom|red list by name")).press("Enter")
        await page.wait_for_url("**/console/liste-rouge?nom=modele")
        await page.keyboard.type("appelle l'assistance")
        await page.keyboard.press("Enter")
        await page.locator("h2").wait_for()
        await look()
        await page.goto(anne)
        for summary in await page.locator("summary").all():
            await summary.press("Enter")
        await look()
        await page.fill("#leaves_on", "2099-01-01")
        await page.fill("#leave-reason", "essai")
        await page.press("#leave-reason", "Enter")
        await page.locator(".error-summary").wait_for()
        seen.complaints.clear()  # the browser logs the 400 of the refused form
        await look()
        await page.goto(anne)
        await page.locator("details:has(form[action$='/code']) > summary").press("Enter")
        await page.locator("form[action$='/code'] button").press("Enter")
        await page.locator(".ticket").wait_for()
        await look()
        await page.goto(f"{anne}/certificats")
        await look()
        content = make("anne.modele@ch-fictif.mssante.example", now=server.house.clock.now())
        await page.set_input_files(
            "#file", {"name": "anne.pem", "mimeType": "application/x-pem-file", "buffer": content}
        )
        await page.focus("#file")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/certificats?fait=ajout")
        await page.locator("summary:has-text('SHA-256')").press("Enter")
        await look()
        await page.locator("form[action$='/retrait'] button").press("Enter")
        await page.wait_for_url("**/certificats?fait=retrait")
        await look()
        for path in ("/console/departs", "/console/incidents", "/compte/depart"):
            await page.goto(path)
            await look()
        await page.goto("/console/incidents")
        await page.fill("#title_fr", "Messagerie ralentie")
        await page.fill("#said_fr", "Les envois attendent.")
        await page.press("#title_fr", "Enter")
        await page.wait_for_url("**/console/incidents/*")
        await look()
        await page.goto("/incidents")
        await look()
        await page.goto("/")
        assert "Messagerie ralentie" in await page.inner_text(".announcements")
        await look()
        await browser.close()
