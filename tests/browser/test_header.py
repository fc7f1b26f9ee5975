"""The head of every page: one row on a telephone, its menu behind a button that needs no script; a row on a desk."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from miss.directory.sample import people
from tests.browser.test_tour import PHONE, Office, office

__all__ = ["office"]

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("MISS_SHOTS", "")
TALLEST_PX = 110
"""Of 844: before, the menu and five buttons took a third."""


async def test_on_a_telephone_the_menu_opens_and_closes_by_keyboard(office: Office) -> None:
    seen = await office.page(people.PAUL_EXEMPLE, viewport=PHONE)
    page = seen.page
    box = await page.locator(".site-header").bounding_box()
    assert box is not None
    assert box["height"] <= TALLEST_PX
    entry = page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Annuaire")
    await expect(entry).to_be_hidden()
    await seen.check()

    button = page.get_by_role("button", name="Menu")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(entry).to_be_visible()
    await seen.check()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    if SHOTS:
        await page.screenshot(path=str(Path(SHOTS) / "menu-phone.png"))
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('#site-menu') !== null"), "the menu comes next"
    await page.keyboard.press("Escape")
    await expect(entry).to_be_hidden()
    await expect(button).to_be_focused()


async def test_on_a_desk_it_stands_in_a_row(office: Office) -> None:
    page = (await office.page(people.PAUL_EXEMPLE)).page
    await expect(page.get_by_role("link", name="Annuaire").first).to_be_visible()
    await expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    await expect(page.locator(".site-header__open")).to_be_hidden()
    if SHOTS:
        await page.screenshot(path=str(Path(SHOTS) / "menu-desk.png"))
