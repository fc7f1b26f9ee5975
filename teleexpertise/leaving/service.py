"""Each request as it can be read elsewhere: FHIR R4, PDF, HPRIM, its photographs and files, its state, its mails.

Of a request whose content was destroyed, what stays: number, states, times.  A request that a member made in their own
name is theirs and not here; what an expert noted for the service alone stays here (`exchange`).
"""

from asyncio import to_thread
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.base.text import Language
from miss.directory.establishments.model import Establishment
from miss.directory.practitioners.model import organization_party
from miss.documents.errors import LetterIncomplete
from miss.documents.fhir import compose_bundle
from miss.documents.hprim.compose import compose_hprim
from miss.documents.letter import Letter
from miss.mail.letters import Beside, compose_pdf
from miss.server.reversibility.archive import File, to_json
from miss.storage.errors import DataKeyDestroyed
from teleexpertise.answers.composing import Leaving as LeavingAnswer
from teleexpertise.answers.composing import letter_of
from teleexpertise.house import Teleexpertise
from teleexpertise.leaving import store
from teleexpertise.requests import store as request_store
from teleexpertise.requests.exchange import answer_to_share, exchange_of
from teleexpertise.requests.model import ExpertiseRequest, Fact
from teleexpertise.requests.reading import View

SLICE: Final = 100
FHIR_JSON, JSON, PDF, TEXT = "application/fhir+json", "application/json", "application/pdf", "text/plain"


async def leaving_files(service: Teleexpertise, establishment: Establishment) -> AsyncIterator[File]:
    """As `miss.server.reversibility.sources.Leaving.files`."""
    party = organization_party(establishment.id)
    after = ""
    while True:
        async with service.parts.db.snapshot() as tx:
            some = await store.list_numbers(tx, party, after, SLICE)
        for request_id, number in some:
            async for file in _request(service, party, number):
                yield file
            after = request_id
        if len(some) < SLICE:
            return


async def _request(service: Teleexpertise, party: PractitionerId, number: str) -> AsyncIterator[File]:
    folder = f"teleexpertise/demandes/{number}"
    absent: dict[str, str] = {}
    async with service.parts.db.snapshot() as tx:
        request = (await request_store.get_by_number(tx, number)).request
        facts = await request_store.list_facts(tx, request.id)
    try:
        view = await service.reading.look(number, party, Language.FR)
    except DataKeyDestroyed:
        absent["contenu"] = DataKeyDestroyed.code
    else:
        async for file in _content(service, view, folder, absent):
            yield file
    state = _state(request, service.parts.form_title(request.canonical), facts, absent)
    yield File(f"{folder}/etat.json", to_json(state), JSON)
    mails = [
        {
            "message_id": one.mailed.message_id,
            "from": one.mailed.sender,
            "to": one.mailed.recipient,
            "sha256": one.mailed.digest.hex() if one.mailed.digest else None,
            "steps": [{"stage": step.stage.value, "at": step.at.isoformat(), "by": step.by} for step in one.timeline],
        }
        for one in await service.parts.trace.list_about(f"request:{request.id}")
    ]
    if mails:
        yield File(f"{folder}/courriels.json", to_json(mails), JSON)


async def _content(service: Teleexpertise, view: View, folder: str, absent: dict[str, str]) -> AsyncIterator[File]:
    """`absent` is told what could not be made, and why."""
    parts = service.parts
    answer = answer_to_share(view)
    coded = await service.diagnoses.coded(answer) if answer else None
    bundle = compose_bundle(exchange_of(view, parts.platform.public_url, coded))
    yield File(f"{folder}/echange.fhir.json", to_json(bundle), FHIR_JSON)
    for ref in view.seen.files if view.seen else ():
        content = await parts.attachments.read(view.request.id, ref.ref)
        yield File(f"{folder}/fichiers/{ref.ref}{_ending(ref.mime)}", content, ref.mime)
    if view.request.sent is None:
        return
    try:
        letter, beside = await service.documents.letter(view)
    except MissError as error:
        absent["demande"] = error.code
    else:
        async for file in _letter(f"{folder}/demande", letter, beside, absent):
            yield file
        if answer is not None:
            async for file in _answer(service, view, folder, beside, absent):
                yield file


async def _answer(
    service: Teleexpertise, view: View, folder: str, beside: Beside, absent: dict[str, str]
) -> AsyncIterator[File]:
    seen, response = view.seen, answer_to_share(view)
    if seen is None or seen.answer is None or seen.answer_form is None or response is None:
        return
    leaving = LeavingAnswer(
        request=view.request,
        content=seen.content,
        form=seen.answer_form,
        response=response,
        by=seen.answer.answered_by,
        at=seen.answer.answered_at,
    )
    try:
        letter = await letter_of(service.parts, leaving)
    except MissError as error:
        absent["reponse"] = error.code
        return
    async for file in _letter(f"{folder}/reponse", letter, beside, absent):
        yield file


async def _letter(name: str, letter: Letter, beside: Beside, absent: dict[str, str]) -> AsyncIterator[File]:
    """On paper, and as practice software reads it."""
    try:
        yield File(f"{name}.pdf", (await to_thread(compose_pdf, letter, beside)).content, PDF)
        yield File(f"{name}.hpr", compose_hprim(letter), f"{TEXT}; charset=iso-8859-1")
    except LetterIncomplete as error:
        absent[name.rpartition("/")[2]] = error.code


def _state(request: ExpertiseRequest, title: str, facts: Sequence[Fact], absent: dict[str, str]) -> dict[str, Any]:
    return {
        "number": request.number,
        "form": request.canonical,
        "title": title,
        "state": request.state.value,
        "created_at": request.created_at.isoformat(),
        "sent_at": request.sent.at.isoformat() if request.sent else None,
        "deadline_at": request.sent.deadline_at.isoformat() if request.sent else None,
        "ended_at": request.ended_at.isoformat() if request.ended_at else None,
        "absent": absent,
        "timeline": [
            {"at": fact.at.isoformat(), "kind": fact.kind.value, "actor": fact.actor, "through": fact.through}
            for fact in facts
        ],
    }


def _ending(mime: str) -> str:
    return {"image/jpeg": ".jpg", PDF: ".pdf"}.get(mime, ".bin")
