"""Answering well and what follows, in a real browser: keyboard alone, phone and desk, axe on every page."""

import os
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from miss.directory.sample import people
from tests.browser.test_tour import DESK, PHONE, Office, Seen, _holder, office
from tests.teleexpertise.office import photo

__all__ = ["office"]

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("MISS_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""


async def shoot(seen: Seen, name: str) -> None:
    if SHOTS:
        await seen.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_an_answer_from_a_template_with_a_code_by_keyboard_alone(
    office: Office, viewport: dict[str, int]
) -> None:
    holder = await _holder(office)
    seen = await office.page(holder, viewport=viewport)
    page, device = seen.page, "phone" if viewport is PHONE else "desk"
    await page.goto("/teleexpertise/modeles")
    await seen.check()
    await page.goto("/teleexpertise/modeles/nouveau")
    await page.fill("#title", "Eczéma : dermocorticoïde")
    await page.fill("#text", "Bétaméthasone crème, [dose] pendant [délai].\nÉmollient tous les jours.")
    await seen.check()
    await shoot(seen, f"modele-{device}")
    await page.press("#title", "Enter")
    await page.wait_for_url("**/modeles")
    await shoot(seen, f"modeles-{device}")

    await page.goto(f"/teleexpertise/demandes/{office.number}")
    await page.locator(f"form[action$='/{office.number}/accepter'] button").first.press("Enter")
    await page.wait_for_url("**/repondre")
    keys = 0

    async def press(key: str) -> None:
        nonlocal keys
        keys += 1
        await page.keyboard.press(key)

    await page.locator("[name='r.decision']").first.focus()
    await press("Space")
    diagnosis = page.locator("[name='r.diagnostic']")
    await diagnosis.wait_for(state="visible")
    await press("Tab")
    assert await diagnosis.evaluate("element => element === document.activeElement")
    for letter in "dermite atop":
        await press(letter)
    option = page.locator("[role='option']").first
    await option.wait_for(state="visible")
    await seen.check()
    await shoot(seen, f"code-{device}")
    await press("ArrowDown")
    await press("Enter")
    await expect(diagnosis).to_have_value("Dermite atopique, sans précision (L20.9)")
    await page.locator("[name='r.certitude'][value='probable']").focus()
    await press("Space")
    await page.locator("#template").focus()
    await press("ArrowDown")
    await press("Enter")
    await page.keyboard.type("1 application par jour")
    await press("F2")
    await page.keyboard.type("10 jours")
    conduct = await page.input_value("[name='r.conduite']")
    assert conduct.startswith("Bétaméthasone crème, 1 application par jour pendant 10 jours.")
    for name, value in (("r.orientation", "aucune"), ("r.qualite", "suffisante"), ("r.cotation", "te2")):
        await page.locator(f"[name='{name}'][value='{value}']").focus()
        await press("Space")
    await page.fill("[name='r.suivi']", "14")
    await seen.check()
    await shoot(seen, f"repondre-{device}")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], "scrolls sideways"
    await press("Control+Enter")
    await page.wait_for_url("**/apercu")
    assert "L20.9" in await page.inner_text(".letter")
    await page.locator(f"form[action$='/{office.number}/envoyer'] button").press("Enter")
    await page.wait_for_url("**/termine?fin=avis")
    await page.goto("/teleexpertise/cotations")
    await seen.check()
    await shoot(seen, f"cotations-{device}")
    assert keys < 40, "an answer is a matter of a few keys beside its own words"

    await _follow(office, viewport, device)


async def _follow(office: Office, viewport: dict[str, int], device: str) -> None:
    """The requester closes, says what it was worth, and begins the follow-up."""
    seen = await office.page(people.PAUL_EXEMPLE, viewport=viewport)
    page, request = seen.page, f"/teleexpertise/demandes/{office.number}"
    for path in ("/teleexpertise/demandes", request, f"{request}/cloture"):
        await page.goto(path)
        await seen.check()
    await shoot(seen, f"cloture-{device}")
    await page.get_by_role("button", name="Patient informé").press("Enter")
    for name in ("Oui", "Non", "Sans objet"):
        await seen.check()
        await shoot(seen, f"questionnaire-{device}")
        await page.get_by_role("button", name=name, exact=True).press("Enter")
    await page.get_by_role("heading", name="Merci").wait_for()
    await seen.check()
    await page.goto(f"{request}/suivi")
    await seen.check()
    await shoot(seen, f"suivi-{device}")
    await page.get_by_role("button", name="Commencer le suivi").press("Enter")
    await page.wait_for_url("**/completer")
    number = page.url.split("/")[-2]
    for name, value in (("d.alerte", "false"), ("c.delai", "72h"), ("c.information", "true")):
        await page.locator(f"[name='{name}'][value='{value}']").check()
    if await page.locator("[name='d.diametre']").is_visible():
        await page.fill("[name='d.diametre']", "5")
    for name, colour in (("d.photo.large", "tan"), ("d.photo.proche", "peru")):
        file = FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=photo(colour, size=(1600, 1200)))
        await page.locator(f"input[type='file'][name='{name}']").set_input_files([file])
        picture = page.locator(f"[data-item='{name}'] img")
        await picture.first.wait_for()
    await shoot(seen, f"suivi-formulaire-{device}")
    await page.get_by_role("button", name="Envoyer la demande").press("Enter")
    await page.wait_for_url(f"**/demandes/{number}")
    seen.complaints.clear()
    await page.goto(f"/teleexpertise/demandes/{number}/serie")
    await seen.check()
    await shoot(seen, f"serie-{device}")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], "scrolls sideways"
