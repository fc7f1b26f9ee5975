"""An expert works through their list without a mouse: from the worklist to « parti », and on to the next request.

Tab, Enter and the arrows alone, beside the words that are typed; nothing is focused, clicked or filled in by the test.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.async_api import Page

from tests.browser.test_tour import DESK, PHONE, Office, _holder, office

__all__ = ["office"]

pytestmark = pytest.mark.browser

FAR = 60
"""More stops than any page has before what is looked for."""
MOST_KEYS = 100
"""Beside the text: an answer is not to be a matter of pressing Tab."""


@dataclass
class Keys:
    """A keyboard."""

    page: Page
    pressed: int = 0

    async def press(self, key: str) -> None:
        self.pressed += 1
        await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def is_at(self, selector: str) -> bool:
        return bool(await self.page.evaluate("selector => document.activeElement?.matches(selector)", selector))

    async def tab_to(self, selector: str) -> None:
        """Tab until the focus is there."""
        for _ in range(FAR):
            await self.press("Tab")
            if await self.is_at(selector):
                return
        pytest.fail(f"no Tab leads to {selector} on {self.page.url}")

    async def skip(self) -> None:
        """Over the menu, by the page's first link."""
        await self.tab_to(".skip-link")
        await self.press("Enter")

    async def choose(self, name: str, value: str) -> None:
        """One of a group, by the arrows."""
        await self.tab_to(f"[name='{name}']")
        for _ in range(FAR):
            await self.press("ArrowDown")
            if await self.is_at(f"[value='{value}']:checked"):
                return
        pytest.fail(f"no arrow leads to {value} in {name}")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_an_answer_leaves_and_the_next_request_opens_by_keyboard_alone(
    office: Office, viewport: dict[str, int]
) -> None:
    # Three requests, two experts who take turns: one of them has two.
    for _ in range(2):
        await office.story.ask_again()
    holder = await _holder(office)
    seen = await office.page(holder, viewport=viewport)
    page, keys = seen.page, Keys(seen.page)
    await page.goto("/teleexpertise/avis")
    await page.locator("[data-row]").nth(1).wait_for()
    first, second = [await row.get_attribute("data-row") for row in await page.locator("[data-row]").all()]
    await seen.check()

    await keys.skip()
    await keys.tab_to("[data-key='a']")
    await keys.press("Enter")
    await page.wait_for_url(f"**/demandes/{first}/repondre")
    await keys.skip()
    await keys.choose("r.decision", "avis")
    await keys.tab_to("[name='r.diagnostic']")
    await keys.type("dermite atop")
    await page.locator("[role='option']").first.wait_for()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    assert await page.input_value("[name='r.diagnostic']") == "Dermite atopique, sans précision (L20.9)"
    await keys.choose("r.certitude", "probable")
    await keys.tab_to("[name='r.conduite']")
    await keys.type("Contrôle à trois mois.")
    for name, value in (("r.orientation", "1mois"), ("r.qualite", "suffisante"), ("r.cotation", "te2")):
        await keys.choose(name, value)
    await seen.check()
    await keys.tab_to("form[data-guided-form] .actions button")
    await keys.press("Enter")
    await page.wait_for_url("**/apercu")
    await seen.check()
    assert await keys.is_at(".letter"), "the letter is read, and scrolled by the arrows, at once"
    await keys.press("Tab")
    assert await keys.is_at(f"form[action$='/{first}/envoyer'] button")
    await keys.press("Enter")

    await page.wait_for_url(f"**/avis/{first}/termine?fin=avis")
    await seen.check()
    await page.wait_for_function("document.activeElement?.matches('main a')")
    await keys.press("Enter")
    await page.wait_for_url(re.compile(rf"/demandes/{second}$"))
    await keys.skip()
    await keys.tab_to("form[action$='/accepter'] button")
    await keys.press("Enter")
    await page.wait_for_url(f"**/demandes/{second}/repondre")
    assert keys.pressed <= MOST_KEYS, f"{keys.pressed} keys beside the text"
    assert seen.complaints == []


async def test_what_is_missing_is_found_and_mended_by_keyboard_alone(office: Office) -> None:
    seen = await office.page(await _holder(office))
    page, keys = seen.page, Keys(seen.page)
    await page.goto("/teleexpertise/avis")
    await keys.skip()
    await keys.tab_to("[data-key='a']")
    await keys.press("Enter")
    await page.wait_for_url("**/repondre")
    await keys.skip()
    await keys.choose("r.decision", "avis")
    await keys.press("Enter")
    await page.locator("[data-error-summary]").wait_for()
    seen.complaints.clear()  # the browser logs the 422 of the refused form
    assert await page.evaluate("document.querySelector('[data-error-summary]').contains(document.activeElement)")
    await keys.tab_to("[data-error-summary] a[href='#f-r-conduite']")
    await keys.press("Enter")
    assert await keys.is_at("[name='r.conduite']"), "the link leads to the question"
    await keys.type("Contrôle à trois mois.")
    assert await page.input_value("[name='r.conduite']") == "Contrôle à trois mois."
    assert seen.complaints == []
