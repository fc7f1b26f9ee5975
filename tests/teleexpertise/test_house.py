"""One life of a request on each kind of database, from the mail to the HPRIM answer."""

import asyncio

from teleexpertise.answers.service import Written
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests.model import State
from tests.teleexpertise.office import Office, text_of

ADVICE: Answers = {
    "r.decision": (Coding("avis"),),
    "r.diagnostic": ("Nævus commun (D22)",),
    "r.certitude": (Coding("probable"),),
    "r.conduite": ("Pas d'exérèse.",),
    "r.orientation": (Coding("aucune"),),
    "r.qualite": (Coding("suffisante"),),
    "r.cotation": (Coding("te2"),),
}


async def test_from_the_mail_to_the_answer(office: Office) -> None:
    await office.deliver(office.letter())
    assert await office.dead_jobs() == []
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    await office.service.answering.save(
        request.id, request.holder, Written(source="answer-1", answers=ADVICE, answered_at={})
    )
    await office.service.answering.send(request.id, request.holder)
    await office.run_jobs()
    assert (await office.request()).state is State.ANSWERED
    assert "****FINFICHIER****" in text_of(office.mails_to(office.paul)[-1])


async def test_two_answers_at_once_are_one(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    await office.service.answering.save(
        request.id, request.holder, Written(source="answer-1", answers=ADVICE, answered_at={})
    )
    sends = [office.service.answering.send(request.id, request.holder) for _ in range(2)]
    await asyncio.gather(*sends, return_exceptions=True)
    await office.run_jobs()
    assert (await office.request()).state is State.ANSWERED
    assert len([mail for mail in office.mails_to(office.paul) if ".answer@" in mail["Message-ID"]]) == 1
