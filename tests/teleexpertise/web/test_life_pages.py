"""The life of a request through its pages, without script: questions, corrections, second eyes, appointments."""

import re
from datetime import timedelta

from teleexpertise.requests.model import State
from tests.teleexpertise.answers.test_reorientation import open_wounds
from tests.teleexpertise.office import ANSWERS, END, HEADER, photo, text_of
from tests.teleexpertise.web.conftest import Site
from tests.teleexpertise.web.test_pages import ADVICE, key_of

QUESTION = {
    "r.decision": "precisions",
    "r.precisions": ["d.diametre", "d.photo.proche"],
    "r.precisions.texte": "Une photo plus nette, et la taille ?",
    "r.qualite": "limite",
}


async def taken(site: Site, extra: str = "") -> str:
    """The page of a request that its expert has accepted."""
    office = site.office
    await office.deliver(office.letter(text=HEADER + ANSWERS + extra + END))
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    return f"/teleexpertise/demandes/{request.number}"


async def test_exactly_the_items_asked_for_are_asked_and_the_expert_sees_old_and_new(site: Site) -> None:
    office, page = site.office, await taken(site)
    expert = office.expert(await office.request())
    async with site.signed_in(expert) as by_expert, site.signed_in(office.paul) as browser:
        await by_expert.post(f"{page}/repondre", data=QUESTION)
        await by_expert.post(f"{page}/envoyer")
        await office.run_jobs()
        asked = text_of(office.mails_to(office.paul)[-1])
        assert "   d.diametre :" in asked
        assert "d.photo.proche :" not in asked, "photographs are attached, not written"
        shown = await browser.get(page)
        assert f'href="{page}/preciser"' in shown.text
        form = await browser.get(f"{page}/preciser")
        assert "Une photo plus nette, et la taille ?" in form.text
        assert set(re.findall(r'name="(d\.[^"]+)"', form.text)) == {"d.diametre", "d.photo.proche"}
        blank = await browser.post(f"{page}/preciser", data={"submission_key": key_of(form)})
        assert blank.status_code == 422
        assert 'href="#text"' in blank.text
        assert (await office.request()).state is State.ON_HOLD
        told = await browser.post(
            f"{page}/preciser",
            data={"submission_key": key_of(blank), "d.diametre": "neuf <b>ou dix</b>", "text": "Merci."},
            files=[("d.photo.proche", ("nette.jpg", photo("red"), "image/jpeg"))],
        )
        assert told.status_code == 303
        assert (await browser.get(f"{page}/preciser")).status_code == 303, "nothing is asked any more"
        assert (await office.request()).state is State.IN_PROGRESS
        shown = await by_expert.get(page)
        [row] = re.findall(r"<tr>\s*<th scope=\"row\">Photo 2.*?</tr>", shown.text, re.DOTALL)
        assert len(set(re.findall(rf'src="{page}/pieces/([^"]+)"', row))) == 2, "the old one beside the new one"
        assert "neuf &lt;b&gt;ou dix&lt;/b&gt;" in shown.text, "what is no number is still said"
        assert row in (await by_expert.get(f"{page}/repondre")).text


async def test_a_slip_is_called_off_and_a_request_sent_elsewhere(site: Site) -> None:
    office = site.office
    await open_wounds(office)
    await office.deliver(office.letter())
    request = await office.request()
    page = f"/teleexpertise/demandes/{request.number}"
    async with site.signed_in(office.paul) as browser:
        assert "Annuler l’envoi" in (await browser.get(page)).text
        assert (await browser.post(f"{page}/annuler-envoi")).status_code == 303
        assert "Envoyée par erreur" in (await browser.get(page)).text
        assert (await browser.post(f"{page}/annuler-envoi")).status_code == 409
    await office.deliver(office.letter(2))
    second = (await office.requests())[-1]
    holder = office.expert(second)
    await office.service.requests.accept(second.id, holder.id)
    async with site.signed_in(holder) as browser:
        assert (await browser.get(page)).status_code == 404, "the first one is nobody's any more"
        page = f"/teleexpertise/demandes/{second.number}"
        answer = {"r.decision": "reorientation", "r.motif": "hors-champ", "r.qualite": "suffisante"}
        await browser.post(f"{page}/repondre", data=answer)
        preview = await browser.get(f"{page}/apercu")
        [pool_id] = re.findall(r'<option value="([^"]+)">Plaies du Nord', preview.text)
        sent = await browser.post(
            f"{page}/envoyer", data={"pool": pool_id, "word": "Pour vous."}, follow_redirects=True
        )
        assert "transmise à l’autre groupe" in sent.text
    await office.run_jobs()
    assert (await office.requests())[-1].holder == office.claire.id


async def test_second_eyes_an_appointment_and_a_correction(site: Site) -> None:
    office, page = site.office, await taken(site, "c.conversion : oui\n")
    request = await office.request()
    expert = office.expert(request)
    second = office.karim if expert is office.anne else office.anne
    soon = office.house.clock.now() + timedelta(days=4)
    async with site.signed_in(expert) as by_expert, site.signed_in(office.paul) as by_requester:
        await by_expert.post(f"{page}/seconde-lecture", data={"question": "Votre avis ?"})
        slot = {"slot": [f"{soon:%Y-%m-%d}T10:00", ""], "contact": "Secrétariat"}
        assert (await by_expert.post(f"{page}/rendez-vous", data=slot)).status_code == 303
        assert "Demandée à un confrère" in (await by_expert.get(page)).text
        async with site.signed_in(second) as browser:
            listed = await browser.get("/teleexpertise/secondes-lectures")
            [reading] = re.findall(r'href="(/teleexpertise/secondes-lectures/[^"]+)"', listed.text)
            shown = await browser.get(reading)
            for word in ("FICTIF", "BASTIEN", "EXEMPLE", "1985"):
                assert word not in shown.text.upper()
            assert "Âge\N{NO-BREAK SPACE}: 41 ans" in shown.text
            picture = await browser.get(f"{reading}/photos/1")
            assert picture.headers["content-type"] == "image/jpeg"
            assert (await browser.get(f"{reading}/photos/x")).status_code == 404
            assert (await browser.post(f"{reading}/rendre", data={"opinion": " "})).status_code == 422
            given = await browser.post(f"{reading}/rendre", data={"opinion": "D’accord.", "nom": "oui"})
            assert given.status_code == 303
            assert (await browser.get(page)).status_code == 404, "a second reader never sees the request itself"
        shown = await by_requester.get(page)
        assert "D’accord." not in shown.text
        [accept, chosen] = re.findall(r'action="([^"]+/accepter)"|name="slot" value="([^"]+)"', shown.text)
        assert (await by_requester.post(accept[0], data={"slot": chosen[1]})).status_code == 303
        shown = await by_expert.get(page)
        assert "D’accord." in shown.text
        assert "accepté" in shown.text
        await by_expert.post(f"{page}/repondre", data=ADVICE)
        await by_expert.post(f"{page}/envoyer")
        form = await by_expert.get(f"{page}/corriger")
        assert "Nævus commun (D22)" in form.text
        corrected = {**ADVICE, "r.conduite": "Exérèse.", "submission_key": key_of(form)}
        saved = await by_expert.post(f"{page}/corriger", data=corrected)
        preview = await by_expert.get(saved.headers["location"])
        assert "ANNULE ET REMPLACE l&#39;avis du" in preview.text
        assert (await by_expert.post(f"{page}/corriger/envoyer")).status_code == 303
        shown = await by_requester.get(page)
        assert "Exérèse." in shown.text
        assert "Version 1, annulée et remplacée" in shown.text
        assert f"seconde lecture, par {second.display_name}" in shown.text
