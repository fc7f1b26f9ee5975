"""The forms, read and tried out by those who write them."""

import json
from pathlib import Path

import httpx
import pytest

import forms
from tests.teleexpertise.web.conftest import Site

SIXTH = Path(__file__).parents[2] / "forms" / "pied-diabetique" / "1.0.0.json"
PLAIES = Path(forms.__file__).parent / "plaies" / "1.0.0.json"


async def tried(browser: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await browser.post("/teleexpertise/formulaires/essai", files={"file": ("f.json", content)})


async def test_every_form_is_listed_and_shown_as_it_is_asked(site: Site) -> None:
    async with site.signed_in(site.office.anne) as browser:
        listed = (await browser.get("/teleexpertise/formulaires")).text
        for form in site.office.service.registry.forms:
            assert f"/teleexpertise/formulaires/{form.id}" in listed
            shown = (await browser.get(f"/teleexpertise/formulaires/{form.id}")).text
            assert [item.link_id for item in form.questions() if f"<code>{item.link_id}</code>" not in shown] == []
        assert "Brouillon, à approuver" in listed
        wounds = (await browser.get("/teleexpertise/formulaires/plaies")).text
    assert wounds.index('name="p.alerte"') < wounds.index('name="c.delai"') < wounds.index('name="p.type"')
    assert "Seulement si : Type" in wounds


async def test_the_text_for_a_mail_is_the_template(site: Site) -> None:
    async with site.signed_in(site.office.anne) as browser:
        text = await browser.get("/teleexpertise/formulaires/plaies/modele.txt")
        nowhere = await browser.get("/teleexpertise/formulaires/inconnu")
        answer = await browser.get("/teleexpertise/formulaires/reponse/modele.txt")
    assert text.headers["content-type"].startswith("text/plain")
    assert "Formulaire : plaies 1.1.0" in text.text
    assert (nowhere.status_code, answer.status_code) == (404, 404)


async def test_a_file_is_tried_out_and_nothing_is_kept(site: Site) -> None:
    async with site.signed_in(site.office.anne) as browser:
        shown = await tried(browser, SIXTH.read_bytes())
        after = await browser.get("/teleexpertise/formulaires/pied-diabetique")
    assert shown.status_code == 200
    assert "Essai de votre fichier\N{NO-BREAK SPACE}: aucun défaut" in shown.text
    assert "Contact osseux à la sonde" in shown.text
    assert 'name="c.question"' in shown.text
    assert after.status_code == 404


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        (b"{", "", "JSON"),
        (b'{"resourceType": "Patient"}', "resourceType", ""),
        (PLAIES.read_bytes().replace(b'"linkId": "p.siege"', b'"linkId": "p.type"', 1), "p.type", "duplicate"),
        (PLAIES.read_bytes().replace(b'"question": "p.type"', b'"question": "p.nulle"', 1), "p.stade", "p.nulle"),
    ],
    ids=["no JSON", "no form", "a linkId twice", "a condition on nothing"],
)
async def test_every_fault_is_named_with_its_place(site: Site, content: bytes, path: str, said: str) -> None:
    async with site.signed_in(site.office.anne) as browser:
        refused = await tried(browser, content)
    assert refused.status_code == 422
    assert "Ce fichier n’est pas encore un formulaire" in refused.text
    assert path in refused.text
    assert said in refused.text


async def test_a_form_too_large_or_no_file_is_said(site: Site) -> None:
    heavy = json.dumps({"resourceType": "Questionnaire", "x": "a" * (1 << 20)}).encode()
    async with site.signed_in(site.office.anne) as browser:
        assert (await tried(browser, heavy)).status_code == 413
        assert (await browser.post("/teleexpertise/formulaires/essai", data={"a": "b"})).status_code == 422
