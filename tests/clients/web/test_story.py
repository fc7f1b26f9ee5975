"""One evening of a ward through the pages: a telephone, a workstation, a program in one group; what breaks meanwhile.

The server of the first story is a process of its own, killed while messages are on their way.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from miss.base.clock import SystemClock
from miss.client import Client
from miss.directory.sample import people
from miss.server.demo.people import load_directory
from miss.server.settings import Settings
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE
from tests.clients.web.app_pages import WAIT_MS, Clinic, Tab, built, clinic, pair, revoke_the_other
from tests.e2e.compose import Process
from tests.miss.client.chat_server import until_true
from tests.miss.client.devices import texts
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

PAUL, CLAIRE, HUGO = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN, people.HUGO_FACTICE
MISS = Path(sys.executable).with_name("miss")
GROUP = "Plaie du talon"
PATIENCE_S = 75


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with clinic(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def process(settings: Settings) -> AsyncIterator[Process]:
    """`miss serve` with these settings, healthy."""
    said = {
        "MISS_DATA_DIR": str(settings.data_dir),
        "MISS_PORT": str(settings.port),
        "MISS_MAIL_PORT": str(settings.mail_port),
        "MISS_LOG_LEVEL": "WARNING",
    }
    started = await asyncio.create_subprocess_exec(
        MISS,
        "serve",
        env={**os.environ, **said},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    running = Process(started, f"http://127.0.0.1:{settings.port}", settings.mail_port)
    try:
        await running.wait_healthy()
        yield running
    finally:
        await running.stop()


async def until_shown(tab: Tab, *wanted: str) -> None:
    """Exactly these texts in the open conversation, from the oldest on."""
    await expect(tab.page.locator(".msg__text")).to_have_text(list(wanted), timeout=PATIENCE_S * 1000)


async def sees_all(tabs: Sequence[Tab], client: Client, *wanted: str) -> None:
    for tab in tabs:
        await until_shown(tab, *wanted)
    (conversation,) = client.conversations()
    events = client.events()
    # It waits up to a minute before it tries again.
    async with asyncio.timeout(PATIENCE_S):
        while texts(client, conversation.cid) != list(wanted):
            await anext(events)


async def test_three_people_a_killed_server_and_a_lost_network(tmp_path: Path) -> None:
    built()
    settings = settings_in(tmp_path)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        async with serving(settings) as server:
            # Linked while the server is at hand: the codes come out of it.
            await load_directory(server.house)
            house = Clinic(server, browser, tmp_path)
            phone = await house.person(viewport=PHONE)
            paul = await house.at_work(phone, PAUL, pin="")
            hugo = await house.at_work(await house.person(viewport=DESK), HUGO, pin="")
            stack = house.program(CLAIRE)
            claire = await stack.__aenter__()
            found = [await claire.directory(name) for name in ("exemple", "factice")]
            uids = [entry.uid for entries in found for entry in entries if entry.uid]
            assert len(uids) == 2
            cid = await claire.create_conversation(uids, name=GROUP)
            await claire.wait_sent(claire.send_text(cid, "Qui voit le patient ?"))
            for tab in (paul, hugo):
                await tab.page.get_by_text(GROUP).first.click(timeout=WAIT_MS)
            await sees_all((paul, hugo), claire, "Qui voit le patient ?")
        try:
            async with process(settings) as first:
                await paul.write("J’y vais.")
                await sees_all((paul, hugo), claire, "Qui voit le patient ?", "J’y vais.")
                await first.kill()
            # Nobody answers: what is written waits, and says so.
            await paul.sees("Hors connexion")
            await paul.write("Température 38,4.")
            await hugo.sees("Hors connexion")
            await paul.check_looks()
            async with process(settings):
                story = ["Qui voit le patient ?", "J’y vais.", "Température 38,4."]
                await sees_all((paul, hugo), claire, *story)
                await hugo.write("Hémocultures ?")
                story.append("Hémocultures ?")
                await sees_all((paul, hugo), claire, *story)
                # A tunnel: what one writes in it leaves in order, once.
                await phone.set_offline(True)
                for text in ("Prélevées.", "Je repasse ce soir.", "Vers 19 h."):
                    await paul.write(text)
                await phone.set_offline(False)
                story += ["Prélevées.", "Je repasse ce soir.", "Vers 19 h."]
                await sees_all((paul, hugo), claire, *story)
                await hugo.check_looks()
        finally:
            await stack.__aexit__(None, None, None)
            await browser.close()


async def test_a_revoked_browser_says_so_and_keeps_nothing(house: Clinic) -> None:
    context = await house.person()
    old = await house.at_work(context, PAUL, pin="")
    new = await house.open(await house.person(viewport=DESK))
    await pair(old, new, "Poste du bureau")
    await revoke_the_other(new)
    await expect(old.page.get_by_role("heading", name="Cet appareil a été révoqué")).to_be_visible(timeout=WAIT_MS)
    await old.sees("Ses messages et ses clés ont été effacés.")
    await old.check_looks()
    await old.page.reload()
    await expect(old.page.get_by_role("heading", name="Relier ce navigateur")).to_be_visible(timeout=WAIT_MS)


FULL = """(() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...given) {
    if (localStorage.getItem("full")) throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, given);
  };
})()"""


async def test_a_full_disk_and_a_wrong_clock_lose_nothing(house: Clinic) -> None:
    context = await house.person()
    await context.add_init_script(FULL)
    tab = await house.at_work(context, PAUL, pin="")
    async with house.program(CLAIRE) as claire:
        uid = next(entry.uid for entry in await claire.directory("exemple") if entry.uid)
        cid = await claire.create_conversation([uid], name=GROUP)
        await claire.wait_sent(claire.send_text(cid, "Où en est la plaie ?"))
        await tab.page.get_by_text(GROUP).first.click(timeout=WAIT_MS)
        await until_shown(tab, "Où en est la plaie ?")

        await tab.page.evaluate("localStorage.setItem('full', '1')")
        await tab.write("Elle se referme.")
        await tab.sees("La mémoire de ce navigateur est pleine")
        box = tab.page.get_by_role("textbox").last
        await expect(box).to_have_value("Elle se referme.")
        await claire.wait_sent(claire.send_text(cid, "Pendant ce temps."))
        await tab.page.evaluate("localStorage.removeItem('full')")
        await box.press("Enter")
        await until_true(claire, lambda: "Elle se referme." in texts(claire, cid))
        await tab.sees("Pendant ce temps.")

        # Three days ahead: it signs in all the same, and what it writes then bears the server's time
        await tab.page.clock.install()
        await tab.page.clock.set_system_time(SystemClock().now() + timedelta(days=3))
        await tab.page.reload()
        await claire.wait_sent(claire.send_text(cid, "Quelle heure est-il ?"))
        await tab.sees("Quelle heure est-il ?")
        await tab.write("Tard.")
        await until_true(claire, lambda: "Tard." in texts(claire, cid))
        written = next(one for one in claire.messages(cid) if one.text == "Tard.")
        assert abs((written.sent_at - written.deposited_at).total_seconds()) < 60
