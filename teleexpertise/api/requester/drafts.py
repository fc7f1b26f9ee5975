"""A request before it is sent: begun, written, given files, sent; judged exactly as the pages' drafts are.

A program sends the whole response each time, with the revision that it read: what was written meanwhile from elsewhere
is never overwritten unseen.  Files come by themselves; one that the response no longer names is taken away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import PractitionerId
from miss.base.text import Language
from miss.server.api.models import Answer
from miss.server.api.openapi import Nothing
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import JsonBody, answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import DraftNotWhole, ResponseForAnotherForm
from teleexpertise.api.files import Refused, SentFiles, incoming, refused_of, require_some
from teleexpertise.attachments.service import RefusedFile
from teleexpertise.intake.assessment import Arrived, Assessment
from teleexpertise.intake.drafts import Edit, revision_of
from teleexpertise.intake.prefill import begun
from teleexpertise.intake.service import Submission
from teleexpertise.questionnaire.compose import compose_questionnaire, compose_response
from teleexpertise.questionnaire.errors import UnknownForm
from teleexpertise.questionnaire.model import Answers, AnswerValue, AttachmentRef, Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.content import RequestContent
from teleexpertise.requests.errors import DraftMoved, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, State
from teleexpertise.requests.reading import Reader

Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$", description="Of the draft as it was read.")]


class NewRequest(JsonBody):
    """Which form a request begins on."""

    form: str = Field(min_length=1, max_length=200, description="Its id or canonical.", examples=["dermatologie"])


class WrittenDraft(JsonBody):
    """Everything that a draft says: what is left out is taken away."""

    revision: Revision
    response: dict[str, Any] = Field(description="QuestionnaireResponse; files by the url that they were given.")
    expert: str = Field("", max_length=200, description="Who is asked for by name: RPPS number or name.")


class DraftFiles(JsonBody):
    """Files for a draft."""

    files: SentFiles


class Draft(Answer):
    """A request that is not sent yet."""

    number: str
    revision: str
    questionnaire: dict[str, Any] = Field(description="The form as it is asked today: a FHIR R4 Questionnaire.")
    response: dict[str, Any] | None = Field(description="What it says so far: a QuestionnaireResponse.")
    faults: list[models.Fault] = Field(description="What keeps it from being sent.")
    blocked: list[str] = Field(description="Answers that forbid sending it at all.")
    deadline_hours: int | None = Field(description="A red flag forces an answer within so many hours.")
    refused: list[Refused]


@dataclass(frozen=True, slots=True)
class Drafts:
    """A requester's drafts."""

    counter: Counter

    async def begin(
        self, request: Request, caller: Caller, _path: Nothing, _query: Nothing, body: NewRequest
    ) -> Response:
        """Raises UnknownForm."""
        form = self.counter.service.registry.named(body.form)
        if form is None:
            raise UnknownForm(form=body.form[:80])
        arrived = Arrived(form=form, answers=begun(form), answered_at={}, replaces=True)
        made = await self._take(caller.practitioner_id, arrived)
        return self.counter.say(request, made)

    async def read(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        draft, content, form = await self._draft(path, caller.practitioner_id)
        looked = self._look(draft, content, form)
        return answer_json(request, _draft_of(draft, form, looked, revision_of(content), language_of(request)))

    async def write(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: WrittenDraft
    ) -> Response:
        """Raises ResponseUnreadable, ResponseForAnotherForm, DraftMoved."""
        draft, content, form = await self._draft(path, caller.practitioner_id)
        said = parse_response(body.response)
        if said.questionnaire != form.canonical:
            raise ResponseForAnotherForm(canonical=form.canonical)
        if body.revision != revision_of(content):
            raise DraftMoved(number=draft.number)
        known = self._look(draft, content, form).response or QuestionnaireResponse(form.canonical, {})
        arrived = _whole(form, known, said, self.counter.service.parts.clock.now(), body.expert)
        arrived = replace(arrived, old_form=self._old_form(draft))
        source = self.counter.service.parts.new_id()
        return await self._save(
            request, form, draft, Edit(source=source, requester=caller.practitioner_id, arrived=arrived)
        )

    async def attach(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: DraftFiles
    ) -> Response:
        """Raises FileNotBase64, and why a file was refused if none was taken."""
        draft, _, form = await self._draft(path, caller.practitioner_id)
        arrived = Arrived(form=form, answers={}, answered_at={}, merges=True, old_form=self._old_form(draft))
        source, files = self.counter.service.parts.new_id(), incoming(body.files)
        return await self._save(
            request, form, draft, Edit(source=source, requester=caller.practitioner_id, arrived=arrived, files=files)
        )

    async def send(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        """Raises DraftNotWhole."""
        asked = await self.counter.own(path, caller.practitioner_id)
        if asked.state is not State.DRAFT:
            return self.counter.say(request, asked)
        form = self._form(asked)
        arrived = Arrived(form=form, answers={}, answered_at={}, merges=True, old_form=self._old_form(asked))
        sent = await self._take(caller.practitioner_id, arrived, asked)
        if sent.state is State.DRAFT:
            raise DraftNotWhole(number=sent.number)
        return self.counter.say(request, sent)

    async def _take(
        self, requester: PractitionerId, arrived: Arrived, draft: ExpertiseRequest | None = None
    ) -> ExpertiseRequest:
        service = self.counter.service
        source = service.parts.new_id()
        submission = Submission(
            source=source,
            key=f"api:{source}",
            digest=source.encode().ljust(32, b"\0")[:32],
            requester=await service.parts.practitioners.get(requester),
            arrived=arrived,
            draft=draft.id if draft else None,
            tells_by_mail=False,
        )
        return (await service.intake.take(submission)).request

    async def _save(self, request: Request, form: Questionnaire, draft: ExpertiseRequest, edit: Edit) -> Response:
        saved = await self.counter.service.drafts.save(draft.number, edit)
        require_some(len(edit.files), saved.refused_files)
        language = language_of(request)
        answer = _draft_of(saved.request, form, saved.assessment, saved.revision, language, saved.refused_files)
        return answer_json(request, answer)

    async def _draft(
        self, path: models.NumberPath, who: PractitionerId
    ) -> tuple[ExpertiseRequest, RequestContent, Questionnaire]:
        """Raises RequestUnknown, StateForbids for one that was sent, UnknownForm."""
        view = await self.counter.view(path, who, Reader.REQUESTER)
        if view.request.state is not State.DRAFT or view.seen is None:
            raise StateForbids(number=view.request.number, state=view.request.state)
        return view.request, view.seen.content, self._form(view.request)

    def _form(self, draft: ExpertiseRequest) -> Questionnaire:
        """The draft's specialty as it is asked today.  Raises UnknownForm, also for a mail that names none."""
        form = self.counter.service.registry.current(draft.canonical)
        if form is None:
            raise UnknownForm(form=draft.canonical)
        return form

    def _old_form(self, draft: ExpertiseRequest) -> Questionnaire | None:
        return self.counter.service.registry.find(draft.canonical)

    def _look(self, draft: ExpertiseRequest, content: RequestContent, form: Questionnaire) -> Assessment:
        return self.counter.service.drafts.look(content, form, self._old_form(draft))


def _whole(
    form: Questionnaire, known: QuestionnaireResponse, said: QuestionnaireResponse, now: datetime, expert: str
) -> Arrived:
    """Everything a program said, as the edit that makes the draft say so too."""
    typed = {link_id: words for link_id, values in said.answers.items() if (words := _words(values))}
    before = {link_id for link_id, values in known.answers.items() if _words(values)}
    named = _files(said.answers)
    return Arrived(
        form=form,
        answers=typed,
        answered_at={
            link_id: _instant(link_id, known.answered_at, said.answered_at, now) for link_id in before | typed.keys()
        },
        merges=True,
        removed=frozenset(ref for ref in _files(known.answers) if ref not in named),
        wish=expert,
    )


def _words(values: tuple[AnswerValue, ...]) -> tuple[AnswerValue, ...]:
    """An answer without files."""
    return tuple(value for value in values if not isinstance(value, AttachmentRef))


def _files(answers: Answers) -> frozenset[str]:
    return frozenset(value.ref for values in answers.values() for value in values if isinstance(value, AttachmentRef))


def _instant(link_id: str, known: Mapping[str, datetime], said: Mapping[str, datetime], now: datetime) -> datetime:
    """When it was answered: as the program says, never ahead of us nor before what we know."""
    instant = min(said.get(link_id, now), now)
    return max(instant, known.get(link_id, instant))


def _draft_of(
    draft: ExpertiseRequest, form: Questionnaire, judged: Assessment, revision: str, language: Language,
    refused: Sequence[RefusedFile] = (),
) -> Draft:  # fmt: skip
    return Draft(
        number=draft.number,
        revision=revision,
        questionnaire=dict(compose_questionnaire(form)),
        response=dict(compose_response(form, judged.response)) if judged.response else None,
        faults=[models.Fault(link_id=one.link_id, message=one.sentence(language)) for one in judged.problems],
        blocked=[text.in_(language) for text in judged.blocked],
        deadline_hours=judged.red_flag_hours,
        refused=refused_of(refused, language),
    )
