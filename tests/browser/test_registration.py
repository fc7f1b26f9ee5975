"""Signing up and deciding in a real browser: axe on every page, the queue by keyboard, all of it without script."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from miss.base.clock import MovableClock, SystemClock
from miss.directory.registrations import Status, store
from miss.directory.registrations.model import LINK_VALIDITY, hash_token
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.directory.sign_in import Method, Visit
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from tests.browser.test_sign_in import look, open_page
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.console.kit import account_of
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

CONTACT = "ines@contact.example"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        marc = await account_of(server, people.MARC_COORDO)
        await server.house.roles.appoint(marc, Role.TECHNICIAN, by="cli:essai")
        yield server


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def enter(server: Server, seen: Seen, rpps: str) -> None:
    """A fresh session of somebody, whatever opened it."""
    account = await account_of(server, rpps)
    async with server.house.db.transaction() as tx:
        opened = await server.house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
    origin = server.house.settings.public_origin
    await seen.page.context.add_cookies([{"name": "miss", "value": opened.token, "url": origin}])


async def sign_up(seen: Seen, email: str = CONTACT) -> None:
    """Fill the form from the register, and send it."""
    page = seen.page
    await page.goto("/inscription")
    await page.fill("#rpps", people.INES_BROUILLON)
    await page.locator("button[name=lookup]").click()
    assert await page.input_value("#family") == "BROUILLON"
    await page.fill("#email", email)
    await page.check("input[value=attachments]")
    await page.check("#accept-charter")
    await page.check("#accept-terms")
    await page.press("#software", "Enter")
    await page.wait_for_url("**/inscription/recue")


async def follow_path(server: Server) -> str:
    """A link of one's own to the oldest request: the mails leave whenever they like."""
    house, token = server.house, "lien-fictif"
    async with house.db.transaction() as tx:
        [oldest, *_] = await store.list_by_status(tx, {Status.RECEIVED}, 1)
        await store.insert_link(tx, oldest.id, hash_token(token), house.clock.now() + LINK_VALIDITY)
    return f"/inscription/suivi/{token}"


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible(
    server: Server, chromium: Browser, locale: str, viewport: dict[str, int]
) -> None:
    anybody = await open_page(server, chromium, locale, viewport)
    marc = await open_page(server, chromium, locale, viewport)
    await enter(server, marc, people.MARC_COORDO)
    page = anybody.page
    await page.goto("/inscription/lien-perdu")
    await look(anybody, "lien-perdu")
    await page.fill("#email", CONTACT)
    await page.keyboard.press("Enter")
    await page.locator("[role=status]").wait_for()
    await look(anybody, "lien-perdu-envoye")
    for path in ("/inscription", "/attestation", "/attestation/0000-0000-0000-0000", "/engagements/charter"):
        await page.goto(path)
        await look(anybody, path.strip("/").replace("/", "-"))
    await page.goto("/inscription")
    await page.locator("form[action='/inscription'] .actions .button:not([name])").click()
    assert await page.locator(".error-summary li").count() > 5
    anybody.complaints.clear()  # Chromium reports the 400 of the refused form.
    await look(anybody, "inscription-fautes")
    await sign_up(anybody)
    await look(anybody, "inscription-recue")
    await sign_up(anybody)
    follow = await follow_path(server)
    await page.goto(follow)
    await look(anybody, "suivi")
    await page.goto(f"{follow}/retrait")
    await look(anybody, "retrait")

    desk = marc.page
    await desk.goto("/console/inscriptions")
    await look(marc, "console-inscriptions")
    await desk.locator("[data-row]").first.click()
    await look(marc, "console-inscription")
    await desk.locator("a[href*='reunion']").click()
    await look(marc, "console-reunion")
    await desk.go_back()
    await desk.fill("#more", "Votre carte professionnelle, s’il vous plaît.")
    await desk.locator("form[action$='/complement'] button").click()
    await desk.goto("/console/inscriptions?etat=complement")
    await desk.locator("[data-row]").first.click()
    await desk.locator("a[data-key=a]").click()
    await look(marc, "console-approbation")
    await desk.locator("form[action$='/approbation'] button").click()
    await desk.wait_for_url("**fait=accord")
    await look(marc, "console-acceptee")
    await desk.goto("/engagements")
    await look(marc, "engagements")
    await desk.goto("/console/inscriptions?etat=closes")
    await look(marc, "console-vide")


async def test_the_queue_is_worked_through_by_keyboard(server: Server, chromium: Browser) -> None:
    anybody = await open_page(server, chromium)
    for rank in range(3):
        await sign_up(anybody, f"p{rank}@contact.example")
    marc = await open_page(server, chromium)
    await enter(server, marc, people.MARC_COORDO)
    page, keyboard = marc.page, marc.page.keyboard
    await page.goto("/console/inscriptions")
    rows = page.locator("[data-row]")
    focused = "[...document.querySelectorAll('[data-row]')].indexOf(document.activeElement)"
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        await keyboard.press(key)
        assert await page.evaluate(focused) == place
    wanted = await rows.nth(1).get_attribute("href")
    await keyboard.press("Enter")
    await page.wait_for_url(f"**{wanted}")
    await keyboard.press("m")
    assert await page.evaluate("document.activeElement.id") == "more"
    await keyboard.type("raj")
    assert await page.input_value("#more") == "raj", "letters are letters while somebody types"
    await page.locator("h1").click()
    await page.evaluate("document.activeElement.blur()")
    await keyboard.press("r")
    assert await page.evaluate("document.activeElement.name") == "reason"
    await keyboard.press("a")
    await page.wait_for_url("**/approbation")
    await page.go_back()
    await page.uncheck("#shortcuts")
    await keyboard.press("u")
    assert page.url.endswith(str(wanted)), "switched off"
    await page.reload()
    assert not await page.is_checked("#shortcuts")
    await page.check("#shortcuts")
    await keyboard.press("u")
    await page.wait_for_url("**/console/inscriptions")


async def test_all_of_it_works_without_script(server: Server, chromium: Browser) -> None:
    anybody = await open_page(server, chromium, script=False)
    await sign_up(anybody)
    page = anybody.page
    await page.goto(await follow_path(server))
    await page.set_input_files("#file", {"name": "carte.pdf", "mimeType": "text/plain", "buffer": b"%PDF-1.7"})
    await page.locator("form[action$='/pieces'] button").click()
    assert "carte.pdf" in await page.inner_text("main")
    marc = await open_page(server, chromium, script=False)
    await enter(server, marc, people.MARC_COORDO)
    await marc.page.goto("/console/inscriptions")
    assert not await marc.page.locator("#shortcuts").is_visible()
    await marc.page.locator("[data-row]").click()
    await marc.page.locator("a[href$='/approbation']").click()
    await marc.page.locator("form[action$='/approbation'] button").click()
    assert "Compte ouvert" in await marc.page.inner_text("main")
