"""The expert's answer: prepared as a sealed draft, previewed as the requester will read it, then sent.

What the `reponse` form decides goes its own way: an advice or a reorientation ends the request with a letter, a
question puts it on hold, a refusal sends it to the next expert.  The form is checked when it is saved and when it is
sent.
"""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.documents.letter import Letter
from teleexpertise.answers.composing import Leaving, final_of, letter_of, mail_of
from teleexpertise.answers.gaps import gap_problems
from teleexpertise.answers.prescriptions import fit_prescriptions
from teleexpertise.attachments.placing import place_files
from teleexpertise.attachments.service import IncomingFile, RefusedFile
from teleexpertise.board.service import record_answer
from teleexpertise.dispatch import AttemptState, DeclineReason
from teleexpertise.letters.answer import Replaced
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
from teleexpertise.requests import model, store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import AnswerContent, RequestContent
from teleexpertise.requests.errors import AnswerIncomplete, NotHolder, StateForbids
from teleexpertise.requests.listeners import Answered, AnswerListener
from teleexpertise.requests.model import TOLD, ExpertiseRequest, State
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.record import record
from teleexpertise.requests.service import Requests
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.answering")


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
class Written:
    """What the expert wrote, whatever is wrong with it."""

    source: str
    """Makes the files' references, so that the same submission keeps them once."""
    answers: Answers
    """Every answer there is, files kept from before included."""
    answered_at: Mapping[str, datetime]
    files: Sequence[IncomingFile] = ()
    """New ones."""
    problems: tuple[Problem, ...] = ()
    """What was not understood on the way here."""


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

    def __init__(
        self, parts: Parts, requests: Requests, assignment: Assignment, listeners: Sequence[AnswerListener] = ()
    ) -> None:
        self._parts = parts
        self._listeners = listeners
        self._requests = requests
        self._assignment = assignment

    async def open(self, request_id: RequestId, by: PractitionerId) -> Prepared:
        """The answer as it stands, blank if nothing was saved.  Raises RequestUnknown, NotHolder, StateForbids."""
        stored = await self._held(request_id, by)
        return await self.prepared(stored.request, stored.answer)

    async def save(self, request_id: RequestId, by: PractitionerId, written: Written) -> Prepared:
        """Keep the answer as a draft, and say what is wrong with it.  Raises as `open`."""
        stored = await self._held(request_id, by)
        prepared, sealed = await self.draft(stored.request, by, written)
        async with self._parts.db.transaction() as tx:
            locked = await store.lock(tx, request_id)
            self._require_held(locked, by)
            await store.save(tx, locked.request, answer=sealed)
        return prepared

    async def draft(
        self, request: ExpertiseRequest, by: PractitionerId, written: Written, *, version: int = 1
    ) -> tuple[Prepared, bytes]:
        """An answer under way and its sealed content; the caller keeps it."""
        parts, now = self._parts, self._parts.clock.now()
        form = parts.registry.answer_form(request.canonical)
        fit, unfit = await to_thread(fit_prescriptions, written.files)
        kept, refused = await parts.attachments.keep(request.id, written.source, fit, by=by)
        placed = place_files(form, written.answers, kept)
        response = QuestionnaireResponse(
            form.canonical, placed.answers, now, dict(written.answered_at), ResponseStatus.IN_PROGRESS
        )
        checked = check(form, response)
        draft = AnswerContent(
            response=compose_response(form, response), answered_by=by, answered_at=now, version=version
        )
        sealed = await parts.vault.seal(request.id, draft)
        prepared = Prepared(
            request=request,
            form=form,
            response=response,
            problems=(*_told_once(written.problems, checked, placed.answers), *gap_problems(placed.answers)),
            refused_files=(*unfit, *refused),
        )
        return prepared, sealed

    async def preview(self, request_id: RequestId, by: PractitionerId) -> Preview:
        """What sending would do.  Raises as `open`, AnswerIncomplete."""
        stored = await self._held(request_id, by)
        prepared = await self.prepared(stored.request, stored.answer)
        if not prepared.ok:
            raise AnswerIncomplete(number=prepared.request.number)
        if prepared.decision in {DecisionCode.QUESTION, DecisionCode.REFUSAL}:
            return Preview(prepared=prepared, letter=None, successor=await self._successor(prepared))
        content = await self._parts.vault.open_content(request_id, stored.content)
        letter = await letter_of(self._parts, self.leaving(prepared, content, by))
        return Preview(prepared=prepared, letter=letter, successor=await self._successor(prepared))

    def leaving(
        self, prepared: Prepared, content: RequestContent, by: PractitionerId, replaced: Replaced | None = None
    ) -> Leaving:
        """A prepared answer as it would leave now."""
        return Leaving(
            request=prepared.request,
            content=content,
            form=prepared.form,
            response=replace(prepared.response, status=ResponseStatus.COMPLETED),
            by=by,
            at=self._parts.clock.now(),
            replaced=replaced,
        )

    async def send(self, request_id: RequestId, by: PractitionerId) -> ExpertiseRequest:
        """Do what the saved answer decides; sending an answer twice sends it once.

        Raises as `preview`.
        """
        async with self._parts.db.snapshot() as tx:
            seen = (await store.get(tx, request_id)).request
        if seen.state in TOLD and seen.holder == by:
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
        parts = self._parts
        async with parts.db.snapshot() as tx:
            stored = await store.get(tx, request_id)
        content = await parts.vault.open_content(request_id, stored.content)
        leaving = self.leaving(preview.prepared, content, by)
        now, response = leaving.at, leaving.response
        sealed = await parts.vault.seal(request_id, final_of(leaving))
        mail = await mail_of(parts, leaving)
        async with parts.db.transaction() as tx:
            locked = await self._assignment.lock(tx, request_id)
            request, fact = model.answer(locked.request, by, now)
            await parts.dispatch.close(tx, request.attempt_id, AttemptState.ANSWERED, now)
            await record(parts, tx, request, fact, answer=sealed)
            await record_answer(tx, request, by, response, now)
            for listener in self._listeners:
                await listener(tx, Answered(request=request, content=content, response=response, at=now))
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

    async def prepared(self, request: ExpertiseRequest, sealed: bytes) -> Prepared:
        """A sealed draft, judged; a blank one for `sealed` empty."""
        form = self._parts.registry.answer_form(request.canonical)
        response = QuestionnaireResponse(form.canonical, {})
        if sealed:
            draft = await self._parts.vault.open_answer(request.id, sealed)
            response = parse_response(draft.response)
        checked = check(form, response)
        problems = (*checked.problems, *gap_problems(response.answers))
        return Prepared(request=request, form=form, response=response, problems=problems)


def _told_once(parsed: Sequence[Problem], checked: Checked, answers: Answers) -> tuple[Problem, ...]:
    """What was not understood, then what the check found elsewhere."""
    first = [problem for problem in parsed if problem.link_id not in answers]
    told = {problem.link_id for problem in first}
    return (*first, *(problem for problem in checked.problems if problem.link_id not in told))
