"""Images for a correspondent in a real browser, phone and desk: chosen, seen before they leave, opened, withdrawn."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from miss.directory.sample import people
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from tests.browser.test_own_pages import sign_in
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE
from tests.miss.photos.test_photos import jpeg
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await load_directory(server.house)
        yield server


async def test_images_are_sent_seen_and_withdrawn(server: Server, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(1600, 1200))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        anne = await sign_in(browser, server, people.ANNE_MODELE, "fr-FR", PHONE)
        paul = await sign_in(browser, server, people.PAUL_EXEMPLE, "en-GB", DESK)
        page = anne.page
        await page.goto("/images/envoi")
        await page.fill("#whom", people.PAUL_EXEMPLE)
        await page.fill("#subject", "Lésion du dos")
        await page.set_input_files("#files", [str(photo), str(photo)])
        await page.get_by_role("button", name="Relire avant l’envoi").press("Enter")
        await page.wait_for_url(re.compile(r"/images/[0-9a-f-]{36}$"))
        await anne.check()
        width = await page.evaluate("document.images[1].naturalWidth")
        assert width == 1600, "the policy lets the page show its images"
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        sending = page.url
        await page.get_by_role("button", name="Envoyer", exact=True).press("Enter")
        await page.wait_for_url("**/images?fait=envoi")
        await anne.check()

        await paul.page.goto(sending)
        await paul.page.get_by_role("img", name="Image 2 of 2").wait_for()
        await paul.check()
        async with paul.page.expect_download() as waiting:
            await paul.page.get_by_role("link", name="Download all (ZIP)").press("Enter")
        assert (await waiting.value).suggested_filename == "images.zip"

        await page.goto(sending)
        assert await page.get_by_text("Ouvert le").count() == 2
        await anne.check()
        await page.get_by_role("button", name="Retirer cet envoi").press("Enter")
        await page.wait_for_url("**/images?fait=retrait")
        await anne.check()
        await browser.close()
