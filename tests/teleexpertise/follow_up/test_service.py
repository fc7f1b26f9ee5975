"""After the answer: the loop, the survey, the photographs to come."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from teleexpertise.follow_up import SurveyQuestion, store
from teleexpertise.follow_up.errors import SurveyTooEarly
from teleexpertise.follow_up.model import Verdict
from teleexpertise.requests.errors import NotRequester, StateForbids
from teleexpertise.requests.model import FactKind, State
from tests.teleexpertise.follow_up.answering import ADVICE, answered
from tests.teleexpertise.office import Office, text_of


async def test_an_open_loop_is_asked_about_once_and_a_closed_one_never(office: Office, clock: MovableClock) -> None:
    request = await answered(office)
    first = text_of(office.mails_to(office.paul)[-1])
    assert f"/teleexpertise/demandes/{request.number}/cloture" in first, "the answer says where to close"
    clock.advance(timedelta(days=6, hours=23))
    await office.run_jobs()
    before = len(office.mails_to(office.paul))
    clock.advance(timedelta(hours=2))
    await office.run_jobs()
    reminder = office.mails_to(office.paul)[-1]
    assert "le patient est-il informé" in reminder["Subject"]
    clock.advance(timedelta(days=60))
    await office.run_jobs()
    assert len(office.mails_to(office.paul)) == before + 1
    assert await office.dead_jobs() == []


async def test_the_requester_closes_once_and_says_what_it_was_worth(office: Office, clock: MovableClock) -> None:
    request, follow_up, paul = await answered(office), office.service.follow_up, office.paul.id
    for person in (office.anne.id, office.marc.id):
        with pytest.raises(NotRequester):
            await follow_up.inform(request.id, person)
    assert (await follow_up.inform(request.id, paul)).state is State.INFORMED
    assert (await follow_up.inform(request.id, paul)).state is State.INFORMED
    view = await office.service.reading.view(request.number, paul)
    assert [fact.kind for fact in view.timeline].count(FactKind.PATIENT_INFORMED) == 1
    assert view.seen is not None
    assert view.seen.answer is not None, "a closed request is still read"
    await follow_up.say(request.id, paul, SurveyQuestion.USEFUL, Verdict.NO)
    survey = await follow_up.say(request.id, paul, SurveyQuestion.USEFUL, Verdict.PARTLY)
    assert survey.answers == {SurveyQuestion.USEFUL: Verdict.PARTLY}
    with pytest.raises(NotRequester):
        await follow_up.say(request.id, office.marc.id, SurveyQuestion.USEFUL, Verdict.YES)
    async with office.house.db.snapshot() as tx:
        (said,) = await store.list_said(tx, office.pool.id, clock.now() - timedelta(days=1))
        assert await store.list_said(tx, office.pool.id, clock.now() + timedelta(days=1)) == []
    assert (said.requester, said.survey.answers) == (paul, {SurveyQuestion.USEFUL: Verdict.PARTLY})
    assert said.survey.informed_at is not None
    clock.advance(timedelta(days=8))
    before = len(office.mails())
    await office.run_jobs()
    assert len(office.mails()) == before, "nobody is asked about a loop that is closed"


async def test_before_the_answer_there_is_nothing_to_close_or_to_say(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    with pytest.raises(StateForbids):
        await office.service.follow_up.inform(request.id, office.paul.id)
    with pytest.raises(SurveyTooEarly):
        await office.service.follow_up.say(request.id, office.paul.id, SurveyQuestion.USEFUL, Verdict.YES)


async def test_photographs_are_asked_for_at_the_date_that_the_expert_named(office: Office, clock: MovableClock) -> None:
    request = await answered(office, {**ADVICE, "r.suivi": (14,)})
    [(due_request, due)] = await office.service.follow_up.list_due(office.paul.id)
    assert due_request.id == request.id
    assert timedelta(days=13, hours=23) < due.due_at - clock.now() <= timedelta(days=14)
    clock.advance(timedelta(days=14))
    await office.run_jobs()
    mail = office.mails_to(office.paul)[-1]
    assert "suivi photo attendu" in mail["Subject"]
    assert f"/teleexpertise/demandes/{request.number}/suivi" in text_of(mail)
    view = await office.service.reading.view(request.number, office.paul.id)
    assert FactKind.FOLLOW_UP_DUE in [fact.kind for fact in view.timeline]
    assert await office.dead_jobs() == []
