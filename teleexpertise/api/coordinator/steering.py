"""Steering by hand, and exceptional access: each with its reason, on the record, told to whom it concerns."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import PoolId, PractitionerId
from miss.server.api.models import Answer
from miss.server.api.openapi import Nothing
from teleexpertise.api import models
from teleexpertise.api.bodies import JsonBody, answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.dispatch.pools.service import MAX_POOLS
from teleexpertise.dispatch.pools.standing import Standing, standings
from teleexpertise.requests.break_glass.model import WORDS_CHARS, GlassReason
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.reading import Reader
from teleexpertise.requests.steering import SteerReason

Identifier = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,36}$")]


class ByHand(JsonBody):
    """To a member whom the coordinator chose."""

    expert: Identifier = Field(description="As `readSteering` lists them.")
    reason: SteerReason


class Elsewhere(JsonBody):
    """To another pool."""

    pool: str = Field(pattern=models.POOL)
    reason: SteerReason


class TakenBack(JsonBody):
    """From who holds it."""

    reason: SteerReason


class Glass(JsonBody):
    """Why what a request says has to be read."""

    reason: GlassReason
    words: str = Field(min_length=1, max_length=WORDS_CHARS, pattern=r"\S")


class MemberLine(Answer):
    """Somebody who may be given a request."""

    expert: str
    name: str
    is_full: bool
    opens_at: datetime | None


class PoolLine(Answer):
    """Another pool."""

    pool: str
    name: str


class SteeringChoices(Answer):
    """What a coordinator can do with a request."""

    line: models.RequestLine
    members: list[MemberLine] = Field(description="Whose turn would be soonest first.")
    pools: list[PoolLine]


@dataclass(frozen=True, slots=True)
class Steering:
    """A coordinator's acts."""

    counter: Counter

    async def choices(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        view = await self.counter.view(path, caller.practitioner_id, Reader.COORDINATOR)
        parts, now = self.counter.service.parts, self.counter.service.parts.clock.now()
        if view.pool is None:
            raise RequestUnknown
        async with parts.db.snapshot() as tx:
            pools = await parts.dispatch.list_pools(tx, limit=MAX_POOLS)
            members = standings(view.pool, await parts.dispatch.list_members(tx, view.pool, now), now)
        left_out = {view.request.holder, view.request.requester}
        able = [one for one in members if one.member.terms.active and one.member.practitioner_id not in left_out]
        people = await parts.practitioners.get_many({one.member.practitioner_id for one in able})
        names = {id_: person.display_name for id_, person in people.items()}
        answer = SteeringChoices(
            line=self.counter.line(request, view.request),
            members=[_member(one, names.get(one.member.practitioner_id, "")) for one in able],
            pools=[PoolLine(pool=pool.id, name=pool.name) for pool in pools if pool.id != view.pool.id],
        )
        return answer_json(request, answer)

    async def give(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: ByHand
    ) -> Response:
        """Raises StateForbids, NotAssignable."""
        seen = await self.counter.coordinated(path, caller.practitioner_id)
        expert = PractitionerId(body.expert)
        await self.counter.service.steering.give(seen.id, caller.practitioner_id, expert, body.reason)
        return self.counter.say(request, await self.counter.coordinated(path, caller.practitioner_id))

    async def move(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: Elsewhere
    ) -> Response:
        """Raises PoolUnknown, StateForbids.  Answers the line as it was left: it may be nobody's here any more."""
        seen = await self.counter.coordinated(path, caller.practitioner_id)
        await self.counter.service.steering.move(seen.id, caller.practitioner_id, PoolId(body.pool), body.reason)
        return self.counter.say(request, seen)

    async def take_back(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: TakenBack
    ) -> Response:
        """Raises StateForbids."""
        seen = await self.counter.coordinated(path, caller.practitioner_id)
        await self.counter.service.steering.take_back(seen.id, caller.practitioner_id, body.reason)
        return self.counter.say(request, await self.counter.coordinated(path, caller.practitioner_id))

    async def break_glass(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: Glass
    ) -> Response:
        """Raises GlassReasonMissing.  From now on, for an hour, `readRequest` tells what the request says."""
        seen = await self.counter.coordinated(path, caller.practitioner_id)
        await self.counter.service.glass.break_(seen.id, caller.practitioner_id, body.reason, body.words)
        return self.counter.say(request, seen)


def _member(one: Standing, name: str) -> MemberLine:
    return MemberLine(expert=one.member.practitioner_id, name=name, is_full=one.is_full, opens_at=one.opens_at)
