"""A question, second eyes and a correction in a real browser: axe finds nothing, nothing scrolls sideways."""

import os
from pathlib import Path

import pytest
from playwright.async_api import FilePayload

from miss.directory.sample import people
from tests.browser.test_tour import DESK, PHONE, Office, Seen, _holder, office
from tests.teleexpertise.office import photo

__all__ = ["office"]

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("MISS_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_life_of_a_request_beside_its_answer(office: Office, viewport: dict[str, int]) -> None:
    device, request = "phone" if viewport is PHONE else "desk", f"/teleexpertise/demandes/{office.number}"

    async def look(seen: Seen, name: str) -> None:
        await seen.check()
        assert await seen.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name
        if SHOTS:
            await seen.page.screenshot(path=str(Path(SHOTS) / f"{name}-{device}.png"), full_page=True)

    holder = await _holder(office)
    expert = await office.page(holder, viewport=viewport)
    page = expert.page
    await page.goto(request)
    await page.locator(f"form[action$='/{office.number}/accepter'] button").first.press("Enter")
    await page.wait_for_url("**/repondre")
    await page.goto(request)
    await page.get_by_text("Demander une seconde lecture").first.click()
    await page.fill("#second-question", "D’accord pour surveiller ?")
    await look(expert, "demande-expert")
    await page.press("#second-question", "Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("Demandée à un confrère").wait_for()

    second = people.KARIM_ESSAI if holder == people.ANNE_MODELE else people.ANNE_MODELE
    reader = await office.page(second, viewport=viewport)
    await reader.page.goto("/teleexpertise/secondes-lectures")
    await look(reader, "secondes-lectures")
    await reader.page.locator("main .card--link").first.click()
    await look(reader, "seconde-lecture")
    await reader.page.fill("#opinion", "D’accord, à revoir à trois mois.")
    await reader.page.get_by_role("button", name="Rendre ma lecture").press("Enter")
    await reader.page.wait_for_url("**/secondes-lectures?fin=rendue")
    await look(reader, "secondes-lectures-vides")

    await page.goto(f"{request}/repondre")
    await page.check("[name='r.decision'][value='precisions']")
    await page.check("[name='r.precisions'][value='d.photo.proche']")
    await page.check("[name='r.precisions'][value='d.diametre']")
    await page.fill("[name='r.precisions.texte']", "Une photo plus nette, avec la réglette ?")
    await page.check("[name='r.qualite'][value='limite']")
    await page.get_by_role("button", name="Voir l’aperçu").last.press("Enter")
    await page.wait_for_url("**/apercu")
    await page.get_by_role("button", name="Envoyer la question").press("Enter")
    await page.wait_for_url("**/termine?fin=precisions")

    asker = await office.page(people.PAUL_EXEMPLE, viewport=viewport)
    await asker.page.goto(request)
    await look(asker, "demande-question")
    await asker.page.get_by_role("link", name="Répondre aux points demandés").press("Enter")
    await asker.page.wait_for_url("**/preciser")
    await look(asker, "preciser")
    await asker.page.get_by_role("button", name="Envoyer à l’expert").press("Enter")
    await asker.page.locator("[role='alert']").wait_for()
    asker.complaints.clear()  # the browser tells of the 422 itself
    await look(asker, "preciser-vide")
    await asker.page.fill("[name='d.diametre']", "8")
    picture: FilePayload = {"name": "nette.jpg", "mimeType": "image/jpeg", "buffer": photo("red")}
    await asker.page.set_input_files("[name='d.photo.proche']", files=[picture])
    await asker.page.get_by_role("button", name="Envoyer à l’expert").press("Enter")
    await asker.page.wait_for_url(f"**{request}")

    await page.goto(request)
    await look(expert, "avant-apres")
    await page.goto(f"{request}/repondre")
    await page.check("[name='r.decision'][value='avis']")
    await page.fill("[name='r.diagnostic']", "Nævus commun (D22)")
    for name, value in (("r.certitude", "probable"), ("r.orientation", "aucune"), ("r.cotation", "te2")):
        await page.check(f"[name='{name}'][value='{value}']")
    await page.check("[name='r.qualite'][value='suffisante']")
    await page.fill("[name='r.conduite']", "Surveillance.")
    await page.get_by_role("button", name="Voir l’aperçu").last.press("Enter")
    await page.wait_for_url("**/apercu")
    await page.get_by_role("button", name="Envoyer l’avis").press("Enter")
    await page.wait_for_url("**/termine?fin=avis")
    await page.goto(f"{request}/corriger")
    await look(expert, "corriger")
    await page.fill("[name='r.conduite']", "Exérèse sous quinze jours.")
    await page.get_by_role("button", name="Voir l’aperçu").last.press("Enter")
    await page.wait_for_url("**/corriger/apercu")
    await look(expert, "correction-apercu")
    await page.get_by_role("button", name="Envoyer la correction").press("Enter")
    await page.get_by_text("Version 1, annulée et remplacée").wait_for()
    await look(expert, "corrige")
    assert expert.complaints == reader.complaints == asker.complaints == []
