"""Whole ways through the pages, by httpx on a real server: without script, as on the oldest tablet."""

import re
from datetime import UTC, datetime, timedelta

import httpx
from starlette.routing import Mount, Route

from miss.base.clock import MovableClock
from teleexpertise.requests.model import State
from teleexpertise.web.desk import Desk
from teleexpertise.web.routes import routes
from tests.teleexpertise.office import ANSWERS, END, HEADER, photo, text_of
from tests.teleexpertise.web.conftest import Site

ADVICE = {
    "r.decision": "avis",
    "r.diagnostic": "Nævus commun (D22)",
    "r.certitude": "probable",
    "r.conduite": "Pas d'exérèse ; <b>photo</b> dans trois mois.",
    "r.orientation": "aucune",
    "r.qualite": "suffisante",
    "r.cotation": "te2",
}
REQUEST = {
    "d.alerte": "false",
    "c.patient.nom": "FICTIF",
    "c.patient.prenoms": "BASTIEN",
    "c.patient.naissance": "1985-07-14",
    "c.patient.sexe": "M",
    "c.delai": "72h",
    "c.but": "diagnostic",
    "c.question": "Faut-il retirer cette lésion ? <script>alert(1)</script>",
    "c.terrain": ["aucun"],
    "c.allergie": "false",
    "c.information": "true",
    "d.type": "eruption",
    "d.siege": ["tronc", "cou"],
    "d.debut": "1-4sem",
    "d.evolution": "stable",
    "d.signes": ["prurit"],
    "d.medicament": "false",
    "d.essai": ["rien"],
}
PHOTOS = [
    ("d.photo.large", ("vue.jpg", photo(), "image/jpeg")),
    ("d.photo.proche", ("pres.jpg", photo("sienna"), "image/jpeg")),
]


def key_of(page: httpx.Response) -> str:
    """The submission key that a page carries."""
    found = re.search(r'name="submission_key" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def assigned(site: Site) -> str:
    """The number of a request that was offered to somebody."""
    await site.office.deliver(site.office.letter())
    return (await site.office.request()).number


async def test_an_expert_accepts_answers_previews_and_sends(site: Site) -> None:
    office, number = site.office, await assigned(site)
    page = f"/teleexpertise/demandes/{number}"
    expert = office.expert(await office.request())
    async with site.signed_in(expert) as browser:
        worklist = await browser.get("/teleexpertise/avis")
        assert number in worklist.text
        assert "Pourquoi moi" in worklist.text
        assert "C&#39;est votre tour" in worklist.text

        shown = await browser.get(page)
        assert "FICTIF" in shown.text
        assert "Faut-il retirer" in shown.text
        [ref, *_] = re.findall(rf'src="{page}/pieces/([^"]+)"', shown.text)
        picture = await browser.get(f"{page}/pieces/{ref}")
        assert picture.content.startswith(b"\xff\xd8")
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.headers["x-content-type-options"] == "nosniff"
        assert picture.headers["cache-control"].startswith("private")

        accepted = await browser.post(f"{page}/accepter")
        assert accepted.headers["location"] == f"{page}/repondre"
        form = await browser.get(f"{page}/repondre")
        assert 'role="alert"' not in form.text, "a form that was only opened complains of nothing"

        partial = {key: value for key, value in ADVICE.items() if key != "r.certitude"}
        incomplete = await browser.post(f"{page}/repondre", data={**partial, "submission_key": key_of(form)})
        assert incomplete.status_code == 422
        assert '<a href="#f-r-certitude">' in incomplete.text
        assert 'id="f-r-certitude"' in incomplete.text
        assert "Nævus commun (D22)" in incomplete.text, "what was typed is still there"
        assert "Nævus commun (D22)" in (await browser.get(f"{page}/repondre")).text, "and kept on the server"

        complete = await browser.post(f"{page}/repondre", data={**ADVICE, "submission_key": key_of(incomplete)})
        assert complete.status_code == 303
        preview = await browser.get(complete.headers["location"])
        assert "****FINFICHIER****" in preview.text
        assert "&lt;b&gt;photo&lt;/b&gt;" in preview.text
        assert office.mails_to(office.paul)[1:] == [], "nothing leaves before it is confirmed"

        sent = await browser.post(f"{page}/envoyer", follow_redirects=True)
        assert "Votre avis est parti" in sent.text
        assert (await browser.post(f"{page}/envoyer")).status_code == 409
    await office.run_jobs()
    assert "Nævus commun (D22)" in text_of(office.mails_to(office.paul)[-1])
    assert (await office.request()).state is State.ANSWERED

    async with site.signed_in(office.paul) as browser:
        shown = await browser.get(page)
        assert "Nævus commun (D22)" in shown.text
        assert f"Par {expert.display_name}" in shown.text


async def test_an_expert_declines_and_no_longer_sees_the_request(site: Site) -> None:
    office, number = site.office, await assigned(site)
    page = f"/teleexpertise/demandes/{number}"
    first = office.expert(await office.request())
    async with site.signed_in(first) as browser:
        assert (await browser.post(f"{page}/decliner", data={"reason": "paresse"})).status_code == 400
        declined = await browser.post(f"{page}/decliner", data={"reason": "scope"}, follow_redirects=True)
        assert "La demande est rendue" in declined.text
        assert (await browser.get(page)).status_code == 404
    assert office.expert(await office.request()).id != first.id


async def test_a_question_on_the_answer_form_reaches_the_requester_who_answers_on_the_page(site: Site) -> None:
    office, number = site.office, await assigned(site)
    page = f"/teleexpertise/demandes/{number}"
    async with site.signed_in(office.expert(await office.request())) as browser:
        await browser.post(f"{page}/accepter")
        question = {
            "r.decision": "precisions",
            "r.precisions": ["d.signes"],
            "r.precisions.texte": "Saigne-t-elle ?",
            "r.qualite": "limite",
        }
        saved = await browser.post(f"{page}/repondre", data=question)
        assert saved.status_code == 303, saved.text
        assert "l’échéance est suspendue" in (await browser.get(saved.headers["location"])).text
        await browser.post(f"{page}/envoyer")
    assert (await office.request()).state is State.ON_HOLD
    async with site.signed_in(office.paul) as browser:
        shown = await browser.get(page)
        assert "Saigne-t-elle ?" in shown.text
        assert (await browser.post(f"{page}/ajouter", data={"text": " "})).status_code == 400
        word = {"text": "Non.", "submission_key": key_of(shown)}
        for _ in range(2):
            await browser.post(f"{page}/ajouter", data=word, files=[("files", ("zoom.jpg", photo(), "image/jpeg"))])
        shown = await browser.get(page)
        assert shown.text.count('<p class="letter">Non.</p>') == 1, "the same twice is once"
        assert "zoom.jpg" in shown.text
    assert (await office.request()).state is State.IN_PROGRESS


async def test_the_link_of_an_incomplete_mail_leads_to_a_form_with_all_that_was_written(site: Site) -> None:
    office = site.office
    text = (HEADER + ANSWERS + END).replace("d.debut : 1-6 mois\n", "")
    await office.deliver(office.letter(text=text, files=(("vue.jpg", photo()),)))
    request = await office.request()
    [link] = re.findall(r"http://\S+/completer", text_of(office.mails_to(office.paul)[0]))
    async with site.signed_in(office.paul) as browser:
        page = await browser.get(link)
        assert 'value="FICTIF"' in page.text
        assert re.search(r'name="d.type" value="pigmentee"[^>]* checked', page.text)
        assert "vue.jpg" in page.text
        assert 'capture="environment"' in page.text
        assert 'accept="image/jpeg,image/png,image/heic,image/heif"' in page.text

        fields = {**filled(page), "d.debut": "1-4sem"}
        missing = await browser.post(link, data=fields)
        assert missing.status_code == 422
        assert '<a href="#f-d-photo-proche">' in missing.text
        assert "#f-d-debut" not in missing.text
        assert office.mails_to(office.paul)[1:] == [], "the page tells, no mail is needed"

        sent = await browser.post(link, data={**fields, "submission_key": key_of(missing)}, files=PHOTOS[1:])
        assert sent.status_code == 303, sent.text
    await office.run_jobs()
    request = await office.request()
    assert request.state is State.ASSIGNED
    ack = office.mails_to(office.paul)[-1]
    assert ack["In-Reply-To"] == office.letter().message_id, "still on the thread of the mail"
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert sorted(file.name for file in view.seen.files) == ["pres.jpg", "vue.jpg"]


def filled(page: httpx.Response) -> dict[str, list[str] | str]:
    """What a browser would send back of a guided form that nobody touched."""
    fields: dict[str, list[str] | str] = {"submission_key": key_of(page)}
    for name, value in re.findall(
        r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]*)"[^>]* checked', page.text
    ):
        known = fields.setdefault(name, [])
        assert isinstance(known, list)
        known.append(value)
    fields |= dict(re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]+)"', page.text))
    fields |= dict(re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>([^<]+)</textarea>', page.text))
    return fields


async def test_a_request_made_on_the_pages_goes_the_same_way(site: Site) -> None:
    office = site.office
    async with site.signed_in(office.paul) as browser:
        start = await browser.get("/teleexpertise/demandes/nouvelle")
        chosen = {"form": "dermatologie", "submission_key": key_of(start)}
        first = await browser.post("/teleexpertise/demandes/nouvelle", data=chosen)
        again = await browser.post("/teleexpertise/demandes/nouvelle", data=chosen)
        assert first.headers["location"] == again.headers["location"]
        link = first.headers["location"]
        page = await browser.get(link)
        assert 'role="alert"' not in page.text

        bad = [*PHOTOS[:1], ("d.photo.proche", ("abimee.jpg", photo()[:200], "image/jpeg"))]
        refused = await browser.post(link, data={**REQUEST, "submission_key": key_of(page)}, files=bad)
        assert refused.status_code == 422
        assert "abimee.jpg" in refused.text
        assert "illisible" in refused.text

        body = {**REQUEST, "submission_key": key_of(refused)}
        sent = await browser.post(link, data=body, files=PHOTOS[1:])
        assert sent.status_code == 303, sent.text
        repeated = await browser.post(link, data=body, files=PHOTOS[1:])
        assert repeated.status_code == 303
        other = await browser.post(link, data={**body, "d.debut": "gt6mois"}, files=PHOTOS[1:])
        assert other.status_code == 409
        shown = await browser.get(sent.headers["location"])
        assert "avec un autre contenu" in shown.text
        assert "&gt; 6 mois" in shown.text, "the second content is kept and shown beside"
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;alert" in shown.text
    await office.run_jobs()
    assert (await office.request()).state is State.ASSIGNED
    assert len(office.mails_to(office.paul)) == 1


async def test_a_mail_without_a_form_is_completed_on_the_page_with_what_it_said(site: Site) -> None:
    office = site.office
    text = HEADER + ANSWERS.replace("Formulaire : dermatologie\n", "Cher confrère,\n") + END
    await office.deliver(office.letter(subject="Un avis", text=text))
    number = (await office.request()).number
    link = f"/teleexpertise/demandes/{number}/completer"
    async with site.signed_in(office.paul) as browser:
        choice = await browser.get(link)
        assert f"{link}?formulaire=dermatologie" in choice.text
        page = await browser.get(f"{link}?formulaire=dermatologie")
        assert 'value="FICTIF"' in page.text
        sent = await browser.post(link, data={**filled(page), "formulaire": "dermatologie"})
        assert sent.status_code == 303, sent.text
        shown = await browser.get(f"/teleexpertise/demandes/{number}")
        assert "vue.jpg" in shown.text
        assert "Cher confrère," in shown.text
        assert "d.siege" not in shown.text, "what has become an answer is not shown twice"
    await office.run_jobs()
    assert (await office.request()).state is State.ASSIGNED


async def test_a_file_is_taken_away_and_a_draft_keeps_the_others(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter(text=(HEADER + ANSWERS + END).replace("d.debut : 1-6 mois\n", "")))
    request = await office.request()
    link = f"/teleexpertise/demandes/{request.number}/completer"
    async with site.signed_in(office.paul) as browser:
        page = await browser.get(link)
        [large, _] = re.findall(r'name="remove" value="([^"]+)"', page.text)
        after = await browser.post(link, data={**filled(page), "remove": [large]})
        assert '<a href="#f-d-photo-large">' in after.text
        assert "#f-d-photo-proche" not in after.text
        assert "pres.jpg" in after.text


async def test_the_requester_takes_a_request_back(site: Site) -> None:
    office, number = site.office, await assigned(site)
    expert = office.expert(await office.request())
    async with site.signed_in(office.paul) as browser:
        gone = await browser.post(f"/teleexpertise/demandes/{number}/annuler", follow_redirects=True)
        assert "Annulée" in gone.text
    await office.run_jobs()
    assert (await office.request()).state is State.REVOKED
    assert "annulé" in text_of(office.mails_to(expert)[-1])


async def test_the_coordinator_sees_what_waits_and_why_but_not_what_was_asked(site: Site, clock: MovableClock) -> None:
    office = site.office
    clock.advance_to(datetime(2026, 11, 20, 20, 0, tzinfo=UTC))
    alert = "d.alerte : oui\nd.alerte.action : SAMU (15) appelé"
    await office.deliver(office.letter(text=(HEADER + ANSWERS + END).replace("d.alerte : non", alert)))
    number = (await office.request()).number
    clock.advance(timedelta(hours=25))
    async with site.signed_in(office.marc) as browser:
        queue = await browser.get("/teleexpertise/coordination")
        assert number in queue.text
        assert "Aucun créneau connu" in queue.text
        assert "badge--late" in queue.text
        shown = await browser.get(f"/teleexpertise/demandes/{number}")
        assert shown.status_code == 200
        assert "Aucun créneau avant l’échéance : coordinateur prévenu" in shown.text
        for secret in ("FICTIF", "Faut-il retirer", "Lésion pigmentée", "/pieces/"):
            assert secret not in shown.text
    async with site.signed_in(office.anne) as browser:
        assert number not in (await browser.get("/teleexpertise/coordination")).text


NOWHERE = "01a1f82f-213e-772e-801d-8ad71eb78e58"


async def test_for_anybody_else_a_request_does_not_exist(site: Site) -> None:
    """Every route that names a request, taken from the route table: a new one is tried without a word."""
    office, number = site.office, await assigned(site)
    view = await office.service.reading.view(number, office.paul.id)
    assert view.seen is not None
    values = {"number": number, "ref": view.seen.files[0].ref, "of": number, "appointment": NOWHERE}
    [mount] = routes(Desk(office.service, office.house.pages))
    assert isinstance(mount, Mount)
    tried = 0
    async with site.signed_in(office.claire) as stranger, site.browser() as nobody:
        for route in mount.routes:
            assert isinstance(route, Route)
            if "{number}" not in route.path or route.path.endswith("/termine"):
                continue
            path = mount.path + route.path.format(**values)
            unknown = mount.path + route.path.format(**{**values, "number": "TE26999999"})
            for method in sorted((route.methods or set()) - {"HEAD"}):
                refused = await stranger.request(method, path)
                never_given = await stranger.request(method, unknown)
                # 403 where an office is needed that the stranger holds nowhere: it says nothing of this request.
                assert refused.status_code in {403, 404}, path
                assert (refused.status_code, refused.text) == (never_given.status_code, never_given.text), path
                turned_away = await nobody.request(method, path)
                assert turned_away.status_code in {303, 401}, path
                tried += 1
    assert tried >= 12
    assert (await office.request()).state is State.ASSIGNED


async def test_an_image_of_another_request_is_not_served(site: Site) -> None:
    office, number = site.office, await assigned(site)
    await office.deliver(office.letter(2))
    _, second = await office.requests()
    view = await office.service.reading.view(second.number, office.paul.id)
    assert view.seen is not None
    ref = view.seen.files[0].ref
    async with site.signed_in(office.paul) as browser:
        assert (await browser.get(f"/teleexpertise/demandes/{second.number}/pieces/{ref}")).status_code == 200
        assert (await browser.get(f"/teleexpertise/demandes/{number}/pieces/{ref}")).status_code == 404


async def test_pages_are_read_in_english_and_guarded_by_the_house(site: Site) -> None:
    office = site.office
    number = await assigned(site)
    async with site.signed_in(office.paul) as browser:
        page = await browser.get("/teleexpertise/demandes", headers={"Accept-Language": "en"})
        assert "My requests for advice" in page.text
        assert "Dermatology" in page.text
        one = await browser.get(f"/teleexpertise/demandes/{number}", headers={"Accept-Language": "en"})
        assert f"{number} – Dermatology" in one.text
        assert "Offered to an expert" in page.text
        foreign = await browser.post("/teleexpertise/demandes/nouvelle", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        script = re.search(
            r'src="(/static/teleexpertise/[^"]+/form.js)"', (await browser.get("/teleexpertise/demandes/nouvelle")).text
        )
        assert script is None, "a page without a guided form needs no script"
