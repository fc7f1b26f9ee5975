"""Have requests assigned in turn, offers end in time, and waiting ones wake when a slot opens.

Dispatch picks; this module owns the transaction around the pick: state, timeline, timers and notices are written with
it or not at all.  Locks are taken as everywhere: pool, request, attempt.
"""

from datetime import datetime

import structlog

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from miss.storage.jobs import Job, JobHandler, cancel, schedule
from teleexpertise.dispatch import Assigned, Attempt, Need, Pool
from teleexpertise.letters import to_team
from teleexpertise.questionnaire.fold import fold
from teleexpertise.requests import model, store
from teleexpertise.requests.content import response_of
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.assignment")

ASSIGN = "teleexpertise.assign"
EXPIRE = "teleexpertise.expire"

OBJECTION_ITEM = "c.opposition"


class Assignment:
    """Offers requests to experts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handlers of this module's timers."""
        return JobHandler(ASSIGN, self._assign), JobHandler(EXPIRE, self._expire)

    async def _assign(self, job: Job) -> None:
        request_id = RequestId(job.key)
        async with self._parts.db.transaction() as tx:
            stored = await self.lock(tx, request_id)
            if stored.request.state is not State.READY:
                return
            await self.offer(tx, stored, self._parts.clock.now())
        self._parts.jobs.wake()

    async def _expire(self, job: Job) -> None:
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self.lock(tx, RequestId(job.key))
            if stored.request.attempt_id != job.payload["attempt"] or stored.request.state is not State.ASSIGNED:
                return
            if await parts.dispatch.expire(tx, stored.request.attempt_id, now) is None:
                return
            await self.release(tx, stored, model.expire(stored.request, now), now)
        parts.jobs.wake()

    async def lock(self, tx: Transaction, request_id: RequestId) -> Stored:
        """The pool, then the request, held until the transaction ends.  Raises RequestUnknown."""
        seen = await store.get(tx, request_id)
        if seen.request.sent is not None:
            await self._parts.dispatch.lock_pool(tx, seen.request.sent.pool_id)
        return await store.lock(tx, request_id)

    async def release(self, tx: Transaction, stored: Stored, move: model.Move, now: datetime) -> None:
        """Write a move that leaves the request with nobody, offer it anew, and wake those that wait for the expert."""
        request, fact = move
        await store.save(tx, request)
        await store.add_fact(tx, request.id, fact, self._parts.random_bytes)
        await cancel(tx, EXPIRE, request.id)
        await self.offer(tx, Stored(request, stored.content, stored.answer), now)
        await self.wake_waiting(tx, request, now)

    async def wake_waiting(self, tx: Transaction, ended: ExpertiseRequest, now: datetime) -> None:
        """Somebody of the pool has a hand free: try what waits there again, `ended` aside."""
        if ended.sent is not None:
            for request_id in await store.list_waiting(tx, ended.sent.pool_id):
                if request_id != ended.id:
                    await schedule(tx, ASSIGN, request_id, now, random_bytes=self._parts.random_bytes)

    async def wake_pool(self, pool_id: PoolId) -> None:
        """A calendar or a member changed: try everything that waits in the pool again."""
        async with self._parts.db.transaction() as tx:
            for request_id in await store.list_waiting(tx, pool_id):
                now = self._parts.clock.now()
                await schedule(tx, ASSIGN, request_id, now, random_bytes=self._parts.random_bytes)
        self._parts.jobs.wake()

    async def offer(self, tx: Transaction, stored: Stored, now: datetime) -> None:
        """Offer the locked request to whose turn it is, or have it wait for the next opening."""
        request = stored.request
        sent = request.require_sent()
        pool = await self._parts.dispatch.get_pool(tx, sent.pool_id)
        need = Need(
            request.id,
            request.requester,
            sent.deadline_at,
            conflicts=await self._blocks(tx, request),
            objections=await self._objections(tx, stored, pool, now),
        )
        assigned = await self._parts.dispatch.assign(tx, pool.id, need, now)
        if assigned.attempt is not None:
            await self._offered(tx, request, assigned.attempt, now)
        else:
            await self._waits(tx, request, assigned, now)

    async def _offered(self, tx: Transaction, request: ExpertiseRequest, attempt: Attempt, now: datetime) -> None:
        parts = self._parts
        offered, fact = model.assign(request, attempt, now)
        await store.save(tx, offered)
        await store.add_fact(tx, request.id, fact, parts.random_bytes)
        await cancel(tx, ASSIGN, request.id)
        await schedule(
            tx, EXPIRE, request.id, attempt.expires_at, random_bytes=parts.random_bytes, payload={"attempt": attempt.id}
        )
        expert = await parts.practitioners.get(attempt.practitioner_id)
        to = correspondent(expert)
        if to is None:
            log.warning("expert.no_mailbox", practitioner=expert.id, request=request.id)
        else:
            mail = to_team.offer(
                parts.platform, to, number=request.number, attempt_id=attempt.id,
                form_title=parts.form_title(request.canonical), deadline_at=request.require_sent().deadline_at,
                expires_at=attempt.expires_at,
            )  # fmt: skip
            await parts.notify(tx, expert, mail, request.id)
        log.info("request.assigned", request=request.id, number=request.number, attempt=attempt.id)

    async def _waits(self, tx: Transaction, request: ExpertiseRequest, assigned: Assigned, now: datetime) -> None:
        parts = self._parts
        if assigned.wake_at is not None:
            await schedule(tx, ASSIGN, request.id, assigned.wake_at, random_bytes=parts.random_bytes)
        log.info("request.waits", request=request.id, number=request.number, until=assigned.wake_at)
        told = any(fact.kind is FactKind.NOBODY_IN_TIME for fact in await store.list_facts(tx, request.id))
        if assigned.tell_coordinator is None or told:
            return
        fact = Fact(FactKind.NOBODY_IN_TIME, now, assigned.tell_coordinator)
        await store.add_fact(tx, request.id, fact, parts.random_bytes)
        to = correspondent(await parts.practitioners.get(assigned.tell_coordinator))
        if to is None:
            log.error("coordinator.no_mailbox", practitioner=assigned.tell_coordinator, request=request.id)
            return
        mail = to_team.nobody_in_time(
            parts.platform, to, number=request.number, form_title=parts.form_title(request.canonical),
            pool_name=assigned.pool.name, deadline_at=request.require_sent().deadline_at, wake_at=assigned.wake_at,
        )  # fmt: skip
        await parts.post(tx, mail, request.id)

    async def _blocks(self, tx: Transaction, request: ExpertiseRequest) -> frozenset[PractitionerId]:
        """Who has blocked the requester, or is blocked by them: it is offered to none of them (ADR 37)."""
        known = await self._parts.practitioners.get_many([request.requester])
        requester = known.get(request.requester)
        return await self._parts.blocking.list_set_apart(tx, requester) if requester else frozenset()

    async def _objections(
        self, tx: Transaction, stored: Stored, pool: Pool, now: datetime
    ) -> frozenset[PractitionerId]:
        """Members whose family name stands in what the patient objects to: rather one too many than the wrong one."""
        content = await self._parts.vault.open_content(stored.request.id, stored.content)
        response = response_of(content)
        objection = fold(str(response.first(OBJECTION_ITEM) or "")) if response else ""
        if not objection:
            return frozenset()
        members = await self._parts.dispatch.list_members(tx, pool, now)
        people = await self._parts.practitioners.get_many([member.practitioner_id for member in members])
        return frozenset(id_ for id_, person in people.items() if fold(person.family) in objection)
