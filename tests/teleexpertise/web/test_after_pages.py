"""After the answer, through the pages, without script: aids, closing, survey, follow-up, billed acts."""

import re

from teleexpertise.requests.model import State
from tests.teleexpertise.follow_up.answering import answered
from tests.teleexpertise.web.conftest import Site
from tests.teleexpertise.web.test_pages import ADVICE, key_of


async def test_an_expert_writes_with_templates_and_codes_and_loses_nothing(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    request = await office.request()
    page = f"/teleexpertise/demandes/{request.number}/repondre"
    async with site.signed_in(office.expert(request)) as browser:
        blank = await browser.get("/teleexpertise/modeles/nouveau")
        fields = {"submission_key": key_of(blank), "title": "", "text": "Revoir dans [délai]."}
        refused = await browser.post("/teleexpertise/modeles/nouveau", data=fields)
        assert refused.status_code == 422
        assert "Revoir dans [délai]." in refused.text, "what was typed is kept"
        made = await browser.post("/teleexpertise/modeles/nouveau", data={**fields, "title": "Surveillance"})
        assert made.status_code == 303
        await browser.post(f"/teleexpertise/demandes/{request.number}/accepter")

        shown = await browser.get(page)
        found = re.search(r'<option value="([^"]+)" data-text="Revoir dans \[délai\]\.">Surveillance', shown.text)
        assert found is not None
        assert "1er TE2 de l’année pour ce patient, plafond 4." in shown.text
        typed = {"r.decision": "avis", "r.diagnostic": "dermite atop", "r.conduite": "Émollient.", "template": found[1]}
        searched = await browser.post(page, data={**typed, "act": "search"})
        assert searched.status_code == 200
        assert 'name="pick" value="L20.9"' in searched.text
        assert "Émollient." in searched.text
        assert "error-summary" not in searched.text, "a search complains of nothing"
        picked = await browser.post(page, data={**typed, "pick": "L20.9"})
        assert 'value="Dermite atopique, sans précision (L20.9)"' in picked.text
        inserted = await browser.post(page, data={**typed, "act": "insert"})
        assert "Émollient.\nRevoir dans [délai]." in inserted.text

        answer = {**ADVICE, "r.diagnostic": "Dermite atopique (L20.9)", "r.conduite": "Revoir dans [délai]."}
        gap = await browser.post(page, data=answer)
        assert gap.status_code == 422
        assert "il reste à remplir [délai]" in gap.text
        filled = await browser.post(page, data={**answer, "r.conduite": "Revoir dans trois mois."})
        assert filled.status_code == 303
        await browser.post(f"/teleexpertise/demandes/{request.number}/envoyer")
        response = (await browser.get(f"/teleexpertise/demandes/{request.number}/reponse.json")).json()
        assert "http://hl7.org/fhir/sid/icd-10" in str(response)

        month = await browser.get("/teleexpertise/cotations?mois=2026-11")
        assert request.number in month.text
        assert "à vérifier par l’exploitant" in month.text
        sheet = await browser.get("/teleexpertise/cotations.csv?mois=2026-11")
        assert f'"{request.number}";"TE2";"20,00";"1";"4"' in sheet.text
        assert "FICTIF" not in month.text + sheet.text
        assert "Rien n’a été coté" in (await browser.get("/teleexpertise/cotations?mois=2026-10")).text
        codes = (await browser.get("/teleexpertise/cim10?q=l20")).json()
        assert codes[0]["words"].endswith("(L20.9)")


async def test_a_deleted_template_is_offered_back(site: Site) -> None:
    async with site.signed_in(site.office.marc) as browser:
        listed = await browser.get("/teleexpertise/modeles")
        assert "Dermatologie du Nord" in listed.text
        pool = site.office.pool.id
        blank = await browser.get(f"/teleexpertise/modeles/nouveau?groupe={pool}")
        fields = {"submission_key": key_of(blank), "groupe": pool, "title": "Nævus", "text": "Photo dans [délai]."}
        await browser.post("/teleexpertise/modeles/nouveau", data=fields)
        page = f"/teleexpertise/modeles/{fields['submission_key']}"
        await browser.post(page, data={"title": "Nævus commun", "text": "Photo."})
        gone = await browser.post(f"{page}/supprimer", follow_redirects=True)
        assert "Nævus commun" not in gone.text
        assert "Annuler la suppression" in gone.text
        back = await browser.post(f"{page}/retablir", follow_redirects=True)
        assert "Nævus commun" in back.text
    async with site.signed_in(site.office.anne) as browser:
        assert "Nævus commun" in (await browser.get("/teleexpertise/modeles")).text
        assert (await browser.post(page, data={"title": "x", "text": "y"})).status_code == 404
        assert (await browser.get(f"/teleexpertise/modeles/nouveau?groupe={pool}")).status_code == 404


async def test_a_requester_closes_says_what_it_was_worth_and_begins_a_follow_up(site: Site) -> None:
    office = site.office
    request = await answered(office)
    page = f"/teleexpertise/demandes/{request.number}"
    async with site.signed_in(office.paul) as browser:
        assert f"{page}/cloture" in (await browser.get("/teleexpertise/demandes")).text
        asked = await browser.get(f"{page}/cloture")
        assert "Patient informé\N{NO-BREAK SPACE}: clôturer" in asked.text
        closed = await browser.post(f"{page}/cloture", follow_redirects=True)
        assert "Question 1 sur 3" in closed.text
        for question, verdict in (("useful", "yes"), ("changed", "no")):
            fields = {"question": question, "verdict": verdict}
            closed = await browser.post(f"{page}/questionnaire", data=fields, follow_redirects=True)
        assert "Question 3 sur 3" in closed.text
        wrong = await browser.post(f"{page}/questionnaire", data={"question": "avoided", "verdict": "partly"})
        assert wrong.status_code == 400
        closed = await browser.post(
            f"{page}/questionnaire", data={"question": "avoided", "verdict": "na"}, follow_redirects=True
        )
        assert "Merci" in closed.text

        begun = await browser.get(f"{page}/suivi")
        fields = {"submission_key": key_of(begun)}
        first = await browser.post(f"{page}/suivi", data=fields)
        again = await browser.post(f"{page}/suivi", data=fields)
        assert first.headers["location"] == again.headers["location"], "twice is once"
        draft = await browser.get(first.headers["location"])
        assert 'value="FICTIF"' in draft.text
        assert f"Suivi de l’avis {request.number}" in draft.text
        assert re.search(r'name="c.but" value="suivi"[^>]* checked', draft.text)
        assert not re.search(r'name="d.alerte" value="(true|false)"[^>]* checked', draft.text)
        follow_up = (await office.requests())[-1]
        assert (follow_up.state, follow_up.follows) == (State.DRAFT, request.id)

        series = await browser.get(f"{page}/serie")
        assert "Une seule demande de la série contient cette photo" in series.text
        [ref, *_] = re.findall(rf'src="{page}/serie/{request.number}/([^"]+)"', series.text)
        picture = await browser.get(f"{page}/serie/{request.number}/{ref}")
        assert picture.content.startswith(b"\xff\xd8")
        assert picture.headers["content-security-policy"].startswith("default-src 'none'")
    async with site.signed_in(office.expert(request)) as browser:
        for path in ("cloture", "suivi"):
            assert (await browser.get(f"{page}/{path}")).status_code == 404
            assert (await browser.post(f"{page}/{path}")).status_code == 404
        assert (await browser.get(f"{page}/serie")).status_code == 200
