"""Assign by hand, move to another pool, take back: each in one transaction, with its reason on the timeline.

Only the coordinator of the pool in which the request lies may: for anybody else it does not exist (security.md §2,
row 1).  The decision of each choice is kept with its candidates, as the turn's is.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.dispatch.policies import Served
from teleexpertise.letters import to_team
from teleexpertise.requests import moves, store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.deadlines import resume
from teleexpertise.requests.errors import RequestUnknown, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.record import record
from teleexpertise.requests.routing import Route
from teleexpertise.requests.routing import store as route_store
from teleexpertise.requests.steering.model import SteerReason
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.steering")


class Steering:
    """What coordinators do to requests."""

    def __init__(self, parts: Parts, assignment: Assignment) -> None:
        self._parts = parts
        self._assignment = assignment

    async def give(
        self, request_id: RequestId, by: PractitionerId, expert: PractitionerId, reason: SteerReason
    ) -> None:
        """Offer it to that member of the pool, whoever holds it now.

        Raises RequestUnknown, StateForbids for one that has ended, NotAssignable.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._steered(tx, request_id, by)
            if stored.request.holder == expert:
                raise StateForbids(number=stored.request.number, state=stored.request.state)
            stored = await self._released(tx, stored, by, reason, now)
            pool = await parts.dispatch.get_pool(tx, stored.request.require_sent().pool_id)
            need = await self._assignment.need_of(tx, stored, pool, now)
            assigned = await parts.dispatch.assign_by_hand(tx, pool.id, need, expert, now)
            await store.add_fact(tx, request_id, Fact(FactKind.GIVEN_BY_HAND, now, by, reason), parts.random_bytes)
            if assigned.attempt is not None:
                await self._assignment.offered(tx, stored.request, assigned.attempt, now)
            await self._assignment.wake_waiting(tx, stored.request, now)
        parts.jobs.wake()
        log.info("request.given_by_hand", request=request_id, reason=reason)

    async def move(self, request_id: RequestId, by: PractitionerId, pool_id: PoolId, reason: SteerReason) -> None:
        """Have another pool see to it, whoever holds it now; that pool's fallback order counts from now on.

        Raises RequestUnknown, PoolUnknown, StateForbids for one that has ended or lies there already.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._steered(tx, request_id, by)
            pool = await parts.dispatch.get_pool(tx, pool_id)
            if pool.id == stored.request.require_sent().pool_id:
                raise StateForbids(number=stored.request.number, state=stored.request.state)
            left = await self._released(tx, stored, by, reason, now)
            fact = Fact(FactKind.MOVED, now, by, reason)
            await self._assignment.move_to(tx, left, pool, fact, now)
            route = await route_store.find(tx, request_id)
            again = replace(route, pool_id=pool.id) if route else Route(pool.id, Served.ONLY)
            await route_store.put(tx, request_id, again)
            await self._assignment.wake_waiting(tx, left.request, now)
        parts.jobs.wake()
        log.info("request.moved_by_hand", request=request_id, pool=pool_id, reason=reason)

    async def take_back(self, request_id: RequestId, by: PractitionerId, reason: SteerReason) -> None:
        """Take it from who holds it; it is offered to whose turn is next, and never again to them but by hand.

        Raises RequestUnknown, StateForbids if nobody holds it.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._steered(tx, request_id, by)
            if stored.request.holder is None:
                raise StateForbids(number=stored.request.number, state=stored.request.state)
            stored = await self._released(tx, stored, by, reason, now)
            await self._assignment.offer(tx, stored, now)
            await self._assignment.wake_waiting(tx, stored.request, now)
        parts.jobs.wake()
        log.info("request.taken_back", request=request_id, reason=reason)

    async def _steered(self, tx: Transaction, request_id: RequestId, by: PractitionerId) -> Stored:
        """The request, locked, for the coordinator of its pool.  Raises RequestUnknown."""
        stored = await self._assignment.lock(tx, request_id)
        sent = stored.request.sent
        if sent is None or (await self._parts.dispatch.get_pool(tx, sent.pool_id)).coordinator_id != by:
            raise RequestUnknown
        return stored

    async def _released(
        self, tx: Transaction, stored: Stored, by: PractitionerId, reason: SteerReason, now: datetime
    ) -> Stored:
        """The request in nobody's hands.  Its holder's answer under way goes with them; they are told."""
        parts, held = self._parts, stored.request
        pool = await parts.dispatch.get_pool(tx, held.require_sent().pool_id)
        request, fact = moves.reassign(held, by, sent=resume(held, pool.hours, now), now=now)
        if held.holder is None:
            return Stored(request, stored.content, stored.answer)
        await parts.dispatch.take_back(tx, held.attempt_id, now)
        await record(parts, tx, request, replace(fact, reason=reason), answer=b"")
        await self._tell_holder(tx, held)
        return Stored(request, stored.content, b"")

    async def _tell_holder(self, tx: Transaction, held: ExpertiseRequest) -> None:
        parts = self._parts
        holder = await parts.practitioners.get(held.holder, tx) if held.holder else None
        to = correspondent(holder) if holder else None
        if holder is not None and to is not None:
            mail = to_team.taken_back(
                parts.platform, to, number=held.number, form_title=parts.form_title(held.canonical),
                reference=held.attempt_id,
            )  # fmt: skip
            await parts.notify(tx, holder, mail, held.id)
