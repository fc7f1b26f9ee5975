"""Worklist, queues and figures in a real browser: keys, what appears by itself, accessibility on phone and desktop."""

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from miss.directory.sample import people
from teleexpertise.house import build
from teleexpertise.settings import TeleexpertiseSettings
from tests.browser.test_tour import DESK, PHONE, Office, Seen, _holder, office
from tests.conditions import WAIT_S
from tests.teleexpertise.office import Letter

__all__ = ["office"]
pytestmark = pytest.mark.browser
SHOTS = os.environ.get("MISS_TEST_SCREENSHOTS", "")
"""A folder: pages are kept there, to be looked at."""


async def ask_another(office: Office, rank: int) -> None:
    """One more request, by mail, as it arrives while somebody looks at a list."""
    house = office.server.house
    paul = await house.practitioners.find_by_rpps(people.PAUL_EXEMPLE)
    assert paul is not None
    letter = Letter(sender=paul.mailboxes[0], message_id=f"<tableau-{rank}@medecin.mssante.example>")
    await house.intakes.keep(letter.sender, [f"teleexpertise@{house.settings.mail_domain}"], letter.compose())
    house.jobs.wake()


async def keep(seen: Seen, name: str) -> None:
    if SHOTS:
        await seen.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


async def pool_path(office: Office) -> str:
    service = build(office.server.house, TeleexpertiseSettings())
    async with office.server.house.db.snapshot() as tx:
        (pool, *_) = await service.dispatch.list_pools(tx)
    return f"/teleexpertise/coordination/{pool.id}"


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_boards_are_accessible(office: Office, viewport: dict[str, int]) -> None:
    tours = {
        await _holder(office): ["/teleexpertise/avis"],
        people.PAUL_EXEMPLE: ["/teleexpertise/demandes", "/teleexpertise/demandes?q=rien"],
        people.MARC_COORDO: ["/teleexpertise/coordination", await pool_path(office), "/teleexpertise/avis"],
    }
    for rpps, paths in tours.items():
        seen = await office.page(rpps, viewport=viewport)
        for rank, path in enumerate(paths):
            await seen.page.goto(path)
            await seen.check()
            await keep(seen, f"{viewport['width']}-{rpps}-{rank}")
            width = await seen.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{path} scrolls sideways"


async def test_a_new_assignment_appears_without_a_reload(office: Office) -> None:
    anne, karim = await office.page(people.ANNE_MODELE), await office.page(people.KARIM_ESSAI)
    for seen in (anne, karim):
        await seen.page.goto("/teleexpertise/avis")
    before = sum([await seen.page.locator("[data-row]").count() for seen in (anne, karim)])
    await ask_another(office, 1)

    async def rows() -> int:
        return sum([await seen.page.locator("[data-row]").count() for seen in (anne, karim)])

    async with asyncio.timeout(WAIT_S):
        while await rows() == before:
            await anne.page.wait_for_timeout(100)
    said = [await seen.page.locator("[data-live-status]").inner_text() for seen in (anne, karim)]
    assert any("Nouveau dans la liste\N{NO-BREAK SPACE}: TE" in words for words in said), said
    assert anne.complaints + karim.complaints == []


async def test_a_worklist_by_keys_alone(office: Office) -> None:
    seen = await office.page(await _holder(office))
    page = seen.page
    await page.goto("/teleexpertise/avis")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_have_attribute("open", "")
    await keep(seen, "keys")
    await page.keyboard.press("?")
    await page.keyboard.press("a")
    assert page.url.endswith("/avis"), "the first key chooses a row, and accepts nothing"
    await expect(page.locator("[data-row]").first).to_be_focused()
    await page.keyboard.press("d")
    await expect(page.locator("[data-row] select").first).to_be_focused()
    await page.keyboard.press("Escape")
    await page.locator("[data-row]").first.focus()
    await page.keyboard.press("a")
    await page.wait_for_url("**/repondre")


async def test_nothing_is_replaced_under_somebody_who_chooses(office: Office) -> None:
    rpps = await _holder(office)
    seen = await office.page(rpps)
    page = seen.page
    await page.goto("/teleexpertise/avis")
    await page.locator("[data-row]").first.focus()
    await page.keyboard.press("d")
    await page.locator("[data-row] select").first.select_option("scope")
    for rank in (2, 3):  # one of two in turn is theirs
        await ask_another(office, rank)
    await expect(page.locator("[data-live-held]")).to_be_visible()
    assert await page.locator("[data-row] select").first.input_value() == "scope"
    await seen.check()
    await page.locator("[data-live-reload]").click()
    await expect(page.locator("[data-row]")).to_have_count(2)
