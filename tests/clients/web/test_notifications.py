"""Notifications of a page that is open, with two tabs of one browser: who looks at one is not called by the other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from miss.base.ids import ConversationId
from miss.client import Client
from miss.directory.sample import people
from tests.clients.web.app_pages import WAIT_MS, Clinic, clinic
from tests.conditions import LOOK_S, WAIT_S

pytestmark = pytest.mark.browser

PAUL, CLAIRE = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN
SHOWN = """navigator.serviceWorker.getRegistration().then((one) => one.getNotifications())
  .then((all) => all.map((one) => one.title))"""
PLACE = """(() => {
  const place = { state: "visible" };
  Object.defineProperty(document, "visibilityState", { get: () => place.state });
  document.hasFocus = () => place.state === "visible";
  globalThis.given = 0;
  const show = ServiceWorkerRegistration.prototype.showNotification;
  ServiceWorkerRegistration.prototype.showNotification = function (...said) {
    globalThis.given += 1;
    return show.apply(this, said);
  };
  globalThis.goTo = (state) => {
    place.state = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };
})()"""
"""Headless pages are all in front at once: each is told where it stands, as a window manager would, and counts."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with clinic(tmp_path) as opened:
        yield opened


async def begin(claire: Client) -> ConversationId:
    entry = next(entry for entry in await claire.directory("exemple") if entry.uid)
    assert entry.uid is not None
    return await claire.create_conversation([entry.uid], name="Plaie du talon")


async def shows(page: Page, *titles: str) -> None:
    """Wait until these are the notifications of this browser; nothing tells of them."""
    async with asyncio.timeout(WAIT_S):
        while await page.evaluate(SHOWN) != list(titles):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)


async def test_who_reads_in_one_tab_is_not_called_by_the_other(house: Clinic) -> None:
    context = await house.person()
    await context.grant_permissions(["notifications"], origin=house.origin)
    await context.add_init_script(PLACE)
    leader = await house.at_work(context, PAUL, pin="")
    await leader.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    other = await house.open(context)
    await expect(other.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await leader.page.evaluate("goTo('hidden')")
    async with house.program(CLAIRE) as claire:
        cid = await begin(claire)
        await claire.wait_sent(claire.send_text(cid, "Premier."))
        await other.page.get_by_text("Plaie du talon").first.click(timeout=WAIT_MS)
        await other.sees("Premier.")

        await other.page.evaluate("goTo('hidden')")
        await claire.wait_sent(claire.send_text(cid, "Deuxième."))
        await shows(leader.page, "Nouveau message")
        assert await leader.page.evaluate("given") == 1, "of the second message alone"
        await other.page.evaluate("goTo('visible')")
        await shows(leader.page)
