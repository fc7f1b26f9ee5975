"""A secretary without an RPPS number in a real browser: invited, answering, verified, at work for the doctor, stopped.

Every page on the way is seen by axe, at a phone's width and at a desk's, in French and in English.
"""

import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from pypdf import PdfReader

from miss.directory.roles import Role
from miss.directory.sample import people
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from tests.browser.test_own_pages import sign_in
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser
PASSWORD = "quatre chevaux bleus sous la lune"
CODE = re.compile(r"\b([0-9A-Z]{4})\s+–\s+([0-9A-Z]{4})\s+–\s+([0-9A-Z]{4})\b")
NUMBER = re.compile(r"Identifiant à saisir avec le code : (\S+)\.")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await load_directory(server.house)
        marc = await server.house.accounts.find_by_rpps(people.MARC_COORDO)
        assert marc is not None
        await server.house.roles.appoint(marc, Role.TECHNICIAN, by="test")
        yield server


async def look(seen: Seen, viewport: dict[str, int]) -> None:
    """The page as it stands: axe is content, nothing scrolls sideways."""
    await seen.check()
    width = await seen.page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], f"{seen.page.url} scrolls sideways"


async def sent_link(server: Server) -> str:
    """The link in the last invitation that has left."""
    while await server.house.jobs.run_due():
        pass
    found = []
    for path in sorted((server.house.settings.data_dir / "spool").glob("*.eml")):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        found += re.findall(r"/inscription/invitation/[\w-]+", body.get_content()) if body else []
    return str(found[-1])


async def approve(technician: Seen, viewport: dict[str, int]) -> tuple[str, str]:
    """Number and code of the letter, once the person is verified."""
    page = technician.page
    await page.goto("/console/inscriptions")
    await look(technician, viewport)
    await page.locator("tbody a[data-row]").press("Enter")
    await page.locator("a[data-key=a]").wait_for()
    await look(technician, viewport)
    await page.locator("a[data-key=a]").press("Enter")
    await page.locator("form[action$='/approbation']").wait_for()
    await look(technician, viewport)
    await page.locator("form[action$='/approbation'] button").press("Enter")
    await page.wait_for_url("**fait=accord")
    await look(technician, viewport)
    letter = await page.request.post(
        page.url.partition("?")[0] + "/lettre",
        form={"address": "given"},
        headers={"Origin": page.url.partition("/console")[0]},
    )
    text = PdfReader(BytesIO(await letter.body())).pages[0].extract_text()
    return NUMBER.findall(" ".join(text.split()))[0], "-".join(CODE.findall(text)[0])


async def stranger(browser: Browser, server: Server, locale: str, viewport: dict[str, int]) -> Seen:
    origin = server.house.settings.public_origin
    context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
    seen = Seen(await context.new_page(), [])
    seen.page.on("console", seen.hear)
    return seen


@pytest.mark.parametrize(("locale", "viewport"), [("fr-FR", PHONE), ("en-GB", DESK)], ids=["phone", "desk"])
async def test_a_secretary_comes_works_and_is_stopped(server: Server, locale: str, viewport: dict[str, int]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        paul = await sign_in(browser, server, people.PAUL_EXEMPLE, locale, viewport)
        technician = await sign_in(browser, server, people.MARC_COORDO, locale, viewport)
        page = paul.page
        await page.goto("/compte/secretariat")
        await look(paul, viewport)
        for name, said in (("family", "Buvard"), ("given", "Odile"), ("function", "secrétaire médicale")):
            await page.fill(f"#{name}", said)
        await page.press("#function", "Enter")
        await page.locator("#email-error").wait_for()
        paul.complaints.clear()  # the browser notes the 400 that shows the form again
        await look(paul, viewport)
        await page.fill("#email", "odile@contact.example")
        await page.press("#email", "Enter")
        await page.wait_for_url("**fait=invitation")
        await look(paul, viewport)

        odile = await stranger(browser, server, locale, viewport)
        link = await sent_link(server)
        await odile.page.goto(link)
        await look(odile, viewport)
        for name, said in (("address", "11 rue de l’Exemple"), ("postcode", "59000"), ("town", "Lille")):
            await odile.page.fill(f"#{name}", said)
        for box in await odile.page.locator("input[name=accept]").all():
            await box.check()
        await odile.page.press("#town", "Enter")
        await odile.page.wait_for_url("**/inscription/recue")
        await look(odile, viewport)

        number, code = await approve(technician, viewport)
        await odile.page.goto("/activation")
        await look(odile, viewport)
        for name, said in (("rpps", number), ("code", code), ("password", PASSWORD), ("password_again", PASSWORD)):
            await odile.page.fill(f"[name={name}]", said)
        await odile.page.locator("form[action='/activation'] .actions .button").last.press("Enter")
        await odile.page.wait_for_url(lambda url: url.endswith("/"))
        for path in ("/compte", "/compte/mandats", "/teleexpertise/demandes"):
            await odile.page.goto(path)
            await look(odile, viewport)
        await odile.page.goto("/teleexpertise/demandes/nouvelle")
        await odile.page.locator("form[action$='/demandes/nouvelle'] button").first.press("Enter")
        await odile.page.wait_for_url("**/completer")
        await odile.page.goto(odile.page.url.removesuffix("/completer"))
        await look(odile, viewport)
        assert "Odile BUVARD" in await odile.page.locator("ol.timeline").inner_text()

        await page.goto("/compte/secretariat")
        await page.locator("td summary").press("Enter")
        await look(paul, viewport)
        await page.locator("form[action$='/fin'] button").press("Enter")
        await page.wait_for_url("**fait=fin")
        await look(paul, viewport)
        await odile.page.reload()
        assert number not in await odile.page.locator("main").inner_text()
        odile.complaints.clear()  # the browser notes the 403
        await look(odile, viewport)
        await odile.page.goto("/compte/mandats")
        await look(odile, viewport)
        await browser.close()
