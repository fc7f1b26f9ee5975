"""The directory in a real browser: answers while one types, keys, screen readers; axe finds nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample import people
from miss.server.demo.people import activate_pages
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.desk import account_of, directory_desk, make_technician

pytestmark = pytest.mark.browser

ANNE_PATH = f"/annuaire/{practitioner_id(people.ANNE_MODELE)}"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with directory_desk(tmp_path) as server:
        yield server


@asynccontextmanager
async def signed_in(
    server: Server, rpps: str, *, locale: str = "fr-FR", viewport: dict[str, int] = DESK
) -> AsyncIterator[Seen]:
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, rpps)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
        seen = Seen(await context.new_page(), [])
        seen.page.on("console", seen.hear)
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        await seen.page.goto("/connexion?suite=/annuaire")
        await seen.page.fill("#login", rpps)
        await seen.page.fill("#password", user.password)
        await seen.page.press("#password", "Enter")
        await seen.page.wait_for_url("**/annuaire")
        yield seen
        await browser.close()


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible(server: Server, locale: str, viewport: dict[str, int]) -> None:
    await make_technician(server.house, people.MARC_COORDO)
    async with signed_in(server, people.MARC_COORDO, locale=locale, viewport=viewport) as seen:
        paths = (
            "/annuaire",
            "/annuaire?q=dermatologie+lille",
            "/annuaire?q=xyzzyxyzzy",
            ANNE_PATH,
            "/annuaire/exports",
        )
        for path in (*paths, "/console/signalements"):
            await seen.page.goto(path)
            for details in await seen.page.locator("details").all():
                await details.locator("summary").click()
            await seen.check()
            width = await seen.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{path} scrolls sideways"


async def test_answers_come_while_one_types(server: Server) -> None:
    async with signed_in(server, people.PAUL_EXEMPLE) as seen:
        page = seen.page
        field, names = page.locator("#directory-q"), page.locator(".people__name a")
        await expect(field).to_be_focused()
        await page.keyboard.type("dermatologie lil")
        await expect(names).to_have_count(2)
        await expect(page.locator("[data-directory-count]")).to_have_text("2 personnes correspondent.")
        await expect(field).to_be_focused()
        assert "q=dermatologie+lil" in page.url
        await seen.check()
        await field.fill("xyzzyxyzzy")
        await expect(page.locator("[data-directory-count]")).to_have_text("Personne ne correspond.")
        await field.fill("modele")
        await expect(names).to_have_text(["Dr Anne MODELE"])
        # The address is that of the search: back from the entry, the list is there again.
        await names.first.press("Enter")
        await page.wait_for_url(f"**{ANNE_PATH}")
        await page.go_back()
        await expect(names).to_have_text(["Dr Anne MODELE"])
        assert seen.complaints == []


async def test_a_mistake_is_reported_by_keyboard(server: Server) -> None:
    async with signed_in(server, people.PAUL_EXEMPLE) as seen:
        page = seen.page
        await page.goto(ANNE_PATH)
        await page.locator("summary").press("Enter")
        await page.locator("#report-kind").select_option("left")
        await page.locator("#report-words").fill("N’est plus à Lille.")
        await page.get_by_role("button", name="Envoyer le signalement").press("Enter")
        await page.wait_for_url("**?signale=1")
        await expect(page.get_by_role("status")).to_contain_text("Merci")
        await seen.check()
    assert (await account_of(server.house, people.PAUL_EXEMPLE)).is_active
