"""The expert's answer: prepared as a sealed draft, previewed as the requester will read it, then sent.

What the `reponse` form decides goes its own way: an advice or a reorientation ends the request with a letter, a
question puts it on hold, a refusal sends it to the next expert.  The form is checked when it is saved and when it is
sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Letter
from miss.mail.outbound import OutboundAttachment
from teleexpertise.attachments.placing import place_files
from teleexpertise.attachments.service import IncomingFile, RefusedFile
from teleexpertise.dispatch import AttemptState, DeclineReason
from teleexpertise.letters.answer import INTERNAL_ITEMS, Answer, answer_mail, compose_letter, too_heavy
from teleexpertise.questionnaire.check import Checked, check
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import (
    Answers,
    Coding,
    Problem,
    Questionnaire,
    QuestionnaireResponse,
    ResponseStatus,
)
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.questionnaire.render import response_text
from teleexpertise.requests import model, store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import AnswerContent, RequestContent, files_in, response_of
from teleexpertise.requests.errors import AnswerIncomplete, NotHolder, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.service import Requests
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.answering")

QUESTION_ITEM = "c.question"


class DecisionCode(StrEnum):
    """`r.decision`."""

    ADVICE = "avis"
    QUESTION = "precisions"
    REFUSAL = "refus"
    REORIENTATION = "reorientation"


REASONS: Mapping[str, DeclineReason] = {
    "hors-champ": DeclineReason.SCOPE,
    "donnees": DeclineReason.INSUFFICIENT,
    "presentiel": DeclineReason.IN_PERSON,
    "urgence": DeclineReason.EMERGENCY,
    "lien": DeclineReason.CONFLICT,
}
"""`r.motif`."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Prepared:
    """An answer under way."""

    request: ExpertiseRequest
    form: Questionnaire
    response: QuestionnaireResponse
    problems: tuple[Problem, ...] = ()
    refused_files: tuple[RefusedFile, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def decision(self) -> DecisionCode | None:
        """What the expert decided; None while it is blank."""
        value = self.response.first("r.decision")
        return DecisionCode(value.code) if isinstance(value, Coding) else None

    @property
    def decline_reason(self) -> DeclineReason:
        """Why it is refused; for a refusal that passed its form."""
        value = self.response.first("r.motif")
        return REASONS[value.code] if isinstance(value, Coding) else DeclineReason.SCOPE


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Preview:
    """What sending would do."""

    prepared: Prepared
    letter: Letter | None
    """What the requester would receive; None for a question or a refusal."""
    successor: str = ""
    """Who would receive it instead, because the requester has left; empty: nobody else."""


class Answering:
    """Prepares and sends answers."""

    def __init__(self, parts: Parts, requests: Requests, assignment: Assignment) -> None:
        self._parts = parts
        self._requests = requests
        self._assignment = assignment

    async def open(self, request_id: RequestId, by: PractitionerId) -> Prepared:
        """The answer as it stands, blank if nothing was saved.  Raises RequestUnknown, NotHolder, StateForbids."""
        return await self._prepared(await self._held(request_id, by))

    async def save(
        self,
        request_id: RequestId,
        by: PractitionerId,
        *,
        source: str,
        answers: Answers,
        answered_at: Mapping[str, datetime],
        files: Sequence[IncomingFile] = (),
        problems: tuple[Problem, ...] = (),
    ) -> Prepared:
        """Keep the answer as a draft, whatever is wrong with it, and say what is.

        `answers` hold every answer there is, files kept from before included.  Raises as `open`.
        """
        parts, now = self._parts, self._parts.clock.now()
        stored = await self._held(request_id, by)
        form = parts.registry.answer_form(stored.request.canonical)
        kept, refused = await parts.attachments.keep(request_id, source, files)
        placed = place_files(form, answers, kept)
        response = QuestionnaireResponse(
            form.canonical, placed.answers, now, dict(answered_at), ResponseStatus.IN_PROGRESS
        )
        checked = check(form, response)
        draft = AnswerContent(response=compose_response(form, response), answered_by=by, answered_at=now)
        sealed = await parts.vault.seal(request_id, draft)
        async with parts.db.transaction() as tx:
            locked = await store.lock(tx, request_id)
            self._require_held(locked, by)
            await store.save(tx, locked.request, answer=sealed)
        return Prepared(
            request=stored.request,
            form=form,
            response=response,
            problems=_told_once(problems, checked, placed.answers),
            refused_files=tuple(refused),
        )

    async def preview(self, request_id: RequestId, by: PractitionerId) -> Preview:
        """What sending would do.  Raises as `open`, AnswerIncomplete."""
        stored = await self._held(request_id, by)
        prepared = await self._prepared(stored)
        if not prepared.ok:
            raise AnswerIncomplete(number=prepared.request.number)
        if prepared.decision in {DecisionCode.QUESTION, DecisionCode.REFUSAL}:
            return Preview(prepared=prepared, letter=None, successor=await self._successor(prepared))
        content = await self._parts.vault.open_content(request_id, stored.content)
        letter = await self._letter(prepared, content, by, self._parts.clock.now())
        return Preview(prepared=prepared, letter=letter, successor=await self._successor(prepared))

    async def send(self, request_id: RequestId, by: PractitionerId) -> ExpertiseRequest:
        """Do what the saved answer decides; sending an answer twice sends it once.

        Raises as `preview`.
        """
        async with self._parts.db.snapshot() as tx:
            seen = (await store.get(tx, request_id)).request
        if seen.state is State.ANSWERED and seen.holder == by:
            return seen
        preview = await self.preview(request_id, by)
        response = preview.prepared.response
        match preview.prepared.decision:
            case DecisionCode.QUESTION:
                items = [value.code for value in response.all("r.precisions") if isinstance(value, Coding)]
                text = str(response.first("r.precisions.texte") or "")
                return await self._requests.ask(request_id, by, text, items)
            case DecisionCode.REFUSAL:
                return await self._requests.decline(request_id, by, preview.prepared.decline_reason)
            case _:
                return await self._answer(request_id, by, preview)

    async def _answer(self, request_id: RequestId, by: PractitionerId, preview: Preview) -> ExpertiseRequest:
        parts, now = self._parts, self._parts.clock.now()
        response = replace(preview.prepared.response, status=ResponseStatus.COMPLETED)
        final = AnswerContent(
            response=compose_response(preview.prepared.form, response), answered_by=by, answered_at=now
        )
        sealed = await parts.vault.seal(request_id, final)
        async with parts.db.snapshot() as tx:
            stored = await store.get(tx, request_id)
        content = await parts.vault.open_content(request_id, stored.content)
        letter = await self._letter(preview.prepared, content, by, now)
        files = await self._files(request_id, response)
        people = await parts.practitioners.get_many([stored.request.requester, by])
        to = correspondent(people[stored.request.requester], content.thread)
        mail = None
        if to is not None:
            mail = answer_mail(
                parts.platform, to, content.thread, letter, expert=correspondent(people[by]),
                attachments=() if too_heavy(files) else files,
            )  # fmt: skip
        mail = await parts.follow(mail, people[stored.request.requester])
        async with parts.db.transaction() as tx:
            locked = await self._assignment.lock(tx, request_id)
            request, fact = model.answer(locked.request, by, now)
            await parts.dispatch.close(tx, request.attempt_id, AttemptState.ANSWERED, now)
            await store.save(tx, request, answer=sealed)
            await store.add_fact(tx, request.id, fact, parts.random_bytes)
            await parts.post(tx, mail, request.id)
            await self._assignment.wake_waiting(tx, request, now)
        parts.jobs.wake()
        log.info("request.answered", request=request.id, number=request.number)
        return request

    async def _successor(self, prepared: Prepared) -> str:
        found = await self._parts.find_successor(prepared.request.requester)
        return found.name if found else ""

    async def _held(self, request_id: RequestId, by: PractitionerId) -> Stored:
        async with self._parts.db.snapshot() as tx:
            stored = await store.get(tx, request_id)
        self._require_held(stored, by)
        return stored

    @staticmethod
    def _require_held(stored: Stored, by: PractitionerId) -> None:
        request = stored.request
        if request.holder != by:
            raise NotHolder(number=request.number)
        if request.state not in {State.IN_PROGRESS, State.ON_HOLD}:
            raise StateForbids(number=request.number, state=request.state)

    async def _prepared(self, stored: Stored) -> Prepared:
        request = stored.request
        form = self._parts.registry.answer_form(request.canonical)
        response = QuestionnaireResponse(form.canonical, {})
        if stored.answer:
            draft = await self._parts.vault.open_answer(request.id, stored.answer)
            response = parse_response(draft.response)
        checked = check(form, response)
        return Prepared(request=request, form=form, response=response, problems=checked.problems)

    async def _letter(self, prepared: Prepared, content: RequestContent, by: PractitionerId, now: datetime) -> Letter:
        parts, request = self._parts, prepared.request
        people = await parts.practitioners.get_many([request.requester, by])
        asked = response_of(content)
        shown = {key: values for key, values in prepared.response.answers.items() if key not in INTERNAL_ITEMS}
        files = await self._files(request.id, prepared.response)
        if content.patient is None:
            raise LetterIncomplete(field="patient")
        return compose_letter(
            Answer(
                number=request.number,
                form_title=parts.form_title(request.canonical),
                patient=content.patient,
                requester=people[request.requester].display_name,
                expert=people[by].display_name,
                expert_specialty=next((coding.display for coding in people[by].specialties), ""),
                asked_at=request.require_sent().at,
                answered_at=now,
                question=str(asked.first(QUESTION_ITEM) or "") if asked else "",
                sections=response_text(prepared.form, replace(prepared.response, answers=shown)),
                files_link=parts.platform.link(f"/teleexpertise/demandes/{request.number}") if too_heavy(files) else "",
            )
        )

    async def _files(self, request_id: RequestId, response: QuestionnaireResponse) -> list[OutboundAttachment]:
        return [
            OutboundAttachment(ref.name, ref.mime, await self._parts.attachments.read(request_id, ref.ref))
            for ref in files_in(response)
        ]


def _told_once(parsed: Sequence[Problem], checked: Checked, answers: Answers) -> tuple[Problem, ...]:
    """What was not understood, then what the check found elsewhere."""
    first = [problem for problem in parsed if problem.link_id not in answers]
    told = {problem.link_id for problem in first}
    return (*first, *(problem for problem in checked.problems if problem.link_id not in told))
