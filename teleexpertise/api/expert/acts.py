"""What an expert does to a request: the same services as the pages, the same refusals."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import PoolId
from miss.server.api.openapi import Nothing
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import AnswerNotWhole
from teleexpertise.requests.errors import AnswerIncomplete


@dataclass(frozen=True, slots=True)
class Acts:
    """Taking on, sending back, asking, referring."""

    counter: Counter

    async def accept(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        held = await self.counter.held(path, caller.practitioner_id)
        return self.counter.say(request, await self.counter.service.requests.accept(held.id, caller.practitioner_id))

    async def decline(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.Refusal
    ) -> Response:
        held = await self.counter.held(path, caller.practitioner_id)
        done = await self.counter.service.requests.decline(held.id, caller.practitioner_id, body.reason)
        return self.counter.say(request, done)

    async def ask(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.Question
    ) -> Response:
        held = await self.counter.held(path, caller.practitioner_id)
        asked = await self.counter.service.requests.ask(held.id, caller.practitioner_id, body.text.strip(), body.items)
        return self.counter.say(request, asked)

    async def waiting(self, request: Request, caller: Caller, _path: Nothing, _query: Nothing) -> Response:
        open_ = await self.counter.service.afterwards.list_open(caller.practitioner_id)
        entry = [
            models.AfterQuestionLine(number=one.request.number, title=one.title.in_(language_of(request)),
                                     asked_at=one.question.asked_at, due_at=one.question.due_at)
            for one in open_
        ]  # fmt: skip
        return answer_json(request, models.AfterQuestionList(entry=entry))

    async def reply(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.Reply
    ) -> Response:
        """Raises NothingAskedAfter."""
        held = await self.counter.held(path, caller.practitioner_id)
        done = await self.counter.service.afterwards.reply(held.id, caller.practitioner_id, body.text)
        return self.counter.say(request, done)

    async def refer(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: models.Referral
    ) -> Response:
        """Raises PoolNotOther, AnswerNotWhole."""
        held = await self.counter.held(path, caller.practitioner_id)
        pool_id, word = PoolId(body.pool), body.word.strip()
        try:
            moved = await self.counter.service.reorientation.send(held.id, caller.practitioner_id, pool_id, word)
        except AnswerIncomplete:
            raise AnswerNotWhole(number=held.number) from None
        return self.counter.say(request, moved)
