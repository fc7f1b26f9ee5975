"""An answer under way, or the correction of one that has left: read, kept, given files, previewed, sent.

Both are written alike, in rooms that offer the same acts; what differs is which of them keeps and sends it.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from miss.server.api.openapi import Nothing
from miss.server.web.pages import language_of
from teleexpertise.answers.corrections import Corrections
from teleexpertise.answers.service import Answering, Prepared, Written
from teleexpertise.api import models
from teleexpertise.api.bodies import answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import AnswerForAnotherForm, AnswerNotWhole
from teleexpertise.api.files import incoming, require_some
from teleexpertise.questionnaire.model import Answers, AttachmentRef, QuestionnaireResponse
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.errors import AnswerIncomplete


@dataclass(frozen=True, slots=True)
class Writing:
    """Writing an answer."""

    counter: Counter
    room: Answering | Corrections

    async def open(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        held = await self.counter.held(path, caller.practitioner_id)
        return self._say(request, await self.room.open(held.id, caller.practitioner_id))

    async def save(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.WrittenAnswer
    ) -> Response:
        """Raises ResponseUnreadable, AnswerForAnotherForm."""
        held = await self.counter.held(path, caller.practitioner_id)
        response = parse_response(body.response)
        before = await self.room.open(held.id, caller.practitioner_id)
        if response.questionnaire != before.form.canonical:
            raise AnswerForAnotherForm(canonical=before.form.canonical)
        prepared = await self.room.save(
            held.id,
            caller.practitioner_id,
            Written(
                source=self.counter.service.parts.new_id(),
                answers=_with_known_files(response.answers, before.response),
                answered_at=response.answered_at,
            ),
        )
        return self._say(request, prepared)

    async def attach(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.AnswerFiles
    ) -> Response:
        """Raises FileNotBase64, and why a file was refused if none was taken."""
        held = await self.counter.held(path, caller.practitioner_id)
        before = await self.room.open(held.id, caller.practitioner_id)
        prepared = await self.room.save(
            held.id,
            caller.practitioner_id,
            Written(
                source=self.counter.service.parts.new_id(),
                answers=before.response.answers,
                answered_at=before.response.answered_at,
                files=incoming(body.files),
            ),
        )
        require_some(len(body.files), prepared.refused_files)
        return self._say(request, prepared)

    async def preview(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        """Raises AnswerNotWhole, and as the room."""
        held = await self.counter.held(path, caller.practitioner_id)
        try:
            preview = await self.room.preview(held.id, caller.practitioner_id)
        except AnswerIncomplete:
            raise AnswerNotWhole(number=held.number) from None
        return answer_json(request, models.preview_of(preview))

    async def send(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        """Raises AnswerNotWhole, and as the room."""
        held = await self.counter.held(path, caller.practitioner_id)
        try:
            done = await self.room.send(held.id, caller.practitioner_id)
        except AnswerIncomplete:
            # On a page it is what was typed that is wrong; here it is what was kept before.
            raise AnswerNotWhole(number=held.number) from None
        return self.counter.say(request, done)

    async def discard(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        """A correction is given up: the answer stays as it left."""
        held = await self.counter.held(path, caller.practitioner_id)
        await self.counter.service.corrections.discard(held.id, caller.practitioner_id)
        return self.counter.say(request, held)

    def _say(self, request: Request, prepared: Prepared) -> Response:
        return answer_json(request, models.draft_of(prepared, language_of(request)))


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
