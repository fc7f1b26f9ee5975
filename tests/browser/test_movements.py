"""The hospital's list of movements in a real browser: a file sent, a doctor named, a letter recalled, one set aside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from miss.base.random import system_random
from miss.directory.establishments.model import Contact, ContactFunction, Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.roles import Role, organization_scope
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.console.kit import account_of
from tests.miss.server.establishments.hospitals import LILLE
from tests.miss.server.matrix import MACHINE
from tests.miss.server.running import serving, settings_in
from tests.movements.samples import HEADER, LINE
from tests.movements.ward import PAGES

pytestmark = pytest.mark.browser

LONG = "DE LA TOUR-D’AUVERGNE-SAINT-HILAIRE-DES-GRANDS-CHAMPS"
FILE = (
    HEADER
    + LINE
    + LINE.replace("M1", "M2").replace("99900000029", "").replace("EXEMPLE", LONG)
    + LINE.replace("M1", "M3").replace("99900000029", "").replace("admission", "décès")
    + LINE.replace("M1", "M4").replace("admission", "promenade")
    + LINE.replace("M1", "M9").replace("admission", "annulation sortie")
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        house = server.house
        await load_directory(house)
        establishments = Establishments(house.db, house.clock, system_random)
        await establishments.open(
            Establishment(id=LILLE, name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL, town="Lille"),
            "cli:test",
        )
        contact = Contact(
            ContactFunction.MEDICAL, "Dr Odile Buvard", "admissions@ch-lille.mssante.example", "0320000000"
        )
        await establishments.set_contacts(LILLE, [contact], "cli:test")
        anne = await account_of(server, people.ANNE_MODELE)
        await house.roles.grant(MACHINE, anne.uid, Role.ESTABLISHMENT_ADMINISTRATOR, organization_scope(LILLE))
        yield server


@pytest.mark.parametrize(("locale", "viewport"), [("fr-FR", PHONE), ("en-GB", DESK)], ids=["phone", "desk"])
async def test_a_hospital_s_day(server: Server, locale: str, viewport: dict[str, int], tmp_path: Path) -> None:
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.ANNE_MODELE)
    file = tmp_path / "mouvements.csv"
    file.write_text(FILE, encoding="utf-8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
        seen = Seen(await context.new_page(), [])
        page = seen.page
        page.on("console", seen.hear)
        await page.goto("/connexion?suite=/mouvements")
        await page.fill("#login", people.ANNE_MODELE)
        await page.fill("#password", user.password)
        await page.press("#password", "Enter")
        await page.wait_for_url(f"**{PAGES}")

        async def look(name: str) -> None:
            await seen.check()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{page.url} scrolls sideways"
            await page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

        await look("empty")
        await page.set_input_files("#file", file)
        await page.locator(f'form[action="{PAGES}/fichier"] button').press("Enter")
        await page.locator(".notice h2").wait_for()
        assert await page.locator(".stack > li").count() == 2
        await look("sent")
        await _name_the_doctor(page)
        await look("told")
        await page.goto(f"{PAGES}?liste=annonces")
        assert await page.locator(".stack > li").count() == 2
        await page.locator(".stack summary").last.press("Enter")
        await look("announced")
        await page.locator('form[action$="/rappel"] button').last.press("Enter")
        await page.wait_for_url("**?fait=rappel")
        assert await page.locator(".stack > li").count() == 2
        await look("recalled")
        await page.locator('form[action$="/classement"] button').first.press("Enter")
        await page.wait_for_url("**?fait=classement**")
        await look("aside")
        await page.locator(".notice--ok button").press("Enter")
        await page.wait_for_url("**?fait=reprise")
        assert await page.locator(".stack > li").count() == 2
        await page.goto(f"{PAGES}?liste=annules")
        await look("cancelled")
        await browser.close()


async def _name_the_doctor(page: Page) -> None:
    """The first that waits: by RPPS number, with the keyboard alone."""
    await page.locator('input[name="medecin"]').first.fill("99900000011")
    await page.locator('input[name="medecin"]').first.press("Enter")
    await page.wait_for_url("**?fait=annonce")
    assert await page.locator(".stack > li").count() == 1
