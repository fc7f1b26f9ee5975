"""Assign requests in turn, inside the caller's transaction.

`requests` owns the transaction, the timers and the notices: every call here returns all it needs for them.  Locks are
taken in one order everywhere: the pool (`lock_pool`), then the request's row, then the attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from miss.base.clock import Clock
from miss.base.ids import PoolId, PractitionerId, RequestId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.staff_people import is_staff_id
from miss.storage import Database, Transaction
from teleexpertise.availability import Availabilities, Availability, add_working_time
from teleexpertise.availability.local_time import require_zone
from teleexpertise.dispatch import store
from teleexpertise.dispatch.attempts import Attempt, AttemptState, DeclineReason
from teleexpertise.dispatch.attempts import store as attempt_store
from teleexpertise.dispatch.by_hand import choose_by_hand
from teleexpertise.dispatch.errors import AlreadyAssigned, NotAnExpert
from teleexpertise.dispatch.model import Choice, Decision, Member, Need, Pool, Terms, choose, offer_expires_at
from teleexpertise.dispatch.store import Recorded


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of one try to assign, and whom to tell."""

    pool: Pool
    decision: Decision
    attempt: Attempt | None
    """The live offer: notify `attempt.practitioner_id`, and look again at `attempt.expires_at`.  None: it waits."""
    wake_at: datetime | None
    """It waits: try again then, and after any change that may help.  None: only a change can help."""
    tell_coordinator: PractitionerId | None
    """It waits past its deadline: whom to tell, at each try (whoever notifies says it once)."""


class Dispatch:
    """Pools, turns and attempts."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, availabilities: Availabilities) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._availabilities = availabilities

    async def create_pool(
        self,
        *,
        name: str,
        questionnaire: str,
        coordinator_id: PractitionerId,
        hours: Availability,
        zone: str,
        answer_within: timedelta,
        accept_within: timedelta,
        answer_time: timedelta,
        open_now_only: bool = False,
    ) -> Pool:
        """Open a pool (fields: `Pool`).  Raises UnknownZone, NeverOpen for hours that can meet no deadline."""
        now = self._clock.now()
        require_zone(zone)
        add_working_time(now, answer_within, hours)
        pool = Pool(
            id=PoolId(self._new_id(now)),
            name=name,
            questionnaire=questionnaire,
            coordinator_id=coordinator_id,
            hours=hours,
            zone=zone,
            answer_within=answer_within,
            accept_within=accept_within,
            answer_time=answer_time,
            open_now_only=open_now_only,
        )
        async with self._db.transaction() as tx:
            await store.insert_pool(tx, pool, now)
        return pool

    async def put_member(self, pool_id: PoolId, practitioner_id: PractitionerId, terms: Terms | None = None) -> None:
        """Have an expert join, or change the terms of one who is there (inactive: out of turn, place kept).

        Raises PoolUnknown; NotAnExpert for a staff person.
        """
        if is_staff_id(practitioner_id):
            raise NotAnExpert
        async with self._db.transaction() as tx:
            pool = await store.lock_pool(tx, pool_id)
            await store.put_member(tx, pool, practitioner_id, terms or Terms(), self._clock.now())

    async def get_pool(self, tx: Transaction, pool_id: PoolId) -> Pool:
        """Raises PoolUnknown."""
        return await store.get_pool(tx, pool_id)

    async def list_pools(self, tx: Transaction, *, questionnaire: str | None = None, limit: int = 100) -> list[Pool]:
        """Pools that receive that form, or all of them; oldest first."""
        return await store.list_pools(tx, questionnaire, limit)

    async def list_places(self, tx: Transaction, practitioner_id: PractitionerId) -> tuple[list[PoolId], list[PoolId]]:
        """The pools that somebody coordinates, and those in which they take their turn."""
        return await store.list_places(tx, practitioner_id)

    async def lock_pool(self, tx: Transaction, pool_id: PoolId) -> Pool:
        """Hold a pool before the request's row is locked.  Again in the same transaction is free.

        Raises PoolUnknown.
        """
        return await store.lock_pool(tx, pool_id)

    async def list_members(self, tx: Transaction, pool: Pool, now: datetime) -> list[Member]:
        """Everybody in the pool as they stand at `now`, calendars included."""
        return await self._with_calendars(tx, await store.list_members(tx, pool, now))

    async def _with_calendars(self, tx: Transaction, members: list[Member]) -> list[Member]:
        declared = await self._availabilities.load(tx, [member.practitioner_id for member in members])
        return [replace(member, availability=declared[member.practitioner_id]) for member in members]

    async def assign(self, tx: Transaction, pool_id: PoolId, need: Need, now: datetime) -> Assigned:
        """Offer the request to whose turn it is, or say when to try again; the decision is recorded either way.

        Whoever declined this request or let it time out is known here; `need` may name more.
        Raises AlreadyAssigned, PoolUnknown.
        """
        pool = await self.lock_pool(tx, pool_id)
        members, need = await self._look_up(tx, pool, need, now)
        decision = choose(pool, members, need, now)
        attempt = await self._decided(tx, pool, members, need, decision, now)
        told = pool.coordinator_id if decision.breaks_deadline else None
        return Assigned(pool, decision, attempt, decision.wake_at, told)

    async def assign_by_hand(
        self, tx: Transaction, pool_id: PoolId, need: Need, who: PractitionerId, now: datetime
    ) -> Assigned:
        """Offer the request to the member whom the coordinator chose, whatever their turn, slots and limits.

        Raises AlreadyAssigned, PoolUnknown, NotAssignable.
        """
        pool = await self.lock_pool(tx, pool_id)
        members, need = await self._look_up(tx, pool, need, now)
        decision = choose_by_hand(pool, members, need, who, now)
        attempt = await self._decided(tx, pool, members, need, decision, now)
        return Assigned(pool, decision, attempt, None, None)

    async def look(self, tx: Transaction, pool_id: PoolId, need: Need, now: datetime) -> Decision:
        """What `assign` would decide; nobody is asked, no turn is taken, and the look is recorded.

        The pool is not held: by the time the request gets there, somebody else may have had that turn.
        """
        pool = await store.get_pool(tx, pool_id)
        members, need = await self._look_up(tx, pool, need, now)
        decision = replace(choose(pool, members, need, now), credits={})
        if decision.chosen is None:
            await store.insert_decision(tx, self._new_id(now), need.request_id, pool.id, None, decision, now)
        return decision

    async def take_back(self, tx: Transaction, attempt_id: str, now: datetime) -> Attempt:
        """The coordinator takes the request from its holder; a turn that was only offered is given back.

        Raises AttemptUnknown, AttemptEnded.
        """
        pool = await self.lock_pool(tx, (await attempt_store.get(tx, attempt_id)).pool_id)
        held = await attempt_store.lock(tx, attempt_id)
        is_unused = held.state is AttemptState.OFFERED
        taken = replace(held.close(AttemptState.WITHDRAWN, now), charge=0 if is_unused else held.charge)
        await attempt_store.save(tx, taken)
        if is_unused:
            await store.refund(tx, pool.id, held.practitioner_id, held.charge)
        return taken

    async def accept(self, tx: Transaction, attempt_id: str, by: PractitionerId, now: datetime) -> Attempt:
        """The expert takes the request on; twice is once.  Raises AttemptUnknown, NotHolder, AttemptEnded."""
        attempt = (await attempt_store.lock(tx, attempt_id)).accept(by, now)
        await attempt_store.save(tx, attempt)
        return attempt

    async def decline(
        self, tx: Transaction, attempt_id: str, by: PractitionerId, reason: DeclineReason, now: datetime
    ) -> Attempt:
        """The expert gives the request back; scope and conflict refund the turn.  `assign` may follow at once.

        Raises AttemptUnknown, NotHolder, AttemptEnded.
        """
        pool = await store.lock_pool(tx, (await attempt_store.get(tx, attempt_id)).pool_id)
        held = await attempt_store.lock(tx, attempt_id)
        declined = held.decline(by, reason, now)
        await attempt_store.save(tx, declined)
        if refunded := held.charge - declined.charge:
            await store.refund(tx, pool.id, by, refunded)
        return declined

    async def expire(self, tx: Transaction, attempt_id: str, now: datetime) -> Attempt | None:
        """The offer's time is over; None if there is nothing to do (accepted, ended, or still in time).

        Raises AttemptUnknown.
        """
        attempt = (await attempt_store.lock(tx, attempt_id)).expire(now)
        if attempt is not None:
            await attempt_store.save(tx, attempt)
        return attempt

    async def close(self, tx: Transaction, attempt_id: str, state: AttemptState, now: datetime) -> Attempt:
        """ANSWERED by the expert, or WITHDRAWN from them; the same twice is once.

        Raises AttemptUnknown, AttemptEnded if it ended otherwise.
        """
        attempt = (await attempt_store.lock(tx, attempt_id)).close(state, now)
        await attempt_store.save(tx, attempt)
        return attempt

    async def get_attempt(self, tx: Transaction, attempt_id: str) -> Attempt:
        """Raises AttemptUnknown."""
        return await attempt_store.get(tx, attempt_id)

    async def find_live_attempt(self, tx: Transaction, request_id: RequestId) -> Attempt | None:
        """Who holds the request now; None: nobody."""
        return next((attempt for attempt in await self.list_attempts(tx, request_id) if attempt.live), None)

    async def list_attempts(self, tx: Transaction, request_id: RequestId) -> list[Attempt]:
        """Everybody who was asked, oldest first."""
        return await attempt_store.list_of_request(tx, request_id)

    async def list_live(
        self, tx: Transaction, practitioner_id: PractitionerId, *, limit: int = 200
    ) -> Sequence[Attempt]:
        """What an expert holds now, oldest offer first."""
        return await attempt_store.list_live(tx, practitioner_id, limit)

    async def find_decision(self, tx: Transaction, attempt_id: str) -> Decision | None:
        """Why this expert: for `explain`."""
        return await store.find_decision(tx, attempt_id)

    async def list_decisions(
        self, tx: Transaction, request_id: RequestId, *, limit: int = 100
    ) -> list[tuple[datetime, Decision]]:
        """Every choice made for a request, oldest first, with its instant; those that found nobody too."""
        return [(one.at, one.decision) for one in await self.list_record(tx, request_id, limit=limit)]

    async def list_record(self, tx: Transaction, request_id: RequestId, *, limit: int = 100) -> list[Recorded]:
        """As `list_decisions`, with the pool of each."""
        return await store.list_decisions(tx, request_id, limit)

    async def find_last_decision(self, tx: Transaction, request_id: RequestId, pool_id: PoolId) -> Decision | None:
        """The last choice that was tried in that pool."""
        return await store.find_last_decision(tx, request_id, pool_id)

    async def _decided(
        self, tx: Transaction, pool: Pool, members: Sequence[Member], need: Need, decision: Decision, now: datetime
    ) -> Attempt | None:
        """Write a decision and what follows from it."""
        attempt = None
        if decision.chosen is not None and decision.choice is not None:
            chosen = next(member for member in members if member.practitioner_id == decision.chosen)
            attempt = self._attempt(pool, chosen, need, decision.choice, now)
        await store.put(tx, self._new_id(now), need.request_id, pool, attempt, decision, now)
        return attempt

    def _attempt(self, pool: Pool, chosen: Member, need: Need, choice: Choice, now: datetime) -> Attempt:
        return Attempt(
            id=self._new_id(now),
            request_id=need.request_id,
            pool_id=pool.id,
            practitioner_id=chosen.practitioner_id,
            choice=choice,
            charge=chosen.terms.charge,
            offered_at=now,
            expires_at=offer_expires_at(pool, chosen.availability, need.deadline, now),
        )

    async def _look_up(self, tx: Transaction, pool: Pool, need: Need, now: datetime) -> tuple[list[Member], Need]:
        """The pool's members as `list_members`, and the need with whoever was asked before.

        Raises AlreadyAssigned.
        """
        members, attempts = await store.look_up(tx, pool, need.request_id, now)
        if any(attempt.live for attempt in attempts):
            raise AlreadyAssigned(request=need.request_id)

        def ended(state: AttemptState) -> frozenset[PractitionerId]:
            return frozenset(attempt.practitioner_id for attempt in attempts if attempt.state is state)

        need = replace(
            need,
            declined=need.declined | ended(AttemptState.DECLINED),
            timed_out=need.timed_out | ended(AttemptState.EXPIRED),
            taken_back=need.taken_back | ended(AttemptState.WITHDRAWN),
        )
        return await self._with_calendars(tx, members), need

    def _new_id(self, now: datetime) -> str:
        return new_row_id(now, self._random_bytes)
