"""Helps tests have a request answered."""

from teleexpertise.answers.service import Written
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests.model import ExpertiseRequest
from tests.teleexpertise.office import Office

ADVICE: Answers = {
    "r.decision": (Coding("avis"),),
    "r.diagnostic": ("Eczéma (L30.9)",),
    "r.certitude": (Coding("certain"),),
    "r.conduite": ("Dermocorticoïde.",),
    "r.orientation": (Coding("aucune"),),
    "r.qualite": (Coding("suffisante"),),
    "r.cotation": (Coding("te2"),),
}


async def answer(office: Office, request: ExpertiseRequest, answers: Answers = ADVICE) -> ExpertiseRequest:
    """The request after its holder accepted and answered it; its mails have left."""
    service = office.service
    assert request.holder is not None
    await service.requests.accept(request.id, request.holder)
    prepared = await service.answering.save(
        request.id, request.holder, Written(source=f"answer-{request.number}", answers=answers, answered_at={})
    )
    assert prepared.problems == ()
    sent = await service.answering.send(request.id, request.holder)
    await office.run_jobs()
    return sent


async def answered(office: Office, answers: Answers = ADVICE) -> ExpertiseRequest:
    """A request of Dr EXEMPLE that was answered."""
    await office.deliver(office.letter())
    return await answer(office, await office.request(), answers)
