"""Three browsers, each a program of its own, and a Python client in one group at once, through a real server."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import async_playwright, expect

from miss.base.ids import ConversationId
from miss.client import Client
from miss.directory.sample import people
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE
from tests.clients.web.app_pages import WAIT_MS, Clinic, Tab, clinic, pair, revoke_the_other
from tests.clients.web.test_story import sees_all, until_shown
from tests.miss.client.chat_server import until_true

pytestmark = pytest.mark.browser

PAUL, CLAIRE, HUGO = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN, people.HUGO_FACTICE
GROUP = "Plaie du talon"


@asynccontextmanager
async def another_browser(house: Clinic) -> AsyncIterator[Clinic]:
    """The same house, seen from one more program."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield replace(house, browser=browser)
        finally:
            await browser.close()


def photo() -> bytes:
    """As a telephone takes it."""
    out = io.BytesIO()
    Image.effect_noise((2000, 1500), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


async def enter(tab: Tab) -> None:
    await tab.page.get_by_text(GROUP).first.click(timeout=WAIT_MS)


async def send_photo(tab: Tab, caption: str) -> None:
    await tab.page.locator("input[type=file]").last.set_input_files(
        {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    await tab.page.locator("dialog .text-input").fill(caption)
    await tab.press("Envoyer la photo")


async def react_to_last(tab: Tab) -> None:
    await tab.page.locator("article").last.focus()
    await tab.page.keyboard.press("+")
    await tab.press("Réagir 👍")


async def sees_reaction(tabs: tuple[Tab, ...], claire: Client, cid: ConversationId) -> None:
    for tab in tabs:
        await expect(tab.page.locator("article").last.locator(".reaction")).to_contain_text("👍", timeout=WAIT_MS)
    await until_true(claire, lambda: [one.emoji for one in claire.messages(cid)[-1].reactions] == ["👍"])


async def test_three_browsers_and_a_program_in_one_group(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        ward = await stack.enter_async_context(clinic(tmp_path))
        office, lab = [await stack.enter_async_context(another_browser(ward)) for _ in range(2)]
        phone = await ward.at_work(await ward.person(viewport=PHONE), PAUL, pin="")
        desk = await office.open(await office.person(viewport=DESK))
        await pair(phone, desk, "Poste du bureau")
        lab_context = await lab.person(viewport=DESK)
        hugo = await lab.at_work(lab_context, HUGO, pin="")
        claire = await stack.enter_async_context(ward.program(CLAIRE))
        found = [await claire.directory(name) for name in ("exemple", "factice")]
        cid = await claire.create_conversation(
            [entry.uid for entries in found for entry in entries if entry.uid], name=GROUP
        )
        tabs = (phone, desk, hugo)
        for tab in tabs:
            await enter(tab)

        # Each of the four writes at once: all see the same order, whatever it is.
        said = {"Du téléphone.", "Du bureau.", "Du laboratoire.", "D’un programme."}
        await asyncio.gather(
            claire.wait_sent(claire.send_text(cid, "D’un programme.")),
            *(tab.write(text) for tab, text in zip(tabs, sorted(said - {"D’un programme."}), strict=True)),
        )
        await until_true(claire, lambda: {message.text for message in claire.messages(cid)} >= said)
        story = [message.text for message in claire.messages(cid) if message.text in said]
        await sees_all(tabs, claire, *story)

        await send_photo(phone, "Ce matin, après détersion")
        story.append("Ce matin, après détersion")
        await sees_all(tabs, claire, *story)
        received = await claire.fetch_photo(claire.messages(cid)[-1])
        with Image.open(io.BytesIO(received)) as picture:
            width = picture.width
        for tab in tabs:
            whole = tab.page.locator(".photo__img:not(.photo__img--small)")
            await expect(whole).to_have_js_property("naturalWidth", width, timeout=WAIT_MS)
        await react_to_last(hugo)
        await sees_reaction(tabs, claire, cid)

        # One is away: both sides write, and what was written away comes after.
        await lab_context.set_offline(True)
        await hugo.write("Culture en cours.")
        await claire.wait_sent(claire.send_text(cid, "Avez-vous le résultat ?"))
        story.append("Avez-vous le résultat ?")
        for tab in (phone, desk):
            await until_shown(tab, *story)
        await lab_context.set_offline(False)
        story.append("Culture en cours.")
        await sees_all(tabs, claire, *story)

        # Left in a taxi, open: revoked from the desk.
        await desk.page.keyboard.press("Escape")
        await revoke_the_other(desk)
        await expect(phone.page.get_by_role("heading", name="Cet appareil a été révoqué")).to_be_visible(
            timeout=WAIT_MS
        )
        await desk.press("Retour")
        await enter(desk)
        await hugo.write("Staphylocoque doré.")
        await sees_all((desk, hugo), claire, *story, "Staphylocoque doré.")
        await expect(phone.page.locator(".msg__text")).to_have_count(0)
        await phone.check_looks()
