"""The pages of one's own account in a real browser, in every state: axe finds nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from miss.base.clock import MovableClock, SystemClock
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.chat.paper import Paper
from tests.miss.server.running import serving, settings_in
from tests.miss.server.web.test_account import link_anne, place_of, process_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        yield server


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_devices_and_ticket_are_accessible(
    server: Server, tmp_path: Path, locale: str, viewport: dict[str, int]
) -> None:
    origin, place = server.house.settings.public_origin, place_of(server, tmp_path)
    user = await activate_pages(server.house, origin, people.ANNE_MODELE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
        seen = Seen(await context.new_page(), [])
        seen.page.on("console", seen.hear)
        await seen.page.goto("/connexion?suite=/compte/appareils")
        await seen.page.fill("#login", people.ANNE_MODELE)
        await seen.page.fill("#password", user.password)
        await seen.page.press("#password", "Enter")
        await seen.page.wait_for_url("**/compte/appareils")
        await seen.check()
        async with process_of(server) as process:
            anne = await link_anne(process, place, server)
            tablet = await anne.second_device(process, place, "Tablette")
            await anne.revoke(process, place, tablet.did)
            await Paper(place, anne.uid).enrol(process, place, anne)
        await seen.page.reload()
        await seen.page.locator("summary").click()
        await seen.check()
        await seen.page.locator("form[action$='/recuperation'] button").press("Enter")
        await seen.page.locator(".ticket").wait_for()
        await seen.check()
        width = await seen.page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], "scrolls sideways"
        await browser.close()
