"""Have requests assigned in turn, offers end in time, and waiting ones wake when a slot opens.

Dispatch picks; this module owns the transaction around the pick: state, timeline, timers and notices are written with
it or not at all.  Locks are taken as everywhere: pool, request, attempt.  What needs no lock is done without: while a
pool is held, every other request of it waits.  For the same reason the job that assigns uses the hot ways of
`Database`, where statements go to PostgreSQL's driver (docs/performance.md).
"""

import asyncio
from dataclasses import replace
from datetime import datetime

import structlog

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.directory.practitioners import is_probe_id
from miss.storage import Transaction
from miss.storage.jobs import Job, JobHandler, schedule, scheduled
from teleexpertise.dispatch import Assigned, Attempt, Need, Pool
from teleexpertise.letters import to_team
from teleexpertise.requests import model, store
from teleexpertise.requests.errors import StateForbids
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.record import ASSIGN, EXPIRE, record
from teleexpertise.requests.routing import Needs, Relief, Reliefs
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.assignment")

OFFER = "teleexpertise.offer"
AT_ONCE = 8
"""Assignments that one process has under way: each holds a connection while it waits for the pool."""


class Assignment:
    """Offers requests to experts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._needs = Needs(parts)
        self._reliefs = Reliefs(parts, self._needs)
        self._gate = asyncio.Semaphore(AT_ONCE)

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handlers of this module's timers."""
        return (
            JobHandler(ASSIGN, self._assign),
            JobHandler(EXPIRE, self._expire),
            JobHandler(OFFER, self._tell_expert),
        )

    async def _assign(self, job: Job) -> None:
        parts, request_id = self._parts, RequestId(job.key)
        async with self._gate:
            async with parts.db.hot_reads() as tx:
                seen = await store.get(tx, request_id)
                if seen.request.state is not State.READY:
                    return
                pool = await parts.dispatch.get_pool(tx, seen.request.require_sent().pool_id)
                # What was sent never changes: it is read, and people are looked up, before anybody has to wait.
                need = await self.need_of(tx, seen, pool, parts.clock.now())
            async with parts.db.hot_transaction() as tx:
                stored = await self._hold(tx, seen)
                if stored.request.state is State.READY:
                    await self._offer(tx, stored, need, parts.clock.now())
        parts.jobs.wake()

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
        """The pool, then the request, held until the transaction ends.

        Raises RequestUnknown, StateForbids for one that went to another pool at that moment.
        """
        return await self._hold(tx, await store.get(tx, request_id))

    async def _hold(self, tx: Transaction, known: Stored) -> Stored:
        seen = known.request.sent
        if seen is not None:
            await self._parts.dispatch.lock_pool(tx, seen.pool_id)
        stored = await store.lock(tx, known.request.id)
        sent = stored.request.sent
        if seen is not None and sent is not None and sent.pool_id != seen.pool_id:
            raise StateForbids(number=stored.request.number, state=stored.request.state)
        return stored

    async def release(self, tx: Transaction, stored: Stored, move: model.Move, now: datetime) -> None:
        """Write a move that leaves the request with nobody, offer it anew, and wake those that wait for the expert."""
        request, fact = move
        await record(self._parts, tx, request, fact)
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

    async def offer(
        self, tx: Transaction, stored: Stored, now: datetime, *, continuity: PractitionerId | None = None
    ) -> None:
        """Offer the locked request to whose turn it is, or have it wait for the next opening.

        `continuity`: who held it before it was closed, and is asked first.
        """
        pool = await self._parts.dispatch.get_pool(tx, stored.request.require_sent().pool_id)
        need = await self.need_of(tx, stored, pool, now)
        await self._offer(tx, stored, replace(need, continuity=continuity or need.continuity), now)

    async def _offer(self, tx: Transaction, stored: Stored, need: Need, now: datetime) -> None:
        assigned = await self._parts.dispatch.assign(tx, stored.request.require_sent().pool_id, need, now)
        if assigned.attempt is not None:
            await self.offered(tx, stored.request, assigned.attempt, now)
        else:
            await self._waits(tx, stored, assigned, now)

    async def need_of(self, tx: Transaction, stored: Stored, pool: Pool, now: datetime) -> Need:
        """What dispatch may know of a request: its deadline, whom it asks first, and who is to be left out."""
        return await self._needs.compose(tx, stored, pool, now)

    async def move_to(self, tx: Transaction, stored: Stored, pool: Pool, fact: Fact, now: datetime) -> ExpertiseRequest:
        """Have another pool see to the locked request, which nobody holds.

        A job of its own holds that pool: two pools held at once could wait for each other.
        """
        sent = replace(stored.request.require_sent(), pool_id=pool.id)
        moved = replace(stored.request, sent=sent)
        await record(self._parts, tx, moved, fact)
        await schedule(tx, ASSIGN, moved.id, now, random_bytes=self._parts.random_bytes)
        log.info("request.moved", request=moved.id, number=moved.number, pool=pool.id, why=fact.kind)
        return moved

    async def offered(self, tx: Transaction, request: ExpertiseRequest, attempt: Attempt, now: datetime) -> None:
        """Write that an attempt was made, and have its expert told by a job: a mail is written under no pool's lock."""
        parts, told = self._parts, {"attempt": attempt.id}
        offered, fact = model.assign(request, attempt, now)
        telling = scheduled(OFFER, request.id, now, random_bytes=parts.random_bytes, payload=told)
        await record(parts, tx, offered, fact, also=[telling])
        log.info("request.assigned", request=request.id, number=request.number, attempt=attempt.id)

    async def _tell_expert(self, job: Job) -> None:
        parts = self._parts
        async with parts.db.transaction() as tx:
            request = (await store.get(tx, RequestId(job.key))).request
            expires_at = request.offer_expires_at
            if request.holder is None or expires_at is None or request.attempt_id != job.payload["attempt"]:
                return  # accepted, given back or taken back meanwhile: there is nothing to offer any more
            expert = await parts.practitioners.get(request.holder, tx)
            to = correspondent(expert)
            if to is None:
                if not is_probe_id(expert.id):
                    log.warning("expert.no_mailbox", practitioner=expert.id, request=request.id)
                return
            mail = to_team.offer(
                parts.platform, to, number=request.number, attempt_id=request.attempt_id,
                form_title=parts.form_title(request.canonical), deadline_at=request.require_sent().deadline_at,
                expires_at=expires_at,
            )  # fmt: skip
            await parts.notify(tx, expert, mail, request.id)
        parts.jobs.wake()

    async def _waits(self, tx: Transaction, stored: Stored, assigned: Assigned, now: datetime) -> None:
        parts, request = self._parts, stored.request
        relief = await self._reliefs.find(tx, stored, assigned, now)
        if assigned.tell_coordinator is not None:
            await self._tell_nobody_in_time(tx, request, assigned, relief, now)
        if relief.pool is not None:
            await self.move_to(tx, stored, relief.pool, Fact(FactKind.FELL_BACK, now), now)
            return
        again_at = min((at for at in (assigned.wake_at, relief.again_at) if at is not None), default=None)
        if again_at is not None:
            await schedule(tx, ASSIGN, request.id, again_at, random_bytes=parts.random_bytes)
        log.info("request.waits", request=request.id, number=request.number, until=again_at)

    async def _tell_nobody_in_time(
        self, tx: Transaction, request: ExpertiseRequest, assigned: Assigned, relief: Relief, now: datetime
    ) -> None:
        """Each coordinator once, whatever pool it waits in."""
        parts, coordinator = self._parts, assigned.pool.coordinator_id
        facts = await store.list_facts(tx, request.id)
        if any(fact.kind is FactKind.NOBODY_IN_TIME and fact.actor == coordinator for fact in facts):
            return
        await store.add_fact(tx, request.id, Fact(FactKind.NOBODY_IN_TIME, now, coordinator), parts.random_bytes)
        to = correspondent(await parts.practitioners.get(coordinator, tx))
        if to is None:
            log.error("coordinator.no_mailbox", practitioner=coordinator, request=request.id)
            return
        mail = to_team.nobody_in_time(
            parts.platform, to, number=request.number, form_title=parts.form_title(request.canonical),
            pool_name=assigned.pool.name, deadline_at=request.require_sent().deadline_at, wake_at=assigned.wake_at,
            reference=assigned.pool.id, relief=relief.pool.name if relief.pool else "",
        )  # fmt: skip
        await parts.post(tx, mail, request.id)
