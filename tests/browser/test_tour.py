"""The pages in a real browser (second tier: Debian's Chromium): an expert's way through, by mouse and by keyboard.

Every page seen is checked by axe (WCAG 2.1 A and AA, best practices left to people) and must not complain in the
console.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from miss.base.clock import MovableClock, SystemClock
from miss.directory.sample import people
from miss.server.demo.people import PAGE_USERS, PageUser, activate_pages, load_directory
from miss.server.demo.report import Report
from miss.server.demo.request_story import RequestStory, story_start
from miss.server.doors import Server
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@dataclass
class Office:
    """A server with one request that waits for an expert."""

    server: Server
    origin: str
    number: str
    users: dict[str, PageUser]
    browser: Browser
    story: RequestStory

    async def page(self, rpps: str = "", *, locale: str = "fr-FR", viewport: dict[str, int] = DESK) -> "Seen":
        """A browser of its own, signed in as `rpps` if given."""
        context = await self.browser.new_context(
            locale=locale,
            viewport=viewport,  # type: ignore[arg-type]
            base_url=self.origin,
        )
        seen = Seen(await context.new_page(), [])
        seen.page.on("console", seen.hear)
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        if rpps:
            await seen.page.goto("/connexion")
            await seen.page.fill("#login", rpps)
            await seen.page.fill("#password", self.users[rpps].password)
            await seen.page.press("#password", "Enter")
            await seen.page.wait_for_url(f"{self.origin}/")
        return seen


@dataclass
class Seen:
    """A page, and what it complained of."""

    page: Page
    complaints: list[str]

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def check(self) -> None:
        """No axe violation, no complaint in the console."""
        results = await Axe().run(self.page, options=WCAG)
        found = [f"{violation['id']}: {violation['nodes'][0]['html']}" for violation in results.response["violations"]]
        assert found == [], self.page.url
        assert self.complaints == [], self.page.url


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    settings, clock = settings_in(tmp_path), MovableClock(story_start(SystemClock().now()))
    async with serving(settings, clock) as server, async_playwright() as playwright:
        await load_directory(server.house)
        for sample in server.samples:
            await sample()
        origin = settings.public_origin
        users = {rpps: await activate_pages(server.house, origin, rpps) for rpps in PAGE_USERS}
        report = Report(tmp_path / "report")
        story = RequestStory(server.house, clock, origin, server.mail_door.port, users, report)
        number = await story.ask_again()
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Office(server, origin, number, users, browser, story)
        await browser.close()


async def _holder(office: Office) -> str:
    for rpps in (people.ANNE_MODELE, people.KARIM_ESSAI):
        seen = await office.page(rpps)
        await seen.page.goto("/teleexpertise/avis")
        if office.number in await seen.page.content():
            return rpps
    pytest.fail("nobody holds the request")


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible(office: Office, locale: str, viewport: dict[str, int]) -> None:
    anybody = await office.page(locale=locale, viewport=viewport)
    for path in ("/", "/connexion", "/activation"):
        await anybody.page.goto(path)
        await anybody.check()
    request = f"/teleexpertise/demandes/{office.number}"
    holder = await _holder(office)
    tours = {
        holder: ["/", "/compte/appareils", "/teleexpertise/avis", request],
        people.PAUL_EXEMPLE: ["/teleexpertise/demandes", request, "/teleexpertise/demandes/nouvelle"],
        people.MARC_COORDO: ["/teleexpertise/coordination", request],
    }
    for rpps, paths in tours.items():
        seen = await office.page(rpps, locale=locale, viewport=viewport)
        for path in paths:
            await seen.page.goto(path)
            await seen.check()
            width = await seen.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{path} scrolls sideways"


async def test_an_expert_answers_by_keyboard_alone(office: Office) -> None:
    seen = await office.page(await _holder(office))
    page = seen.page
    await page.goto(f"/teleexpertise/demandes/{office.number}")
    accept = page.locator(f"form[action$='/{office.number}/accepter'] button").first
    await accept.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/repondre")
    await seen.check()

    await page.locator("[name='r.decision']").first.focus()
    await page.keyboard.press("Space")
    diagnosis = page.locator("[name='r.diagnostic']")
    await diagnosis.wait_for(state="visible")
    await diagnosis.focus()
    await page.keyboard.type("Nævus atypique")
    await page.keyboard.press("Enter")
    summary = page.locator("[data-error-summary]")
    await summary.wait_for()
    seen.complaints.clear()  # the browser logs the 422 of the refused form
    await seen.check()
    assert await diagnosis.input_value() == "Nævus atypique", "nothing typed is lost"

    await page.fill("[name='r.conduite']", "Contrôle à trois mois.")
    for name, value in (
        ("r.certitude", "probable"),
        ("r.orientation", "1mois"),
        ("r.qualite", "suffisante"),
        ("r.cotation", "te2"),
    ):
        await page.locator(f"[name='{name}'][value='{value}']").check()
    await page.locator("main form button").last.press("Enter")
    await page.wait_for_url("**/apercu")
    assert "****FIN****" in await page.inner_text(".letter")
    await seen.check()
    await page.locator(f"form[action$='/{office.number}/envoyer'] button").press("Enter")
    await page.wait_for_url("**/termine?fin=avis")
    await seen.check()


async def test_questions_open_and_close_with_the_answers_before_them(office: Office) -> None:
    seen = await office.page(await _holder(office))
    await seen.page.goto(f"/teleexpertise/demandes/{office.number}")
    await seen.page.locator(f"form[action$='/{office.number}/accepter'] button").first.click()
    diagnosis, reason = seen.page.locator("[name='r.diagnostic']"), seen.page.locator("[name='r.motif']").first
    await diagnosis.wait_for(state="hidden")
    await seen.page.locator("[name='r.decision'][value='avis']").check()
    await diagnosis.wait_for(state="visible")
    await reason.wait_for(state="hidden")
    await seen.page.locator("[name='r.decision'][value='refus']").check()
    await reason.wait_for(state="visible")
    await diagnosis.wait_for(state="hidden")
    assert seen.complaints == []
