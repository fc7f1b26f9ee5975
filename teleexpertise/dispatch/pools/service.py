"""Change a pool or a member's terms, on record, and undo it.

Who may do so is the pages' to check (`web.pool_pages`); whoever calls wakes what waits in the pool afterwards
(`requests.assignment`): a change may open somebody for it.
"""

from collections.abc import Sequence
from datetime import timedelta

from miss.base.clock import Clock
from miss.base.ids import PoolId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.storage import Database, Transaction
from teleexpertise.availability import add_working_time
from teleexpertise.availability.local_time import require_zone
from teleexpertise.dispatch import store as dispatch_store
from teleexpertise.dispatch.model import Pool, Terms
from teleexpertise.dispatch.policies import Policy, Taker
from teleexpertise.dispatch.policies import store as policy_store
from teleexpertise.dispatch.pools import store
from teleexpertise.dispatch.pools.errors import ChangeOvertaken, FallbackUnknown, SheetIncomplete
from teleexpertise.dispatch.pools.model import Change, Sheet, sheet_of
from teleexpertise.dispatch.service import Dispatch

MAX_POOLS = 200
"""Of a platform: they are read together to find the one that takes a request."""


class Pools:
    """What coordinators and technicians do to pools."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, dispatch: Dispatch) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._dispatch = dispatch

    async def create(self, questionnaire: str, sheet: Sheet) -> PoolId:
        """Open a pool for the requests on a form.  Raises as `change`."""
        await self._check(sheet, None)
        pool = await self._dispatch.create_pool(
            name=sheet.name,
            questionnaire=questionnaire,
            coordinator_id=sheet.coordinator_id,
            hours=sheet.hours,
            zone=sheet.zone,
            answer_within=sheet.answer_within,
            accept_within=sheet.accept_within,
            answer_time=sheet.answer_time,
            open_now_only=sheet.open_now_only,
        )
        async with self._db.transaction() as tx:
            await policy_store.put(tx, pool.id, sheet.policy, self._clock.now())
        return pool.id

    async def change(self, pool_id: PoolId, sheet: Sheet, by: PractitionerId) -> Change | None:
        """Write the sheet anew; None: it says what it said.

        Raises PoolUnknown, SheetIncomplete, FallbackUnknown, UnknownZone, NeverOpen.
        """
        await self._check(sheet, pool_id)
        async with self._db.transaction() as tx:
            return await self._write_sheet(tx, await self._dispatch.lock_pool(tx, pool_id), sheet, by)

    async def put_member(
        self, pool_id: PoolId, practitioner_id: PractitionerId, terms: Terms, by: PractitionerId
    ) -> Change | None:
        """Have an expert join, or change their terms; None: they are what they were.  Raises PoolUnknown."""
        async with self._db.transaction() as tx:
            pool = await self._dispatch.lock_pool(tx, pool_id)
            return await self._write_terms(tx, pool, practitioner_id, terms, by)

    async def undo(self, pool_id: PoolId, change_id: str, by: PractitionerId) -> Change | None:
        """Make what a change changed as it was before; somebody who had joined becomes inactive.

        Raises PoolUnknown, ChangeUnknown, ChangeOvertaken.
        """
        async with self._db.transaction() as tx:
            pool = await self._dispatch.lock_pool(tx, pool_id)
            change = await store.get_change(tx, pool_id, change_id)
            now = await self._now_written(tx, pool, change.member)
            if now != change.after:
                raise ChangeOvertaken
            match change.before:
                case Sheet() as sheet:
                    return await self._write_sheet(tx, pool, sheet, by)
                case Terms() as terms if change.member:
                    return await self._write_terms(tx, pool, change.member, terms, by)
                case _ if change.member and isinstance(change.after, Terms):
                    return await self._write_terms(tx, pool, change.member, _inactive(change.after), by)
        return None

    async def list_changes(self, tx: Transaction, pool_id: PoolId, *, limit: int = 10) -> list[Change]:
        """What was changed, the latest first."""
        return await store.list_changes(tx, pool_id, limit)

    async def get_policy(self, tx: Transaction, pool_id: PoolId) -> Policy:
        """What a pool says of the requests it takes."""
        return (await policy_store.load(tx, [pool_id]))[pool_id]

    async def list_takers(self, tx: Transaction, questionnaire: str) -> Sequence[Taker]:
        """The pools that receive a form, with what decides between them."""
        pools = await self._dispatch.list_pools(tx, questionnaire=questionnaire, limit=MAX_POOLS)
        policies = await policy_store.load(tx, [pool.id for pool in pools])
        active = await dispatch_store.list_active(tx, [pool.id for pool in pools])
        return [Taker(pool, policies[pool.id], active.get(pool.id, frozenset())) for pool in pools]

    async def _check(self, sheet: Sheet, pool_id: PoolId | None) -> None:
        require_zone(sheet.zone)
        if not sheet.name.strip():
            raise SheetIncomplete(field="nom")
        for field, lasts in (("répondre en", sheet.answer_within), ("accepter en", sheet.accept_within)):
            if lasts <= timedelta(0):
                raise SheetIncomplete(field=field)
        add_working_time(self._clock.now(), sheet.answer_within, sheet.hours)
        async with self._db.snapshot() as tx:
            known = {pool.id for pool in await self._dispatch.list_pools(tx, limit=MAX_POOLS)}
        if not known.issuperset(sheet.policy.fallbacks) or pool_id in sheet.policy.fallbacks:
            raise FallbackUnknown

    async def _now_written(self, tx: Transaction, pool: Pool, member: PractitionerId | None) -> Sheet | Terms | None:
        if member is not None:
            return await store.find_terms(tx, pool.id, member)
        return sheet_of(pool, await self.get_policy(tx, pool.id))

    async def _write_sheet(self, tx: Transaction, pool: Pool, sheet: Sheet, by: PractitionerId) -> Change | None:
        before, now = sheet_of(pool, await self.get_policy(tx, pool.id)), self._clock.now()
        if sheet == before:
            return None
        await store.save_sheet(tx, pool.id, sheet)
        await policy_store.put(tx, pool.id, sheet.policy, now)
        change = Change(id=self._new_id(), pool_id=pool.id, by=by, at=now, before=before, after=sheet)
        await store.insert_change(tx, change)
        return change

    async def _write_terms(
        self, tx: Transaction, pool: Pool, member: PractitionerId, terms: Terms, by: PractitionerId
    ) -> Change | None:
        before, now = await store.find_terms(tx, pool.id, member), self._clock.now()
        if terms == before:
            return None
        await dispatch_store.put_member(tx, pool, member, terms, now)
        change = Change(id=self._new_id(), pool_id=pool.id, by=by, at=now, before=before, after=terms, member=member)
        await store.insert_change(tx, change)
        return change

    def _new_id(self) -> str:
        return new_row_id(self._clock.now(), self._random_bytes)


def _inactive(terms: Terms) -> Terms:
    return Terms(terms.weight, terms.competences, terms.cap, terms.weekly_quota, active=False)
