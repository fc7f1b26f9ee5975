"""The mails that left, their timeline, who agreed to what, and one's own proofs, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from miss.base.text import Language
from miss.directory.agreements import Agreements, Signature, load_agreements
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.mail.trace.samples import RECIPIENT, mdn
from tests.miss.server.console.kit import account_of
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        house = server.house
        await load_directory(house)
        marc = await account_of(server, people.MARC_COORDO)
        await house.roles.appoint(marc, Role.TECHNICIAN, by="cli:essai")
        mail = OutboundMail(
            message_id="<te26000417.answer@miss.example>",
            sender=Mailbox(parse_address("teleexpertise@miss.example")),
            to=Mailbox(parse_address(RECIPIENT)),
            subject="Avis",
            text="Un avis.",
            author=marc.practitioner_id,
        )
        async with house.db.transaction() as tx:
            await house.outbox.enqueue(tx, mail, about="request:1")
        await house.outbox.lines.drain()
        await house.trace.receive(mdn("automatic-action/x; processed/error", error="902^x"), mail_from="")
        agreements = Agreements(house.db, house.clock, house.random_bytes, house.accounts, load_agreements())
        signature = Signature("Dr Marc COORDO", "192.0.2.1", Language.FR)
        await agreements.accept(marc.uid, [one.digest.hex() for one in agreements.current], signature)
        yield server


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_pages_are_accessible(server: Server, locale: str, viewport: dict[str, int], tmp_path: Path) -> None:
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.MARC_COORDO)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale=locale, viewport=viewport, base_url=origin)  # type: ignore[arg-type]
        seen = Seen(await context.new_page(), [])
        page = seen.page
        page.on("console", seen.hear)
        await page.goto("/connexion?suite=/console/envois")
        await page.fill("#login", people.MARC_COORDO)
        await page.fill("#password", user.password)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/console/envois")

        async def look(name: str) -> None:
            await seen.check()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{page.url} scrolls sideways"
            await page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

        await look("empty")
        await page.locator('a[href="/console/envois?pile=rejected"]').press("Enter")
        await page.locator("tbody tr").wait_for()
        await look("list")
        await page.locator("tbody a").press("Enter")
        await page.locator(".timeline").wait_for()
        assert await page.locator(".timeline li").count() == 3
        await look("mail")
        await page.goto("/console/engagements")
        assert await page.locator("tbody tr").count() == 1
        await look("agreements")
        await page.goto("/compte/preuves")
        await look("proofs")
        async with page.expect_download() as waiting:
            await page.locator('form[action="/compte/preuves/archive"] button').press("Enter")
        assert (await waiting.value).suggested_filename == "preuves.zip"
        await page.locator('button[name="wanted"]').press("Enter")
        await page.wait_for_url("**/compte/preuves?fait=1")
        await look("subscribed")
        await browser.close()
