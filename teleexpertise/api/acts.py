"""What an expert does to a request: the same services as the pages, the same refusals."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import PractitionerId
from miss.server.api.openapi import Nothing
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.errors import AnswerForAnotherForm, AnswerNotWhole
from teleexpertise.house import Teleexpertise
from teleexpertise.questionnaire.model import Answers, AttachmentRef, QuestionnaireResponse
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.errors import AnswerIncomplete, RequestUnknown
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.reading import Reader


@dataclass(frozen=True, slots=True)
class Acts:
    """Doing."""

    service: Teleexpertise

    async def accept(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        held = await self._held(path, caller.practitioner_id)
        return self._say(request, await self.service.requests.accept(held.id, caller.practitioner_id))

    async def decline(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.Refusal
    ) -> Response:
        held = await self._held(path, caller.practitioner_id)
        return self._say(request, await self.service.requests.decline(held.id, caller.practitioner_id, body.reason))

    async def ask(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.Question
    ) -> Response:
        held = await self._held(path, caller.practitioner_id)
        asked = await self.service.requests.ask(held.id, caller.practitioner_id, body.text.strip(), body.items)
        return self._say(request, asked)

    async def open_answer(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        held = await self._held(path, caller.practitioner_id)
        prepared = await self.service.answering.open(held.id, caller.practitioner_id)
        return answer_json(request, models.draft_of(prepared, language_of(request)))

    async def save_answer(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.WrittenAnswer
    ) -> Response:
        """Raises ResponseUnreadable, AnswerForAnotherForm."""
        held = await self._held(path, caller.practitioner_id)
        response = parse_response(body.response)
        before = await self.service.answering.open(held.id, caller.practitioner_id)
        if response.questionnaire != before.form.canonical:
            raise AnswerForAnotherForm(canonical=before.form.canonical)
        prepared = await self.service.answering.save(
            held.id,
            caller.practitioner_id,
            source=self.service.parts.new_id(),
            answers=_with_known_files(response.answers, before.response),
            answered_at=response.answered_at,
        )
        return answer_json(request, models.draft_of(prepared, language_of(request)))

    async def send_answer(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        held = await self._held(path, caller.practitioner_id)
        try:
            done = await self.service.answering.send(held.id, caller.practitioner_id)
        except AnswerIncomplete:
            # On a page it is what was typed that is wrong; here it is what was kept before.
            raise AnswerNotWhole(number=held.number) from None
        return self._say(request, done)

    async def _held(self, path: models.NumberPath, expert: PractitionerId) -> ExpertiseRequest:
        """The request, for its holder only.  Raises RequestUnknown."""
        view = await self.service.reading.view(path.number, expert)
        if view.reader is not Reader.HOLDER:
            raise RequestUnknown
        return view.request

    def _say(self, request: Request, done: ExpertiseRequest) -> Response:
        title = self.service.parts.form_title(done.canonical)
        return answer_json(request, models.line_of(done, title, language_of(request)))


def _with_known_files(answers: Answers, before: QuestionnaireResponse) -> Answers:
    """The answers, without files that the answer did not have: a reference alone brings nothing in."""
    known = {value.ref: value for values in before.answers.values() for value in values
             if isinstance(value, AttachmentRef)}  # fmt: skip
    return {
        link_id: tuple(
            known[value.ref] if isinstance(value, AttachmentRef) else value
            for value in values
            if not isinstance(value, AttachmentRef) or value.ref in known
        )
        for link_id, values in answers.items()
    }
