"""What a coordinator sees of a request's choices and does by hand: every candidate with every reason, three acts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import PoolId, PractitionerId
from miss.base.text import Language
from miss.directory.roles import Role
from miss.server.errors import ChoiceUnknown
from miss.server.web.access import requires
from teleexpertise.dispatch import explain
from teleexpertise.dispatch.explanation import CHOICE_LABELS, EXCLUSION_LABELS
from teleexpertise.dispatch.model import TURN
from teleexpertise.dispatch.policies.model import SERVED_LABELS
from teleexpertise.dispatch.pools.service import MAX_POOLS
from teleexpertise.dispatch.pools.standing import Standing, standings
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import ENDED, State
from teleexpertise.requests.reading import Reader, View
from teleexpertise.requests.routing import store as route_store
from teleexpertise.requests.steering import STEER_LABELS, SteerReason
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.submitted import Submitted, read_submitted

MAX_FORM_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """One line of a choice: a member and what was held against them."""

    name: str
    reasons: tuple[str, ...]
    turns: str
    """Turns had in this pool, each one's weight considered."""
    last_turn: datetime | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choosing:
    """One choice on record."""

    at: datetime
    pool: str
    choice: str
    """Empty: nobody was found."""
    why: tuple[str, ...]
    candidates: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class SteeringPages:
    """The coordinator's acts on one request."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/confier", self.give, methods=["POST"]),
            Route("/demandes/{number}/transferer", self.move, methods=["POST"]),
            Route("/demandes/{number}/reprendre", self.take_back, methods=["POST"]),
        ]

    @requires(Role.POOL_COORDINATOR)
    async def give(self, request: Request) -> Response:
        """To a member whom the coordinator chose."""
        view, submitted, reason = await self._asked(request)
        expert = PractitionerId(submitted.first("expert"))
        await self.desk.service.steering.give(view.request.id, self.desk.reader(request), expert, reason)
        return to(f"/demandes/{view.request.number}")

    @requires(Role.POOL_COORDINATOR)
    async def move(self, request: Request) -> Response:
        """To another pool, where the reader may no longer see it."""
        view, submitted, reason = await self._asked(request)
        pool_id = PoolId(submitted.first("pool"))
        await self.desk.service.steering.move(view.request.id, self.desk.reader(request), pool_id, reason)
        return to("/coordination")

    @requires(Role.POOL_COORDINATOR)
    async def take_back(self, request: Request) -> Response:
        """From who holds it."""
        view, _, reason = await self._asked(request)
        await self.desk.service.steering.take_back(view.request.id, self.desk.reader(request), reason)
        return to(f"/demandes/{view.request.number}")

    async def _asked(self, request: Request) -> tuple[View, Submitted, SteerReason]:
        """Raises RequestUnknown, ChoiceUnknown for a reason that is none."""
        view, submitted = await self.desk.view(request), await read_submitted(request, MAX_FORM_BYTES)
        if view.reader is not Reader.COORDINATOR:
            raise RequestUnknown
        if submitted.first("reason") not in {*SteerReason}:
            raise ChoiceUnknown
        return view, submitted, SteerReason(submitted.first("reason"))


async def steering_of(desk: Desk, view: View, language: Language) -> dict[str, Any]:
    """What the page of a request shows its coordinator; nothing for anybody else."""
    if view.reader is not Reader.COORDINATOR or view.pool is None:
        return {}
    parts, request = desk.service.parts, view.request
    now = parts.clock.now()
    async with parts.db.snapshot() as tx:
        pools = await parts.dispatch.list_pools(tx, limit=MAX_POOLS)
        members = standings(view.pool, await parts.dispatch.list_members(tx, view.pool, now), now)
        record = await parts.dispatch.list_record(tx, request.id)
        route = await route_store.find(tx, request.id)
    named = {one.practitioner_id for line in record for one in line.decision.candidates}
    people = await parts.practitioners.get_many(named | {one.member.practitioner_id for one in members})
    names = {id_: person.display_name for id_, person in people.items()}
    pool_names = {pool.id: pool.name for pool in pools}
    choosings = [
        Choosing(
            line.at,
            pool_names.get(line.pool_id, ""),
            CHOICE_LABELS[line.decision.choice].in_(language) if line.decision.choice else "",
            explain(line.decision, language) if line.decision.chosen is None else (),
            tuple(
                Weighed(
                    names.get(one.practitioner_id, one.practitioner_id),
                    tuple(EXCLUSION_LABELS[reason].in_(language) for reason in one.reasons),
                    f"{one.credit / TURN:.2f}".rstrip("0").rstrip("."),
                    one.last_turn,
                    one.practitioner_id == line.decision.chosen,
                )
                for one in line.decision.candidates
            ),
        )
        for line in record
    ]
    return {
        "choosings": choosings,
        "served": SERVED_LABELS[route.served].in_(language) if route else "",
        "steers": request.state not in {*ENDED, State.DRAFT},
        "steer_labels": STEER_LABELS,
        "eligible": [(one, names.get(one.member.practitioner_id, "")) for one in members if _may_get(one, view)],
        "other_pools": [pool for pool in pools if pool.id != view.pool.id],
    }


def _may_get(one: Standing, view: View) -> bool:
    return one.member.terms.active and one.member.practitioner_id not in {view.request.holder, view.request.requester}
