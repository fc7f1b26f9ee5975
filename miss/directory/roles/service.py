"""Grant roles, take them back, say who has which.

Roles that follow from other facts are not granted here: who runs a pool or gives advice in it is what the pool says
(`Sessions.add_grants`).
"""

from collections.abc import Sequence
from datetime import datetime

from miss.base.clock import Clock
from miss.base.ids import AccountId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act
from miss.directory.roles import store
from miss.directory.roles.errors import GrantExists, GrantNotFound, GrantRefused, NotForStaff, RolesApart
from miss.directory.roles.model import (
    FOR_STAFF,
    PLATFORM,
    SCOPE_OF,
    Grant,
    Principal,
    Role,
    Scope,
    may_grant,
    may_take_back,
    practitioner_scope,
    stand_apart,
)
from miss.directory.staff_people import is_staff_id
from miss.storage import Database, Transaction

MAX_HOLDERS = 500


class Roles:
    """Who has which role, and for whom."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, accounts: Accounts) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._accounts = accounts

    async def grant(
        self,
        actor: Principal,
        to: AccountId,
        role: Role,
        scope: Scope,
        *,
        ends_at: datetime | None = None,
        reason: str = "",
    ) -> Grant:
        """Give `to` a role; `reason` stands in their story.  Raises GrantRefused, NotForStaff, RolesApart,
        GrantExists, AccountNotFound.
        """
        if not may_grant(actor, role, scope, to):
            raise GrantRefused
        async with self._db.transaction() as tx:
            return await self._insert(tx, Grant(to, role, scope, ends_at), by=actor.uid.hex(), reason=reason)

    async def take_back(
        self, actor: Principal, held_by: AccountId, role: Role, scope: Scope, *, reason: str = ""
    ) -> None:
        """Take a role away; `reason` stands in the holder's story.  Raises GrantRefused, GrantNotFound."""
        if not may_take_back(actor, role, scope) and actor.uid != held_by:
            raise GrantRefused
        async with self._db.transaction() as tx:
            await self.end(tx, Grant(held_by, role, scope), by=actor.uid.hex(), reason=reason)

    async def hand_over(self, tx: Transaction, grant: Grant, *, by: str, reason: str) -> None:
        """Keep a grant that was asked for by who may grant it (`may_grant`) and is confirmed by `by`, in the caller's
        transaction.  Raises as `grant`, but GrantRefused.
        """
        await self._insert(tx, grant, by=by, reason=reason)

    async def end(self, tx: Transaction, grant: Grant, *, by: str, reason: str) -> None:
        """Take a role away in the transaction of a caller who has judged `by`.  Raises GrantNotFound."""
        if not await store.delete_grant(tx, grant.uid, grant.role, grant.scope):
            raise GrantNotFound
        detail = _say(grant.role, grant.scope, reason)
        await self._accounts.record(tx, Act.ROLE_TAKEN_BACK, uid=grant.uid, by=by, detail=detail)

    async def appoint(self, account: Account, role: Role, *, by: str) -> Grant:
        """From the command line of the machine: a first technician, an auditor, a practitioner in their own name.

        Raises GrantRefused for roles within an organisation or a pool; RolesApart, GrantExists.
        """
        async with self._db.transaction() as tx:
            return await self.appoint_in(tx, account, role, by=by)

    async def appoint_in(self, tx: Transaction, account: Account, role: Role, *, by: str) -> Grant:
        """As `appoint`, in the caller's transaction: also for whoever was verified after signing up."""
        if role is Role.PRACTITIONER:
            scope = practitioner_scope(account.practitioner_id)
        elif SCOPE_OF[role] is PLATFORM.kind:
            scope = PLATFORM
        else:
            raise GrantRefused
        return await self._insert(tx, Grant(account.uid, role, scope), by=by)

    async def of(self, account: Account, tx: Transaction | None = None) -> frozenset[Grant]:
        """The roles of an account that are alive now.  `tx`: the transaction that the caller holds, if it holds one."""
        async with self._db.reading(tx) as reading:
            grants = await store.list_grants(reading, account.uid)
        now = self._clock.now()
        return frozenset(grant for grant in grants if grant.is_alive(now))

    async def list_holders(self, role: Role, scope: Scope, tx: Transaction | None = None) -> Sequence[Grant]:
        """Who has that role there now (at most `MAX_HOLDERS`), in the order granted; `tx` as `of`."""
        async with self._db.reading(tx) as reading:
            grants = await store.list_holders(reading, role, scope, MAX_HOLDERS)
        now = self._clock.now()
        return [grant for grant in grants if grant.is_alive(now)]

    async def is_held(self, tx: Transaction, grant: Grant) -> bool:
        """True if that role is alive there, as the caller's transaction sees it."""
        held, now = await store.list_grants(tx, grant.uid), self._clock.now()
        return any((one.role, one.scope) == (grant.role, grant.scope) and one.is_alive(now) for one in held)

    async def _insert(self, tx: Transaction, grant: Grant, *, by: str, reason: str = "") -> Grant:
        # Held, so that nobody becomes technician and auditor in two transactions at once.
        account = await self._accounts.lock(tx, grant.uid)
        if is_staff_id(account.practitioner_id) and grant.role not in FOR_STAFF:
            raise NotForStaff
        now = self._clock.now()
        held = await store.list_grants(tx, grant.uid)
        if stand_apart(frozenset(one.role for one in held if one.is_alive(now)), grant.role):
            raise RolesApart
        for one in held:
            if (one.role, one.scope) == (grant.role, grant.scope) and not one.is_alive(now):
                await store.delete_grant(tx, one.uid, one.role, one.scope)
        if not await store.insert_grant(tx, new_row_id(now, self._random_bytes), grant, now):
            raise GrantExists
        detail = _say(grant.role, grant.scope, reason)
        await self._accounts.record(tx, Act.ROLE_GRANTED, uid=grant.uid, by=by, detail=detail)
        return grant


def _say(role: Role, scope: Scope, reason: str) -> str:
    said = f"{role.value} {scope.kind.value}:{scope.id}".rstrip(":")
    return f"{said}: {reason}" if reason else said
