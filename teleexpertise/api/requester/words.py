"""What a requester says of a request that was sent: words, answers to the expert's question, the end of it."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Language
from miss.server.api.models import Answer
from miss.server.api.openapi import Nothing
from miss.server.api.problems import Fault
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import JsonBody, answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import ClarificationUnfit, NothingAsked, ResponseForAnotherForm
from teleexpertise.api.files import Refused, SentFiles, incoming, refused_of
from teleexpertise.follow_up.errors import SurveyAnswerUnknown
from teleexpertise.follow_up.model import QUESTIONS, SurveyQuestion, Verdict, require_verdict
from teleexpertise.questionnaire.check import check
from teleexpertise.questionnaire.compose import compose_questionnaire
from teleexpertise.questionnaire.model import AttachmentRef, Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.errors import WordMissing

Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]


class RequesterWord(JsonBody):
    """A word on a request that was sent, and answers to what the expert asks."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [one]} for one in ("text", "response", "files")]}
    )

    text: Annotated[str, Field(min_length=1, max_length=5000, pattern=r"\S")] | models.Absent = None
    response: dict[str, Any] | models.Absent = Field(
        None, description="QuestionnaireResponse to the questionnaire of `GET …/question`, while a question waits."
    )
    files: SentFiles | models.Absent = None
    key: Key | models.Absent = Field(None, description="Made by the program: the same word twice is one.")


class Said(JsonBody):
    """One tap of the survey."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"question": {"const": question}, "verdict": {"enum": [*verdicts]}}}
                for question, (_, verdicts) in QUESTIONS.items()
            ]
        }
    )

    question: SurveyQuestion
    verdict: Verdict


class WordTaken(Answer):
    """What became of a word."""

    line: models.RequestLine
    refused: list[Refused]


class AskedBack(Answer):
    """What the expert waits for."""

    number: str
    text: str
    items: list[str]
    questionnaire: dict[str, Any] = Field(description="The items asked for, as a FHIR R4 Questionnaire.")


class Surveyed(Answer):
    """What the requester said of the answer so far."""

    number: str
    answers: dict[SurveyQuestion, Verdict]
    next_question: SurveyQuestion | None


@dataclass(frozen=True, slots=True)
class Words:
    """A requester's words and acts."""

    counter: Counter

    async def add(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: RequesterWord
    ) -> Response:
        """Raises WordMissing, NothingAsked, ResponseForAnotherForm, ClarificationUnfit, FileNotBase64."""
        requests, who, language = self.counter.service.requests, caller.practitioner_id, language_of(request)
        asked, text = await self.counter.own(path, who), (body.text or "").strip()
        response = parse_response(body.response) if body.response is not None else None
        if not (text or body.files or (response and response.answers)):
            raise WordMissing(number=asked.number)
        if response is not None:
            found = await requests.find_question(asked.id, who)
            if found is None:
                raise NothingAsked(number=asked.number)
            _require_fit(asked.number, found[1], response, language)
        word = Word(
            source=_source(asked.id, who, body.key) if body.key else self.counter.service.parts.new_id(),
            author=who,
            text=text,
            files=incoming(body.files or ()),
            answers=response.answers if response else {},
            answered_at=response.answered_at if response else {},
            is_watched=True,
        )
        done, refused = await requests.add(asked.id, word)
        taken = WordTaken(line=self.counter.line(request, done), refused=refused_of(refused, language))
        return answer_json(request, taken)

    async def question(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        """Raises NothingAsked."""
        asked = await self.counter.own(path, caller.practitioner_id)
        found = await self.counter.service.requests.find_question(asked.id, caller.practitioner_id)
        if found is None:
            raise NothingAsked(number=asked.number)
        note, form = found
        back = AskedBack(
            number=asked.number, text=note.text, items=[*note.items], questionnaire=dict(compose_questionnaire(form))
        )
        return answer_json(request, back)

    async def cancel(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        asked = await self.counter.own(path, caller.practitioner_id)
        return self.counter.say(request, await self.counter.service.requests.revoke(asked.id, caller.practitioner_id))

    async def call_off(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        asked = await self.counter.own(path, caller.practitioner_id)
        done = await self.counter.service.requests.call_off(asked.id, caller.practitioner_id)
        return self.counter.say(request, done)

    async def inform(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        asked = await self.counter.own(path, caller.practitioner_id)
        done = await self.counter.service.follow_up.inform(asked.id, caller.practitioner_id)
        return self.counter.say(request, done)

    async def survey(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: Said
    ) -> Response:
        """Raises SurveyAnswerUnknown, SurveyTooEarly."""
        asked = await self.counter.own(path, caller.practitioner_id)
        if not require_verdict(body.question, body.verdict):
            raise SurveyAnswerUnknown
        said = await self.counter.service.follow_up.say(asked.id, caller.practitioner_id, body.question, body.verdict)
        answers, following = dict(said.answers), said.next_question
        return answer_json(request, Surveyed(number=asked.number, answers=answers, next_question=following))


def _require_fit(number: str, form: Questionnaire, response: QuestionnaireResponse, language: Language) -> None:
    """Raises ResponseForAnotherForm, ClarificationUnfit."""
    if response.questionnaire != form.canonical:
        raise ResponseForAnotherForm(canonical=form.canonical)
    faults = [Fault(name=one.link_id, reason=one.sentence(language)) for one in check(form, response).problems]
    faults += [
        Fault(name=link_id, reason="files go into `files`")
        for link_id, values in response.answers.items()
        if any(isinstance(value, AttachmentRef) for value in values)
    ]
    if faults:
        raise ClarificationUnfit(number=number, faults=faults)


def _source(request_id: RequestId, who: PractitionerId, key: str) -> str:
    """Names the word and its files: made from the program's key, so that it names nobody else's."""
    return blake2b(f"{request_id}\0{who}\0{key}".encode(), digest_size=16).hexdigest()
