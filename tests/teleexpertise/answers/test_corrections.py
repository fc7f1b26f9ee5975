"""An answer is annulled and replaced: both are kept, the letter says so, and the mail is one of its own."""

import pytest

from miss.documents.hprim import parse_hprim
from teleexpertise.answers import store
from teleexpertise.answers.errors import CorrectionIsNoAnswer, NothingCorrected
from teleexpertise.answers.service import Written
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.errors import NotHolder, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from tests.teleexpertise.answers.test_service import ADVICE, REFUSAL, held, save
from tests.teleexpertise.office import Office, text_of

CORRECTED: Answers = {**ADVICE, "r.conduite": ("Exérèse sous 15 jours.",)}


async def answered(office: Office) -> ExpertiseRequest:
    request, holder = await held(office)
    await save(office, request, ADVICE)
    await office.service.answering.send(request.id, request.holder or request.requester)
    await office.run_jobs()
    assert holder == request.holder
    return await office.request()


async def correct(office: Office, request: ExpertiseRequest, answers: Answers, source: str = "page-0002") -> None:
    assert request.holder is not None
    prepared = await office.service.corrections.save(
        request.id, request.holder, Written(source=source, answers=answers, answered_at={})
    )
    assert prepared.problems == ()


async def test_the_correction_leaves_on_the_same_thread_and_both_answers_are_kept(office: Office) -> None:
    request = await answered(office)
    holder = request.holder
    assert holder is not None
    corrections = office.service.corrections
    assert (await corrections.open(request.id, holder)).response.first("r.conduite") == "Dermocorticoïde."
    await correct(office, request, CORRECTED)

    before = await office.service.reading.view(request.number, office.paul.id)
    assert before.seen is not None
    assert before.seen.answer_response is not None
    assert before.seen.answer_response.first("r.conduite") == "Dermocorticoïde.", "unchanged until it is sent"
    preview = await corrections.preview(request.id, holder)
    assert preview.letter is not None
    assert (preview.letter.version, preview.letter.replaces) == (2, f"{request.number}.1")
    await corrections.send(request.id, holder)
    await office.run_jobs()

    first, second = office.mails_to(office.paul)[-2:]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["In-Reply-To"] == second["In-Reply-To"]
    assert second["Subject"].startswith("[Annule et remplace] XDM/1.0/DDM+")
    text = second.get_body(("plain",))
    assert text is not None
    body = text.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert parse_hprim(body, charset="iso-8859-1").guesses == ()
    assert "ANNULE ET REMPLACE l'avis du" in text_of(second)
    assert "Exérèse sous 15 jours." in text_of(second)

    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.answer is not None
    assert view.seen.answer.version == 2
    assert view.timeline[-1].kind is FactKind.CORRECTED
    [annulled] = await corrections.list_annulled(request.id)
    assert (annulled.version, parse_response(annulled.response).first("r.conduite")) == (1, "Dermocorticoïde.")

    await correct(office, request, ADVICE, "page-0003")
    await corrections.send(request.id, holder)
    await office.run_jobs()
    assert [one.version for one in await corrections.list_annulled(request.id)] == [1, 2]
    assert len({mail["Message-ID"] for mail in office.mails_to(office.paul)}) == len(office.mails_to(office.paul))


async def test_only_who_answered_corrects_and_only_what_was_answered(office: Office) -> None:
    request, _ = await held(office)
    corrections = office.service.corrections
    with pytest.raises(StateForbids):
        await corrections.open(request.id, request.holder or office.anne.id)
    await save(office, request, ADVICE)
    await office.service.answering.send(request.id, request.holder or office.anne.id)
    other = office.karim if request.holder == office.anne.id else office.anne
    for person in (other, office.paul, office.marc):
        with pytest.raises(NotHolder):
            await corrections.open(request.id, person.id)


async def test_a_correction_that_corrects_nothing_does_not_leave(office: Office) -> None:
    request = await answered(office)
    holder = request.holder
    assert holder is not None
    corrections = office.service.corrections
    with pytest.raises(NothingCorrected):
        await corrections.send(request.id, holder)
    await correct(office, request, ADVICE)
    with pytest.raises(NothingCorrected):
        await corrections.send(request.id, holder)
    await correct(office, request, REFUSAL)
    with pytest.raises(CorrectionIsNoAnswer):
        await corrections.preview(request.id, holder)
    await corrections.discard(request.id, holder)
    assert (await corrections.open(request.id, holder)).response.first("r.decision") == Coding("avis")


async def test_a_correction_sent_twice_leaves_once(office: Office) -> None:
    request = await answered(office)
    assert request.holder is not None
    await correct(office, request, CORRECTED)
    await office.service.corrections.send(request.id, request.holder)
    with pytest.raises(NothingCorrected):
        await office.service.corrections.send(request.id, request.holder)
    await office.run_jobs()
    assert len(await office.service.corrections.list_annulled(request.id)) == 1
    async with office.house.db.snapshot() as tx:
        assert await store.find_draft(tx, request.id) is None


async def test_after_a_correction_the_patient_is_to_be_told_again(office: Office) -> None:
    request = await answered(office)
    assert request.holder is not None
    await office.service.follow_up.inform(request.id, office.paul.id)
    assert (await office.request()).state is State.INFORMED
    await correct(office, request, CORRECTED)
    await office.service.corrections.send(request.id, request.holder)
    assert (await office.request()).state is State.ANSWERED
