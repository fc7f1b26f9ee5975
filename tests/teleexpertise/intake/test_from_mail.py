"""The life of a request that comes by mail, on real parts: bytes in, bytes out."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import MailId
from miss.documents.hprim import parse_hprim_text
from miss.mail.inbound.parse import parse_mail
from teleexpertise.answers.service import Written
from teleexpertise.availability import Leave
from teleexpertise.dispatch import DeclineReason
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests import store
from teleexpertise.requests.errors import NotHolder
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from tests.miss.photos.test_photos import png_header
from tests.teleexpertise.office import ANSWERS, END, HEADER, Letter, Office, photo, text_of

ADVICE: Answers = {
    "r.decision": (Coding("avis"),),
    "r.diagnostic": ("Nævus commun (D22)",),
    "r.certitude": (Coding("probable"),),
    "r.conduite": ("Pas d'exérèse ; photo de contrôle dans trois mois.\n****FIN****",),
    "r.orientation": (Coding("aucune"),),
    "r.qualite": (Coding("suffisante"),),
    "r.cotation": (Coding("te2"),),
}


async def answer(office: Office, request: ExpertiseRequest) -> None:
    """What its holder does with a request on the pages."""
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    saved = await office.service.answering.save(
        request.id, request.holder, Written(source=f"answer-{request.number.lower()}", answers=ADVICE, answered_at={})
    )
    assert saved.problems == ()
    await office.service.answering.send(request.id, request.holder)
    await office.run_jobs()


async def facts(office: Office, request: ExpertiseRequest) -> list[FactKind]:
    async with office.house.db.snapshot() as tx:
        return [fact.kind for fact in await store.list_facts(tx, request.id)]


def without(*link_ids: str) -> str:
    """A complete text that lacks the answers to these items."""
    lines = ANSWERS.splitlines(keepends=True)
    kept = [line for line in lines if line.partition(" :")[0] not in link_ids]
    return HEADER + "".join(kept) + END


async def test_a_complete_mail_is_acknowledged_assigned_and_answered_as_hprim(office: Office) -> None:
    await office.deliver(office.letter())
    assert await office.dead_jobs() == []
    request = await office.request()
    assert request.state is State.ASSIGNED
    [ack] = office.mails_to(office.paul)
    assert ack["In-Reply-To"] == "<demande-1@medecin.mssante.example>"
    assert ack["Auto-Submitted"] == "auto-replied"
    assert request.number in ack["Subject"]

    await answer(office, request)
    _, advised = office.mails_to(office.paul)
    assert advised["In-Reply-To"] == "<demande-1@medecin.mssante.example>"
    assert "<demande-1@medecin.mssante.example>" in advised["References"]
    assert advised["Message-ID"] == f"<{request.number.lower()}.answer@miss.example>"
    assert "Auto-Submitted" not in advised
    expert = office.expert(request)
    assert expert.mailboxes[0] in advised["Reply-To"]
    assert "teleexpertise@miss.example" in advised["From"]
    record = parse_hprim_text(text_of(advised))
    assert (record.family_name, record.given_name, record.number) == ("FICTIF", "BASTIEN", request.number)
    assert record.birth_date == date(1985, 7, 14)
    assert "Nævus commun (D22)" in record.body
    assert "Faut-il retirer cette lésion" in record.body
    assert "****FIN****" in record.body, "what the expert wrote comes back as written, and ends nothing"
    assert "Cotation" not in record.body, "billing is none of the requester's record"
    assert (await office.request()).state is State.ANSWERED


async def test_the_expert_s_notice_tells_nothing_clinical(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    [offer] = office.mails_to(office.expert(request))
    told = text_of(offer) + offer["Subject"]
    assert request.number in told
    assert "Dermatologie" in told
    assert f"http://127.0.0.1:8080/teleexpertise/demandes/{request.number}" in told
    for secret in ("FICTIF", "BASTIEN", "lésion", "Tronc", "1985"):
        assert secret not in told


async def test_the_second_request_goes_to_the_next_expert(office: Office) -> None:
    await office.deliver(office.letter(1))
    await office.deliver(office.letter(2))
    first, second = await office.requests()
    assert {first.holder, second.holder} == {office.anne.id, office.karim.id}
    assert (first.number, second.number) == ("TE26000001", "TE26000002")


async def test_a_deadline_that_no_slot_meets_tells_the_coordinator_and_waits_for_the_opening(
    office: Office, clock: MovableClock
) -> None:
    clock.advance_to(datetime(2026, 11, 20, 20, 0, tzinfo=UTC))  # Friday evening: the next slot is Monday 9:00
    await office.deliver(office.letter(text=(HEADER + ANSWERS + END).replace("d.alerte : non", _RED_FLAG)))
    request = await office.request()
    assert request.state is State.READY
    assert request.sent is not None
    assert request.sent.deadline_at == request.sent.at + timedelta(hours=24)
    [told] = office.mails_to(office.marc)
    assert request.number in told["Subject"]
    assert "lundi 23/11/2026 à 09:00" in text_of(told)
    assert "appelez le 15" in text_of(office.mails_to(office.paul)[0])

    clock.advance_to(datetime(2026, 11, 23, 7, 59, tzinfo=UTC))
    await office.service.assignment.wake_pool(office.pool.id)
    await office.run_jobs()
    assert (await office.request()).state is State.READY
    assert (await facts(office, request)).count(FactKind.NOBODY_IN_TIME) == 1
    clock.advance_to(datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC))
    await office.run_jobs()
    request = await office.request()
    assert request.state is State.ASSIGNED
    assert len(office.mails_to(office.expert(request))) == 1
    told_again = [mail for mail in office.mails_to(office.marc) if "aucun créneau" in mail["Subject"]]
    assert len(told_again) == 1, "the coordinator is told once, and later that it is overdue"


_RED_FLAG = "d.alerte : oui\nd.alerte.action : SAMU (15) appelé"


async def test_a_request_that_nobody_is_left_for_is_woken_when_an_expert_comes_back(office: Office) -> None:
    for expert in (office.anne, office.karim):
        await office.service.availabilities.add_leave(expert.id, Leave(date(2026, 11, 1), date(2028, 12, 31)))
    await office.deliver(office.letter())
    assert (await office.request()).state is State.READY
    [told] = office.mails_to(office.marc)
    assert "Aucun créneau n’est déclaré" in text_of(told)
    await office.service.availabilities.remove_leave(office.karim.id, Leave(date(2026, 11, 1), date(2028, 12, 31)))
    await office.service.assignment.wake_pool(office.pool.id)
    await office.run_jobs()
    assert (await office.request()).holder == office.karim.id


async def test_a_declined_request_goes_to_the_other_expert_who_alone_may_act_on_it(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    first = office.expert(request)
    await office.service.requests.decline(request.id, first.id, DeclineReason.SCOPE)
    await office.run_jobs()
    again = await office.request()
    assert again.state is State.ASSIGNED
    assert again.holder not in {None, first.id}
    assert len(office.mails_to(office.expert(again))) == 1
    with pytest.raises(NotHolder):
        await office.service.requests.accept(request.id, first.id)


async def test_an_offer_that_is_not_accepted_in_time_passes_on(office: Office, clock: MovableClock) -> None:
    await office.deliver(office.letter())
    first = await office.request()
    assert first.offer_expires_at is not None
    clock.advance_to(first.offer_expires_at + timedelta(seconds=1))
    await office.run_jobs()
    second = await office.request()
    assert second.state is State.ASSIGNED
    assert second.holder not in {None, first.holder}
    assert FactKind.EXPIRED in await facts(office, second)


async def test_an_offer_accepted_in_time_does_not_expire(office: Office, clock: MovableClock) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    assert request.holder is not None
    assert request.offer_expires_at is not None
    await office.service.requests.accept(request.id, request.holder)
    clock.advance_to(request.offer_expires_at + timedelta(minutes=1))
    await office.run_jobs()
    assert (await office.request()).state is State.IN_PROGRESS


async def test_a_patient_s_objection_keeps_the_request_from_that_expert(office: Office) -> None:
    text = (HEADER + ANSWERS + END).replace("d.type :", "c.opposition : Dr Anne Modèle\nd.type :")
    await office.deliver(office.letter(1, text=text))
    await office.deliver(office.letter(2, text=text))
    assert {request.holder for request in await office.requests()} == {office.karim.id}


async def test_missing_answers_are_named_at_once_and_given_by_a_reply(office: Office) -> None:
    await office.deliver(office.letter(text=without("d.debut", "c.allergie"), files=(("vue.jpg", photo()),)))
    request = await office.request()
    assert request.state is State.DRAFT
    assert office.mails_to(office.anne) == office.mails_to(office.karim) == []
    [told] = office.mails_to(office.paul)
    text = text_of(told)
    for link_id in ("d.debut", "c.allergie", "d.photo.proche"):
        assert link_id in text
    assert "1-6 mois" in text, "what there is to choose from"
    assert f"/teleexpertise/demandes/{request.number}/completer" in text
    assert "d.evolution" not in text

    quoted = "".join(f"> {line}\n" for line in text.splitlines())
    reply = office.letter(
        2,
        subject=f"Re: {told['Subject']}",
        in_reply_to=told["Message-ID"],
        text=f"d.debut : 1-4 sem\nc.allergie : non\n\nBien à vous\n\n{quoted}",
        files=(("IMG_0002.jpg", photo("sienna")),),
    )
    await office.deliver(reply)
    assert await office.dead_jobs() == []
    request = await office.request()
    assert request.state is State.ASSIGNED
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.response is not None
    assert view.seen.response.first("d.debut") == Coding("1-4sem")
    assert view.seen.response.first("d.evolution") == Coding("stable"), "what was written first is still there"
    assert len(view.seen.files) == 2
    assert [mail["In-Reply-To"] for mail in office.mails_to(office.paul)][1] == reply.message_id


async def test_a_mail_that_names_no_form_is_kept_and_its_text_read_once_the_form_is_named(office: Office) -> None:
    text = HEADER + ANSWERS.replace("Formulaire : dermatologie\n", "") + END
    await office.deliver(office.letter(subject="Un avis svp", text=text))
    [told] = office.mails_to(office.paul)
    assert "dermatologie" in text_of(told)
    assert "Formulaire : " in text_of(told)
    await office.deliver(office.letter(2, in_reply_to=told["Message-ID"], text="Formulaire : dermatologie\n", files=()))
    assert (await office.request()).state is State.ASSIGNED


async def test_a_text_without_header_says_so_and_may_give_the_patient_by_items(office: Office) -> None:
    await office.deliver(office.letter(text=ANSWERS))
    [told] = office.mails_to(office.paul)
    assert "HPRIM" in text_of(told)
    assert "c.patient.nom" in text_of(told)
    patient = "c.patient.nom : FICTIF\nc.patient.prenoms : Bastien\nc.patient.naissance : 14/07/1985\n"
    reply = office.letter(2, in_reply_to=told["Message-ID"], text=patient + "c.patient.sexe : Masculin\n", files=())
    await office.deliver(reply)
    assert (await office.request()).state is State.ASSIGNED


async def test_a_wrong_key_in_the_matricule_is_refused_without_being_quoted(office: Office) -> None:
    text = (HEADER + ANSWERS + END).replace("d.type :", "c.patient.matricule : 185075918304225\nd.type :")
    await office.deliver(office.letter(text=text))
    [told] = office.mails_to(office.paul)
    assert "c.patient.matricule" in text_of(told)
    assert "185075918304225" not in text_of(told)


async def test_no_consent_blocks_sending_and_says_why(office: Office) -> None:
    text = (HEADER + ANSWERS + END).replace("c.information : oui", "c.information : non")
    await office.deliver(office.letter(text=text))
    assert (await office.request()).state is State.DRAFT
    [told] = office.mails_to(office.paul)
    assert "n'a pas donné son accord" in text_of(told)


async def test_unreadable_attachments_are_named_in_the_reply(office: Office) -> None:
    files = (("cassee.jpg", photo()[:300]), ("bombe.png", png_header(60_000, 60_000)), ("tableau.xls", b"\xd0\xcf"))
    await office.deliver(office.letter(files=files))
    request = await office.request()
    assert request.state is State.DRAFT
    [told] = office.mails_to(office.paul)
    text = re.sub(r"\s+", " ", text_of(told))
    assert "« cassee.jpg » : La pièce n° 1 est illisible" in text
    assert "« bombe.png » : L’image de la pièce n° 2 compte trop de pixels" in text
    assert "« tableau.xls » : Le format de la pièce n° 3 n’est pas accepté" in text


async def test_one_bad_file_too_many_does_not_hold_a_complete_request_back(office: Office) -> None:
    files = (("vue.jpg", photo()), ("pres.jpg", photo("sienna")), ("cassee.jpg", photo()[:300]))
    await office.deliver(office.letter(files=files))
    assert (await office.request()).state is State.ASSIGNED
    assert "cassee.jpg" in text_of(office.mails_to(office.paul)[0])


async def test_the_same_mail_again_is_one_request(office: Office) -> None:
    letter = office.letter()
    await office.deliver(letter)
    mail = parse_mail(letter.compose())
    await office.service.mail.receive(mail, office.paul, MailId("0000-another-run"))
    await office.run_jobs()
    assert len(await office.requests()) == 1
    assert len(office.mails_to(office.paul)) == 1


async def test_the_same_message_id_with_another_content_is_kept_beside_and_flagged(office: Office) -> None:
    await office.deliver(office.letter())
    await office.deliver(office.letter(text=(HEADER + ANSWERS + END).replace("Tronc", "Visage")))
    request = await office.request()
    assert FactKind.DUPLICATE_DIFFERS in await facts(office, request)
    async with office.house.db.snapshot() as tx:
        [beside] = await store.list_rejected(tx, request.id)
    kept = await office.service.parts.vault.open_content(request.id, beside)
    assert "visage" in json.dumps(kept.response)
    assert "un autre contenu" in text_of(office.mails_to(office.paul)[-1])


async def test_another_sender_s_message_id_is_not_ours(office: Office) -> None:
    await office.deliver(office.letter())
    await office.deliver(Letter(sender=office.claire.mailboxes[0], message_id=office.letter().message_id))
    assert len(await office.requests()) == 1
    assert len(await office.service.reading.own(office.claire.id)) == 1


async def test_a_form_response_attached_goes_before_the_text(office: Office) -> None:
    form = office.service.registry.published("dermatologie")
    document = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.canonical,
        "status": "completed",
        "item": [{"linkId": "d.siege", "answer": [{"valueCoding": {"code": "visage"}}]}],
    }
    files = (*office.letter().files, ("reponse.json", json.dumps(document).encode()))
    await office.deliver(office.letter(files=files))
    request = await office.request()
    assert request.state is State.ASSIGNED
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.response is not None
    assert view.seen.response.all("d.siege") == (Coding("visage"),)


async def test_a_json_that_is_no_response_is_named(office: Office) -> None:
    await office.deliver(office.letter(files=(*office.letter().files, ("reponse.json", b"{}"))))
    assert "réponse au formulaire jointe n'est pas lisible" in text_of(office.mails_to(office.paul)[0])


async def test_photos_go_to_the_items_that_the_text_or_their_names_say(office: Office) -> None:
    files = (
        ("d.photo.proche-a.jpg", photo("sienna")),
        ("loin.jpg", photo()),
        ("dermoscope.jpg", photo("black")),
    )
    text = HEADER + ANSWERS + "d.photo.dermoscope : dermoscope.jpg\n" + END
    await office.deliver(office.letter(text=text, files=files))
    view = await office.service.reading.view((await office.request()).number, office.paul.id)
    assert view.seen is not None
    assert view.seen.response is not None
    answers = view.seen.response.answers
    names = {item: [file.name for file in answers[item]] for item in answers if item.startswith("d.photo")}  # type: ignore[union-attr]
    assert names == {
        "d.photo.large": ["loin.jpg"],
        "d.photo.proche": ["d.photo.proche-a.jpg"],
        "d.photo.dermoscope": ["dermoscope.jpg"],
    }


async def test_the_template_of_a_form_comes_back_by_mail_and_reads_back(office: Office) -> None:
    await office.deliver(office.letter(subject="modèle dermatologie", text="", files=()))
    [template] = office.mails_to(office.paul)
    assert "d.siege" in text_of(template)
    assert await office.requests() == []
    await office.deliver(office.letter(2, subject="Modèle", text="", files=()))
    assert "cardiologie" in text_of(office.mails_to(office.paul)[1])


async def test_a_question_stops_the_clock_until_the_requester_answers_by_mail(
    office: Office, clock: MovableClock
) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    assert request.holder is not None
    assert request.sent is not None
    await office.service.requests.accept(request.id, request.holder)
    await office.service.requests.ask(request.id, request.holder, "La lésion saigne-t-elle ?", ["d.signes"])
    await office.run_jobs()
    question = office.mails_to(office.paul)[-1]
    assert "La lésion saigne-t-elle ?" in text_of(question)
    assert "Signes" in text_of(question)
    assert (await office.request()).state is State.ON_HOLD

    clock.advance(timedelta(days=3, hours=1))
    await office.deliver(
        office.letter(2, in_reply_to=question["Message-ID"], text="Non, jamais.\n> La lésion", files=())
    )
    resumed = await office.request()
    assert resumed.state is State.IN_PROGRESS
    assert resumed.sent is not None
    assert resumed.sent.deadline_at > clock.now()
    view = await office.service.reading.view(request.number, request.holder)
    assert view.seen is not None
    assert [note.text for note in view.seen.notes] == ["La lésion saigne-t-elle ?", "Non, jamais."]
    assert "complété" in text_of(office.mails_to(office.expert(request))[-1])
    await office.service.answering.save(
        request.id, request.holder, Written(source="answer-12", answers=ADVICE, answered_at={})
    )
    await office.service.answering.send(request.id, request.holder)
    assert (await office.request()).state is State.ANSWERED


async def test_a_word_after_the_answer_goes_to_who_gave_it_for_a_month(office: Office, clock: MovableClock) -> None:
    await office.deliver(office.letter())
    await answer(office, await office.request())
    advised = office.mails_to(office.paul)[-1]
    await office.deliver(office.letter(2, in_reply_to=advised["Message-ID"], text="Et le soleil ?", files=()))
    assert "question sur votre avis" in office.mails_to(office.expert(await office.request()))[-1]["Subject"]
    clock.advance(timedelta(days=31))
    await office.deliver(office.letter(3, in_reply_to=advised["Message-ID"], text="Merci !", files=()))
    assert "est close" in text_of(office.mails_to(office.paul)[-1])


async def test_an_expert_who_answers_the_notice_by_mail_is_shown_to_the_page(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    expert = office.expert(request)
    [offer] = office.mails_to(expert)
    reply = Letter(
        sender=expert.mailboxes[0],
        message_id="<reponse@ch-fictif.mssante.example>",
        text="C'est un nævus.",
        files=(),
        in_reply_to=offer["Message-ID"],
    )
    await office.deliver(reply)
    assert f"/teleexpertise/demandes/{request.number}" in text_of(office.mails_to(expert)[-1])
    assert len(office.mails_to(office.paul)) == 1, "nothing left for the requester"


async def test_nothing_that_was_asked_lies_in_clear_at_rest(office: Office) -> None:
    text = (HEADER + ANSWERS + END).replace("cette lésion apparue", "cette lésion CANARI apparue")
    await office.deliver(office.letter(text=text, files=(("CANARI.jpg", photo()), ("pres.jpg", photo("sienna")))))
    request = await office.request()
    async with office.house.db.snapshot() as tx:
        stored = await store.get(tx, request.id)
    assert b"CANARI" not in stored.content
    folder = office.spool.parent
    for path in (*folder.glob("miss.db*"), *(folder / "blobs").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            assert b"CANARI" not in content
            assert b"JFIF" not in content
    await office.house.keystore.destroy(f"request:{request.id}")
