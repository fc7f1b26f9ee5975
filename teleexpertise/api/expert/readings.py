"""Second readings: asked for by who holds a request or steers it, given by a colleague on a blinded copy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from miss.base.text import Language
from miss.server.api.models import Answer
from miss.server.api.openapi import Nothing, Parameters
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import JsonBody, answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.api.lists import FILE_HEADERS
from teleexpertise.attachments.service import JPEG
from teleexpertise.questionnaire.compose import compose_questionnaire, compose_response
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.reading import Reader
from teleexpertise.second_reading.model import OPINION_CHARS, QUESTION_CHARS, ReadingState
from teleexpertise.second_reading.service import Opinion
from teleexpertise.second_reading.showing import Copy

READING = r"^[0-9a-f-]{36}$"


class ReadingPath(Parameters):
    """Which second reading."""

    reading: str = Field(pattern=READING)


class PhotoPath(ReadingPath):
    """Which photograph of its copy."""

    rank: int = Field(ge=1, le=99)


class ReadingQuestion(JsonBody):
    """What a colleague is asked to look at."""

    question: str = Field(min_length=1, max_length=QUESTION_CHARS, pattern=r"\S")


class GivenOpinion(JsonBody):
    """What the colleague says."""

    opinion: str = Field(min_length=1, max_length=OPINION_CHARS, pattern=r"\S")
    discloses_name: bool = Field(False, description="Whether the requester may learn who read.")


class AskedReading(Answer):
    """One reading that the caller is asked for."""

    reading: str
    title: str
    expires_at: datetime


class ReadingList(Answer):
    """What colleagues ask the caller to read."""

    entry: list[AskedReading]


class Exchange(Answer):
    """One exchange of the request, without names."""

    role: str
    at: datetime
    text: str


class BlindCopy(Answer):
    """The copy that a second reader sees: no traits but the age, no names, no documents."""

    reading: str
    title: str
    question: str
    expires_at: datetime
    age: int | None
    questionnaire: dict[str, Any]
    response: dict[str, Any]
    free_text: str
    exchanges: list[Exchange]
    photos: int = Field(description="How many there are, by rank from 1.")
    withheld: int = Field(description="Documents that are not shown.")


class OpinionLine(Answer):
    """One second reading of a request, as the expert who answers sees it."""

    state: ReadingState
    asked_at: datetime
    reader: str = Field(description="Empty until the opinion is given.")
    question: str
    opinion: str


class OpinionList(Answer):
    """Every second reading of a request."""

    number: str
    entry: list[OpinionLine]


@dataclass(frozen=True, slots=True)
class Readings:
    """Second readings."""

    counter: Counter

    async def opinions(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        return await self._say(request, await self.counter.held(path, caller.practitioner_id))

    async def ask(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: ReadingQuestion
    ) -> Response:
        """Raises NoSecondReader, SecondReadingUnderWay."""
        view = await self.counter.view(path, caller.practitioner_id, Reader.HOLDER, Reader.COORDINATOR)
        await self.counter.service.second_readings.ask(view.request.id, caller.practitioner_id, body.question)
        return self.counter.say(request, view.request)

    async def list_(self, request: Request, caller: Caller, _path: Nothing, _query: Nothing) -> Response:
        language = language_of(request)
        asked = await self.counter.service.second_readings.list_asked(caller.practitioner_id)
        entry = [
            AskedReading(reading=one.id, title=title.in_(language), expires_at=one.expires_at) for one, title in asked
        ]
        return answer_json(request, ReadingList(entry=entry))

    async def copy(self, request: Request, caller: Caller, path: ReadingPath, _query: Nothing) -> Response:
        """Raises SecondReadingUnknown, SecondReadingOver."""
        copy = await self.counter.service.second_readings.read(path.reading, caller.practitioner_id)
        return answer_json(request, _copy(copy, language_of(request)))

    async def photo(self, _request: Request, caller: Caller, path: PhotoPath, _query: Nothing) -> Response:
        """Raises as `copy`."""
        readings = self.counter.service.second_readings
        content = await readings.photo(path.reading, caller.practitioner_id, path.rank)
        return Response(content, media_type=JPEG, headers={**FILE_HEADERS, "Content-Disposition": "inline"})

    async def give(
        self, request: Request, caller: Caller, path: ReadingPath, _query: Nothing, body: GivenOpinion
    ) -> Response:
        """Raises as `copy`."""
        who, readings = caller.practitioner_id, self.counter.service.second_readings
        await readings.give(path.reading, who, body.opinion, discloses_name=body.discloses_name)
        return await self.list_(request, caller, Nothing(), Nothing())

    async def decline(self, request: Request, caller: Caller, path: ReadingPath, _query: Nothing) -> Response:
        """Raises as `copy`."""
        await self.counter.service.second_readings.decline(path.reading, caller.practitioner_id)
        return await self.list_(request, caller, Nothing(), Nothing())

    async def _say(self, request: Request, held: ExpertiseRequest) -> Response:
        opinions = await self.counter.service.second_readings.list_opinions(held.id)
        people = await self.counter.service.parts.practitioners.get_many({one.reading.reader for one in opinions})
        names = {id_: person.display_name for id_, person in people.items()}
        entry = [_opinion(one, names.get(one.reading.reader, "")) for one in opinions]
        return answer_json(request, OpinionList(number=held.number, entry=entry))


def _opinion(one: Opinion, reader: str) -> OpinionLine:
    return OpinionLine(
        state=one.reading.state,
        asked_at=one.reading.asked_at,
        reader=reader if one.opinion else "",
        question=one.question.text,
        opinion=one.opinion.text if one.opinion else "",
    )


def _copy(copy: Copy, language: Language) -> BlindCopy:
    return BlindCopy(
        reading=copy.reading.id,
        title=copy.title.in_(language),
        question=copy.question.text,
        expires_at=copy.reading.expires_at,
        age=copy.blinded.age,
        questionnaire=dict(compose_questionnaire(copy.form)),
        response=dict(compose_response(copy.form, copy.blinded.response)),
        free_text=copy.free_text,
        exchanges=[Exchange(role=one.role, at=one.at, text=one.text) for one in copy.said],
        photos=len(copy.blinded.photos),
        withheld=copy.blinded.withheld,
    )
