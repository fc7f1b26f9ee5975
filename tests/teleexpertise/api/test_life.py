"""A request's whole life through the API, both its sides: drafts, files, words, answers, what follows."""

import io
from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
from PIL import Image

from miss.base.clock import MovableClock
from teleexpertise.api.files import BASE64
from teleexpertise.api.operations import ROOT
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.parse_text import parse_labelled_answers
from tests.miss.client.files.test_photo import HEIC
from tests.teleexpertise.api.test_operations import advice, ask, assigned, refusal
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office, photo
from tests.teleexpertise.web.conftest import Site

PATIENT = """
c.patient.nom : FICTIF
c.patient.prenoms : BASTIEN
c.patient.naissance : 14/07/1985
c.patient.sexe : Masculin
c.conversion : oui
"""
BOMB_SIDE = 9_500
SMALL = photo(size=(8, 8))


def sent(title: str, content: bytes, item: str = "") -> dict[str, str]:
    """A file as a program sends it."""
    return {"title": title, "data": b64encode(content).decode(), "item": item}


def bomb() -> bytes:
    """A picture of few bytes and ninety million pixels."""
    output = io.BytesIO()
    Image.new("1", (BOMB_SIDE, BOMB_SIDE)).save(output, "PNG")
    return output.getvalue()


def whole(form: Questionnaire, said: str = ANSWERS + PATIENT) -> dict[str, Any]:
    """A whole request, as the desktop client fills it in, without its photographs."""
    answers = parse_labelled_answers(form, said).answers
    return dict(compose_response(form, QuestionnaireResponse(form.canonical, answers)))


async def post(http: httpx.AsyncClient, path: str, body: Any = None) -> Any:
    """What an act answers."""
    answer = await http.post(f"{ROOT}{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def written(http: httpx.AsyncClient, office: Office) -> str:
    """The number of a draft that lacks its photographs only."""
    number: str = (await post(http, "/requests", {"form": "dermatologie"}))["number"]
    draft = await ask(http, f"/requests/{number}/draft")
    form = office.service.registry.published("dermatologie")
    body = {"revision": draft["revision"], "response": whole(form)}
    kept = await http.put(f"{ROOT}/requests/{number}/draft", json=body)
    assert kept.status_code == 200, kept.text
    missing = {fault["linkId"] for fault in kept.json()["faults"]}
    assert missing == {"d.photo.large", "d.photo.proche"}, kept.json()["faults"]
    again = await http.put(f"{ROOT}/requests/{number}/draft", json=body)
    assert await refusal(again) == (409, "request_draft_moved"), "written over what was not read"
    return number


async def test_a_request_is_written_given_photographs_and_sent(site: Site) -> None:
    office = site.office
    async with site.signed_in(office.paul) as http:
        assert await refusal(await http.post(f"{ROOT}/requests", json={"form": "astrologie"})) == (404, "form_unknown")
        number = await written(http, office)
        at = f"/requests/{number}/draft"
        assert await refusal(await http.post(f"{ROOT}{at}/send")) == (409, "draft_not_whole")

        for title, content, refused in (
            ("vue.jpg", photo()[:400], (400, "photo_unreadable")),
            ("vue.png", bomb(), (400, "photo_too_many_pixels")),
            ("vue.exe", b"MZ\x90", (400, "attachment_format")),
        ):
            answer = await http.post(f"{ROOT}{at}/files", json={"files": [sent(title, content)]})
            assert await refusal(answer) == refused
        broken = {"files": [{"title": "vue.jpg", "data": "A=AA", "item": ""}]}
        assert await refusal(await http.post(f"{ROOT}{at}/files", json=broken)) == (400, "wrong_parameters"), BASE64

        several = [sent("vue.heic", HEIC), sent("abimee.jpg", b"\xff\xd8\xff"), sent("pres.jpg", photo("sienna"))]
        draft = await post(http, f"{at}/files", {"files": several})
        assert [(one["title"], one["code"]) for one in draft["refused"]] == [("abimee.jpg", "photo_unreadable")]
        assert draft["faults"] == []
        (detail_file, *_) = (await ask(http, f"/requests/{number}"))["files"]
        assert detail_file["name"] == "vue.jpg", "HEIC is kept as JPEG"

        many = await post(http, f"{at}/files", {"files": [sent(f"{rank}.jpg", SMALL) for rank in range(11)]})
        assert [one["code"] for one in many["refused"]] == ["too_many_attachments"], "twelve files in all"
        full = await http.post(f"{ROOT}{at}/files", json={"files": [sent("12.jpg", SMALL)]})
        assert await refusal(full) == (413, "too_many_attachments")

        # What the response no longer names is taken away, files too.
        kept = await ask(http, at)
        form = office.service.registry.published("dermatologie")
        bare = {"revision": kept["revision"], "response": whole(form)}
        emptied = (await http.put(f"{ROOT}{at}", json=bare)).json()
        assert emptied["faults"]
        await post(http, f"{at}/files", {"files": [sent("vue.jpg", photo()), sent("pres.jpg", photo("sienna"))]})

        assert (await post(http, f"{at}/send"))["state"] == "ready"
        assert (await post(http, f"{at}/send"))["state"] == "ready", "twice is once"
        assert await refusal(await http.get(f"{ROOT}{at}")) == (409, "request_state_forbids")
    await office.run_jobs()
    assert (await office.request()).state.value == "assigned"
    async with site.signed_in(office.claire) as http:
        assert await refusal(await http.get(f"{ROOT}{at}")) == (404, "request_unknown")


async def test_a_question_is_answered_item_by_item_with_a_photograph(site: Site) -> None:
    office, number = site.office, await assigned(site)
    at = f"/requests/{number}"
    async with site.signed_in(office.expert(await office.request())) as expert:
        await post(expert, f"{at}/accept")
        await post(expert, f"{at}/question", {"text": "Depuis quand ?", "items": ["d.debut", "d.photo.proche"]})
    async with site.signed_in(office.paul) as http:
        asked = await ask(http, f"{at}/question")
        assert (asked["text"], asked["items"][0]) == ("Depuis quand ?", "d.debut")
        canonical = f"{asked['questionnaire']['url']}|{asked['questionnaire']['version']}"
        said = {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": canonical,
            "item": [{"linkId": "d.debut", "answer": [{"valueCoding": {"code": "1-6mois"}}]}],
        }
        stranger = {**said, "item": [{"linkId": "d.siege", "answer": [{"valueCoding": {"code": "tronc"}}]}]}
        words = f"{ROOT}{at}/words"
        assert await refusal(await http.post(words, json={"response": stranger})) == (400, "clarification_unfit")
        assert await refusal(await http.post(words, json={})) == (400, "request_word_missing")
        broken = {"files": [sent("vue.jpg", b"\xff\xd8\xff")]}
        assert await refusal(await http.post(words, json=broken)) == (400, "photo_unreadable")
        assert (await office.request()).state.value == "on_hold", "a refused file is no answer"
        body = {"text": "Voici.", "response": said, "files": [sent("pres.jpg", photo())], "key": "11111111-aa"}
        assert (await post(http, f"{at}/words", body))["line"]["state"] == "in_progress"
        again = await http.post(words, json={"text": "Voici.", "key": "11111111-aa"})
        assert again.status_code == 200
        remarks = (await ask(http, at))["remarks"]
        assert len(remarks) == 2, "the same word twice is one"
        assert remarks[1]["text"] == "Voici."
        assert await refusal(await http.get(f"{ROOT}{at}/question")) == (409, "nothing_asked")
        assert await refusal(await http.post(words, json={"response": said})) == (409, "nothing_asked")


async def answered(http: httpx.AsyncClient, number: str) -> None:
    """An advice that left, from a program."""
    at = f"/requests/{number}"
    await post(http, f"{at}/accept")
    assert await refusal(await http.get(f"{ROOT}{at}/answer/preview")) == (409, "answer_not_whole")
    draft = await ask(http, f"{at}/answer")
    await http.put(f"{ROOT}{at}/answer", json={"response": advice(draft["questionnaire"])})
    damaged = {"files": [sent("o.pdf", b"%PDF-1.4", "r.prescription")]}
    assert await refusal(await http.post(f"{ROOT}{at}/answer/files", json=damaged)) == (400, "prescription_damaged")
    drawn = await post(http, f"{at}/answer/files", {"files": [sent("o.jpg", photo(), "r.prescription")]})
    assert "valueAttachment" in str(drawn["response"])
    preview = await ask(http, f"{at}/answer/preview")
    assert preview["decision"] == "avis"
    assert "Nævus commun" in preview["letter"]
    assert (await post(http, f"{at}/answer/send"))["state"] == "answered"


async def test_the_loop_is_closed_and_the_answer_corrected(site: Site) -> None:
    office, number = site.office, await assigned(site)
    at = f"/requests/{number}"
    holder = office.expert(await office.request())
    async with site.signed_in(office.paul) as http, site.signed_in(holder) as expert:
        early = await http.post(f"{ROOT}{at}/survey", json={"question": "useful", "verdict": "yes"})
        assert await refusal(early) == (409, "survey_too_early")
        assert await refusal(await http.post(f"{ROOT}{at}/informed")) == (409, "request_state_forbids")
        await answered(expert, number)
        assert (await post(http, f"{at}/informed"))["state"] == "informed"
        wrong = await http.post(f"{ROOT}{at}/survey", json={"question": "useful", "verdict": "na"})
        assert await refusal(wrong) == (400, "survey_answer_unknown")
        said = await post(http, f"{at}/survey", {"question": "useful", "verdict": "yes"})
        assert (said["answers"], said["nextQuestion"]) == ({"useful": "yes"}, "changed")

        early = await expert.post(f"{ROOT}{at}/reply", json={"text": "Rien."})
        assert await refusal(early) == (409, "request_nothing_asked_after")
        assert (await post(http, f"{at}/words", {"text": "Et le soleil ?"}))["line"]["state"] == "informed"
        (waiting,) = (await ask(expert, "/after-questions"))["entry"]
        assert waiting["number"] == number
        await post(expert, f"{at}/reply", {"text": "Écran total."})
        assert (await ask(expert, "/after-questions"))["entry"] == []
        assert (await ask(http, at))["remarks"][-1]["text"] == "Écran total."

        draft = await ask(expert, f"{at}/correction")
        nothing = (409, "answer_nothing_corrected")
        assert await refusal(await expert.post(f"{ROOT}{at}/correction/send")) == nothing
        response = draft["response"]
        _answer_to(response, "r.conduite")["valueString"] = "Exérèse sous anesthésie locale."
        kept = await expert.put(f"{ROOT}{at}/correction", json={"response": response})
        assert kept.json()["faults"] == [], kept.text
        assert "ANNULE ET REMPLACE" in (await ask(expert, f"{at}/correction/preview"))["letter"]
        assert (await post(expert, f"{at}/correction/discard"))["state"] == "informed"
        assert await refusal(await expert.post(f"{ROOT}{at}/correction/send")) == nothing
        await expert.put(f"{ROOT}{at}/correction", json={"response": response})
        assert (await post(expert, f"{at}/correction/send"))["state"] == "answered"
        assert "Exérèse" in (await http.get(f"{ROOT}{at}")).text


def _answer_to(one: dict[str, Any], link_id: str) -> dict[str, Any]:
    """The first answer to an item, wherever it is nested."""
    for child in one.get("item", []):
        if child["linkId"] == link_id:
            found: dict[str, Any] = child["answer"][0]
            return found
        if found := _answer_to(child, link_id):
            return found
    return {}


async def test_an_appointment_is_proposed_and_taken(site: Site, clock: MovableClock) -> None:
    office = site.office
    allowed = office.letter(text=HEADER + ANSWERS + "c.conversion : oui\n" + END)
    await office.deliver(allowed)
    request = await office.request()
    at = f"/requests/{request.number}/appointments"
    slots = [(clock.now() + timedelta(days=days)).isoformat() for days in (7, 8)]
    async with site.signed_in(office.paul) as http, site.signed_in(office.expert(request)) as expert:
        early = await expert.post(f"{ROOT}{at}", json={"slots": slots})
        assert await refusal(early) == (409, "request_state_forbids")
        await post(expert, f"/requests/{request.number}/accept")
        past = await expert.post(f"{ROOT}{at}", json={"slots": ["2020-01-01T10:00:00Z"]})
        assert await refusal(past) == (400, "appointment_proposal")
        (proposed,) = (await post(expert, at, {"slots": slots}))["entry"]
        one = f"{at}/{proposed['id']}"
        assert await refusal(await expert.post(f"{ROOT}{one}/accept", json={})) == (404, "request_unknown")
        assert await refusal(await http.post(f"{ROOT}{one}/accept", json={})) == (400, "appointment_slot")
        (taken,) = (await post(http, f"{one}/accept", {"slot": proposed["slots"][1]}))["entry"]
        assert (taken["state"], taken["chosen"]) == ("accepted", proposed["slots"][1])
        again = await http.post(f"{ROOT}{one}/decline", json={"word": "Non."})
        assert await refusal(again) == (409, "appointment_settled")
        assert (await ask(expert, at))["entry"] == [taken]


async def test_a_coordinator_steers_and_opens_with_a_reason(site: Site) -> None:
    office, number = site.office, await assigned(site)
    at = f"/requests/{number}"
    async with site.signed_in(office.marc) as http, site.signed_in(office.paul) as paul:
        choices = await ask(http, f"{at}/steering")
        (other,) = choices["members"]
        assert other["expert"] in {office.anne.id, office.karim.id} - {(await office.request()).holder}
        unknown = await http.post(f"{ROOT}{at}/steering/give", json={"expert": office.claire.id, "reason": "load"})
        assert await refusal(unknown) == (409, "not_assignable")
        given = await post(http, f"{at}/steering/give", {"expert": other["expert"], "reason": "load"})
        assert given["state"] == "assigned"
        assert (await office.request()).holder == other["expert"]
        assert (await post(http, f"{at}/steering/take-back", {"reason": "silent"}))["state"] == "ready"
        nowhere = await http.post(f"{ROOT}{at}/steering/move", json={"pool": "0" * 36, "reason": "misrouted"})
        assert await refusal(nowhere) == (404, "pool_unknown")

        assert (await ask(http, at))["response"] is None
        wordless = await http.post(f"{ROOT}{at}/break-glass", json={"reason": "safety", "words": " "})
        assert await refusal(wordless) == (400, "wrong_parameters")
        await post(http, f"{at}/break-glass", {"reason": "safety", "words": "Expert injoignable, lésion qui saigne."})
        assert (await ask(http, at))["response"] is not None
        refused = await paul.post(f"{ROOT}{at}/break-glass", json={"reason": "safety", "words": "Je veux."})
        assert await refusal(refused) == (403, "not_your_role")
        assert (await post(paul, f"{at}/cancel"))["state"] == "revoked"
        assert await refusal(await paul.post(f"{ROOT}{at}/call-off")) == (409, "request_state_forbids")


async def test_a_colleague_reads_a_blinded_copy(site: Site) -> None:
    office, number = site.office, await assigned(site)
    holder = office.expert(await office.request())
    other = office.karim if holder is office.anne else office.anne
    at = f"/requests/{number}/second-readings"
    async with site.signed_in(holder) as http, site.signed_in(other) as reader:
        await post(http, f"/requests/{number}/accept")
        await post(http, at, {"question": "Mélanome ?"})
        twice = await http.post(f"{ROOT}{at}", json={"question": "Mélanome ?"})
        assert await refusal(twice) == (409, "second_reading_under_way")
        (asked,) = (await ask(reader, "/second-readings"))["entry"]
        one = f"/second-readings/{asked['reading']}"
        copy = await ask(reader, one)
        assert (copy["question"], copy["age"], copy["photos"]) == ("Mélanome ?", 41, 2)
        assert "FICTIF" not in str(copy)
        assert (await reader.get(f"{ROOT}{one}/photos/2")).content.startswith(b"\xff\xd8")
        assert await refusal(await reader.get(f"{ROOT}{one}/photos/3")) == (404, "second_reading_unknown")
        assert await refusal(await http.get(f"{ROOT}{one}")) == (404, "second_reading_unknown")
        assert (await post(reader, f"{one}/opinion", {"opinion": "Nævus.", "disclosesName": True}))["entry"] == []
        over = await reader.post(f"{ROOT}{one}/decline")
        assert await refusal(over) == (409, "second_reading_over")
        (opinion,) = (await ask(http, at))["entry"]
        assert (opinion["state"], opinion["opinion"], opinion["reader"]) == ("given", "Nævus.", other.display_name)
