"""Pages of drafts, by httpx on a real server."""

import re

import httpx

from miss.base.clock import MovableClock, to_ms
from teleexpertise.requests.model import State
from tests.teleexpertise.web.conftest import Site
from tests.teleexpertise.web.test_pages import PHOTOS, REQUEST, key_of

NEW = "/teleexpertise/demandes/nouvelle"
JSON = {"Accept": "application/json"}


async def draft(browser: httpx.AsyncClient, form: str = "dermatologie") -> str:
    """The path of a new draft."""
    start = await browser.get(NEW)
    made = await browser.post(NEW, data={"form": form, "submission_key": key_of(start)})
    return made.headers["location"].removesuffix("/completer")


async def test_each_change_is_kept_and_answered_with_what_is_missing(site: Site, clock: MovableClock) -> None:
    async with site.signed_in(site.office.paul) as browser:
        path = await draft(browser)
        now = str(to_ms(clock.now()))
        fields = {"merge": "1", "c.question": "Faut-il <script>alert(1)</script> ?", "answered_at:c.question": now}
        saved = await browser.post(f"{path}/brouillon", data=fields, headers=JSON)
        assert saved.status_code == 200, saved.text
        assert saved.headers["cache-control"] == "no-store"
        told = saved.json()
        assert "f-c-question" not in {one["target"] for one in told["progress"]["missing"]}
        assert "f-d-debut" in {one["target"] for one in told["progress"]["missing"]}
        page = await browser.get(f"{path}/completer")
        assert "Faut-il &lt;script&gt;" in page.text, "pasted HTML is text"
        assert "<script>alert" not in page.text
        number = {"merge": "1", "c.patient.matricule": "185075918304225", "answered_at:c.patient.matricule": now}
        told = (await browser.post(f"{path}/brouillon", data=number, headers=JSON)).json()
        assert told["notes"]["f-c-patient-matricule"]["tone"] == "error"
        photo = await browser.post(f"{path}/brouillon", data={"merge": "1"}, files=PHOTOS[:1], headers=JSON)
        [file] = photo.json()["files"]["d.photo.large"]
        assert (await browser.get(file["url"])).content.startswith(b"\xff\xd8")
        heic = [("d.photo.proche", ("film.mp4", b"\0\0\0\x18ftypisom" + bytes(50), "image/heic"))]
        refused = (await browser.post(f"{path}/brouillon", data={"merge": "1"}, files=heic, headers=JSON)).json()
        assert [(one["target"], one["name"]) for one in refused["refused"]] == [("f-d-photo-proche", "film.mp4")]


async def test_nobody_signed_in_is_told_so_in_json(site: Site) -> None:
    async with site.signed_in(site.office.paul) as browser:
        path = await draft(browser)
        browser.cookies.clear()
        assert (await browser.post(f"{path}/brouillon", data={"merge": "1"}, headers=JSON)).status_code == 401


async def test_a_draft_is_deleted_and_the_deletion_undone(site: Site) -> None:
    async with site.signed_in(site.office.paul) as browser:
        empty = await browser.get("/teleexpertise/demandes/brouillons")
        assert "Aucun brouillon" in empty.text
        path = await draft(browser)
        number = path.rpartition("/")[2]
        assert number in (await browser.get("/teleexpertise/demandes/brouillons")).text
        gone = await browser.post(f"{path}/brouillon/suppression", follow_redirects=True)
        assert "Aucun brouillon" in gone.text
        assert f"{path}/brouillon/reprise" in gone.text
        back = await browser.post(f"{path}/brouillon/reprise", follow_redirects=True)
        assert back.url.path == f"{path}/completer"


async def test_the_same_patient_and_the_same_question_again(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    earlier = (await office.request()).number
    async with site.signed_in(office.paul) as browser:
        path = await draft(browser)
        page = await browser.get(f"{path}/completer")
        assert f'<option value="{earlier}">FICTIF BASTIEN' in page.text
        taken = await browser.post(f"{path}/patient", data={"comme": earlier}, follow_redirects=True)
        assert 'value="FICTIF"' in taken.text
        assert 'name="comme"' not in taken.text, "once there is a patient, none is offered"

        again = await browser.post(f"/teleexpertise/demandes/{earlier}/de-nouveau", follow_redirects=True)
        assert again.url.path.endswith("/completer")
        assert "Faut-il retirer" in again.text
        assert not re.search(r'name="c.information" value="[^"]*"[^>]* checked', again.text), "agreement is asked anew"
        assert not re.search(r'name="d.alerte" value="[^"]*"[^>]* checked', again.text)
        assert "Déjà joint" not in again.text
    async with site.signed_in(office.claire) as stranger:
        path = await draft(stranger)
        assert (await stranger.post(f"{path}/patient", data={"comme": earlier})).status_code == 404


async def test_a_stale_page_undoes_nothing_that_was_written_since(site: Site, clock: MovableClock) -> None:
    async with site.signed_in(site.office.paul) as browser:
        path = await draft(browser)
        page = await browser.get(f"{path}/completer")
        early, late = str(to_ms(clock.now())), str(to_ms(clock.now()) + 1)
        clock.advance_to(clock.now().replace(second=59))
        newer = {"merge": "1", "c.hypothese": "Écrite ailleurs", "answered_at:c.hypothese": late}
        await browser.post(f"{path}/brouillon", data=newer, headers=JSON)
        stale = {**REQUEST, "merge": "1", "submission_key": key_of(page)}
        stale |= {f"answered_at:{name}": early for name in REQUEST} | {"answered_at:c.hypothese": early}
        sent = await browser.post(f"{path}/completer", data=stale, files=PHOTOS)
        assert sent.status_code == 303, sent.text
        assert "Écrite ailleurs" in (await browser.get(path)).text
    assert (await site.office.request()).state in {State.READY, State.ASSIGNED}


async def test_times_are_shown_on_the_reader_s_clock(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    number = (await office.request()).number
    async with site.signed_in(office.paul) as browser:
        paris = (await browser.get(f"/teleexpertise/demandes/{number}")).text
        browser.cookies.set("zone", "Indian/Reunion")
        reunion = (await browser.get(f"/teleexpertise/demandes/{number}")).text
        assert "(La Réunion)" in reunion
        assert "(La Réunion)" not in paris
        path = await draft(browser, "cardiologie")
        page = (await browser.get(f"{path}/completer")).text
        assert "heure de La Réunion" in page
        assert '<input type="hidden" name="zone" value="Indian/Reunion">' in page


async def test_an_unknown_form_is_refused_by_name(site: Site) -> None:
    async with site.signed_in(site.office.paul) as browser:
        refused = await browser.post(NEW, data={"form": "astrologie", "submission_key": "cle-0001"}, headers=JSON)
        assert refused.status_code == 404
        assert refused.json()["code"] == "form_unknown"
