"""Statistics, failing flows and addresses in a real browser: axe finds nothing, nothing scrolls sideways."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import PractitionerId
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.mail.flows import FailingFlow, FlowKey, FlowKind
from miss.mail.flows import store as flow_store
from miss.mail.inbound import store as inbound_store
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.mail.inbound.kit import RAW, arrival_of
from tests.miss.server.console.kit import account_of
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

REUNION = ("99900000284", "99900000300", "99900000318", "99900000334", "99900000342")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        house = server.house
        await load_directory(house)
        for rpps in REUNION:
            account = await house.accounts.open(PractitionerId(f"8{rpps}"), by="test")
            await house.accounts.verify(account.uid, "test")
        await house.roles.appoint(await account_of(server, people.MARC_COORDO), Role.TECHNICIAN, by="cli:essai")
        practitioner = await house.practitioners.get((await account_of(server, people.ANNE_MODELE)).practitioner_id)
        await house.addresses.assign(practitioner, by="test")
        await house.statistics.count()
        key, now = FlowKey(FlowKind.DOMAIN, "ch-tres-long-nom-de-domaine.mssante.example"), house.clock.now()
        flow = FailingFlow(key=key, undelivered=12, since=now - timedelta(hours=3), reply="554 5.7.1 blocked")
        async with house.db.transaction() as tx:
            await flow_store.replace(tx, {key: flow}, now)
            arrival = arrival_of(practitioner.id)
            sealed = await house.keystore.seal(f"mail:{arrival.id}", RAW, what="inbound_mail")
            await inbound_store.insert(tx, replace(arrival, sealed=sealed))
            await inbound_store.set_aside(tx, arrival.id, "ValueError", now)
        yield server


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_figures_are_accessible(server: Server, locale: str, viewport: dict[str, int]) -> None:
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.MARC_COORDO)
    addresses = f"/console/comptes/{(await account_of(server, people.ANNE_MODELE)).uid.hex()}/adresses"
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

        await page.goto("/connexion?suite=/console/statistiques")
        await page.fill("#login", people.MARC_COORDO)
        await page.fill("#password", user.password)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/console/statistiques")
        await look()
        await page.select_option("#par", "region")
        await page.locator(".filters-form button").press("Enter")
        await page.wait_for_url("**/console/statistiques?*par=region*")
        assert await page.locator("svg rect").count() == 2
        await look()
        await page.select_option("#mesure", "messages")
        await page.locator(".filters-form button").press("Enter")
        await page.locator(".empty").wait_for()
        await look()
        async with page.expect_download() as waiting:
            await page.locator("a[download]").first.press("Enter")
        assert (await waiting.value).suggested_filename.startswith("statistiques-messages-")
        for path in ("/console/flux", addresses):
            await page.goto(path)
            assert await page.locator("tbody tr").count() == 1
            await look()
        await page.goto("/console/courriels")
        await look()
        await page.locator("tbody a").first.press("Enter")
        await page.locator("#reason").wait_for()
        await look()
        await browser.close()
