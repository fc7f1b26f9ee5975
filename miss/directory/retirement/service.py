"""Leave: asked for, approved, begun on its day, ended by itself; each act in the person's story and in the access log.

What is redirected is what is sent about patients.  What opens an account (a new password's link) never is.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import date
from enum import StrEnum

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act, Verification
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.audit import SYSTEM
from miss.directory.retirement import model, store
from miss.directory.retirement.errors import (
    RetirementExists,
    RetirementNotFound,
    RetirementRefused,
    SuccessorRefused,
)
from miss.directory.retirement.model import Redirection, Retirement, Stage, Successor
from miss.directory.roles import PLATFORM, Permission, Principal, may
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, cancel, schedule

TURN_JOB = "retirement.turn"
MAX_LISTED = 500


class Notice(StrEnum):
    """What people are told by mail."""

    ASKED = "asked"
    """To who leaves, when a technician asked: they may never have heard of it."""
    APPROVED = "approved"
    """To who leaves, and to the successor."""


Notify = Callable[[Transaction, Retirement, Notice], Awaitable[None]]
"""Queues the mails of a notice in the caller's transaction."""


class Retirements:
    """Who leaves, who succeeds."""

    def __init__(
        self, db: Database, clock: Clock, random_bytes: RandomBytes, accounts: Accounts, notify: Notify
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._accounts = accounts
        self._notify = notify
        # Whoever closes an account ends its redirection with it, the command line as well.
        accounts.observe(self._end_with)

    # Acts

    async def ask(
        self,
        actor: Principal,
        uid: AccountId,
        leaves_on: date,
        *,
        successor: PractitionerId | None = None,
        until: date | None = None,
        reason: str = "",
    ) -> Retirement:
        """Ask that `uid` leave on that day; `actor`: the person, or a technician, who gives a reason and approves.

        `successor` gets what is sent from that day to `until` (None: three months).  Raises RetirementRefused,
        AccountNotFound, AccountNotActive, SuccessorRefused, LeaveDateRefused, RedirectionDatesRefused, ReasonMissing,
        RetirementExists.
        """
        by_technician = _is_technician(actor)
        if not by_technician and actor.uid != uid:
            raise RetirementRefused
        to = await self._find_successor(successor, until or model.latest_end(leaves_on)) if successor else None
        now = self._clock.now()
        async with self._db.transaction() as tx:
            # The successor's row is held by the foreign key: two who succeed each other take both in one order.
            both = {uid, to.uid} if to else {uid}
            account = {one: await self._accounts.lock(tx, one) for one in sorted(both)}[uid]
            if not account.is_active:
                raise AccountNotActive
            retirement = model.ask(
                id=new_row_id(now, self._random_bytes),
                uid=uid,
                practitioner_id=account.practitioner_id,
                leaves_on=leaves_on,
                successor=to,
                reason=reason,
                by=actor.uid,
                by_technician=by_technician,
                now=now,
            )
            if not await store.insert(tx, retirement):
                raise RetirementExists
            await self._record(tx, Act.RETIREMENT_ASKED, retirement, actor.uid.hex(), retirement.reason)
            if actor.uid != uid and retirement.stage is Stage.ASKED:
                await self._notify(tx, retirement, Notice.ASKED)
            await self._settle(tx, retirement)
        return retirement

    async def approve(self, actor: Principal, retirement_id: str) -> Retirement:
        """One technician's approval.  Raises RetirementRefused, RetirementNotFound, StageForbids, ApprovalRefused,
        RetirementPast, SuccessorRefused if the successor's account was closed meanwhile.
        """
        if not _is_technician(actor):
            raise RetirementRefused
        async with self._db.transaction() as tx:
            retirement = await self._get_locked(tx, retirement_id)
            approved = model.approve(retirement, actor.uid, self._clock.now())
            await self._require_active_successor(tx, approved)
            await store.add_approvals(tx, approved, approved.approvals[len(retirement.approvals) :])
            await store.save_stage(tx, approved)
            await self._record(tx, Act.RETIREMENT_APPROVED, approved, actor.uid.hex())
            await self._settle(tx, approved)
        return approved

    async def withdraw(self, actor: Principal, retirement_id: str, reason: str = "") -> Retirement:
        """Take it back, or refuse it; a redirection ends at once.  `actor`: the person, or a technician with a reason.

        Raises RetirementRefused, RetirementNotFound, StageForbids, ReasonMissing.
        """
        async with self._db.transaction() as tx:
            retirement = await self._get_locked(tx, retirement_id)
            if actor.uid != retirement.uid:
                if not _is_technician(actor):
                    raise RetirementRefused
                reason = model.require_reason(reason)
            withdrawn = model.withdraw(retirement, self._clock.now())
            await store.save_stage(tx, withdrawn)
            await cancel(tx, TURN_JOB, withdrawn.id)
            await self._record(tx, Act.RETIREMENT_WITHDRAWN, withdrawn, actor.uid.hex(), reason)
        return withdrawn

    async def _end_with(self, tx: Transaction, account: Account) -> None:
        """An account that is closed by hand takes back its retirement, and a redirection ends at once.

        One that ends with its retirement finds that over already.
        """
        if account.verification is not Verification.REVOKED:
            return
        for one in await store.list_of(tx, account.uid, MAX_LISTED):
            if not one.stage.is_over:
                # Its account is locked: `Accounts` changes none without that.
                withdrawn = model.withdraw(one, self._clock.now())
                await store.save_stage(tx, withdrawn)
                await cancel(tx, TURN_JOB, withdrawn.id)
                await self._record(tx, Act.RETIREMENT_WITHDRAWN, withdrawn, SYSTEM)

    # What time does

    def job_handler(self) -> JobHandler:
        """Begins and ends what is due."""
        return JobHandler(TURN_JOB, self._turn)

    async def _turn(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            try:
                retirement = await self._get_locked(tx, job.key)
            except RetirementNotFound:
                return
            turned = model.advance(retirement, self._clock.now())
            if turned.stage is not retirement.stage:
                await store.save_stage(tx, turned)
                if turned.stage is Stage.REDIRECTING:
                    await self._record(tx, Act.RETIREMENT_BEGUN, turned, SYSTEM)
                else:
                    await self._accounts.retire(tx, turned.uid, SYSTEM, f"retirement:{turned.id}")
            if turned.turns_at is not None:
                await schedule(tx, TURN_JOB, turned.id, turned.turns_at, random_bytes=self._random_bytes)

    async def _settle(self, tx: Transaction, retirement: Retirement) -> None:
        """What being approved brings: its job, and a word to both."""
        if retirement.stage is Stage.PLANNED:
            await schedule(tx, TURN_JOB, retirement.id, retirement.begins_at, random_bytes=self._random_bytes)
            await self._notify(tx, retirement, Notice.APPROVED)

    # Questions

    async def redirection_of(
        self, practitioner_id: PractitionerId, tx: Transaction | None = None
    ) -> Redirection | None:
        """To whom what is sent to that person goes today; None: nobody else, or a successor whose account closed.

        `tx`: the transaction that the caller holds, if it holds one.
        """
        return (await self.redirections_of([practitioner_id], tx)).get(practitioner_id)

    async def redirections_of(
        self, practitioners: Collection[PractitionerId], tx: Transaction | None = None
    ) -> dict[PractitionerId, Redirection]:
        """As `redirection_of`, of some hundreds at most; redirections are never followed from one to the next."""
        if not practitioners:
            return {}
        now = self._clock.now()
        async with self._db.reading(tx) as reading:
            found = await store.list_redirecting(reading, practitioners)
        shown = [one for one in (retirement.redirection(now) for retirement in found) if one is not None]
        accounts = await self._accounts.get_many({one.to_uid for one in shown}, tx) if shown else {}
        return {one.of: one for one in shown if one.to_uid in accounts and accounts[one.to_uid].is_active}

    async def get(self, retirement_id: str) -> Retirement:
        """Raises RetirementNotFound."""
        found = None
        if retirement_id.isprintable():  # a database may refuse to compare anything else
            async with self._db.snapshot() as tx:
                found = await store.find(tx, retirement_id)
        if found is None:
            raise RetirementNotFound
        return found

    async def list_of(self, uid: AccountId) -> Sequence[Retirement]:
        """Those of an account, over or not, newest first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, uid, MAX_LISTED)

    async def list_living(self) -> Sequence[Retirement]:
        """Those that are not over (at most `MAX_LISTED`), by day of leaving."""
        async with self._db.snapshot() as tx:
            return await store.list_living(tx, MAX_LISTED)

    async def count_asked(self) -> int:
        """How many wait for technicians."""
        async with self._db.snapshot() as tx:
            return await store.count_asked(tx)

    # Parts

    async def _get_locked(self, tx: Transaction, retirement_id: str) -> Retirement:
        """Held by the lock of its account, which everything that moves a retirement takes first: closing the account,
        the retirement's own job and people's acts never hold what another of them waits for."""
        uid = await store.find_uid(tx, retirement_id)
        if uid is not None:
            await self._accounts.lock(tx, uid)
        found = await store.find(tx, retirement_id)
        if found is None:
            raise RetirementNotFound
        return found

    async def _find_successor(self, practitioner_id: PractitionerId, until: date) -> Successor:
        account = await self._accounts.find_by_practitioner(practitioner_id)
        if account is None or not account.is_active:
            raise SuccessorRefused
        return Successor(account.uid, practitioner_id, until)

    async def _require_active_successor(self, tx: Transaction, retirement: Retirement) -> None:
        to = retirement.successor
        if to is not None and to.uid not in await self._accounts.active_among(tx, [to.uid]):
            raise SuccessorRefused

    async def _record(self, tx: Transaction, act: Act, retirement: Retirement, by: str, reason: str = "") -> None:
        to = retirement.successor
        told = f"{retirement.leaves_on}" + (f" to {to.practitioner_id} until {to.until}" if to else "")
        detail = f"{told}: {reason}" if reason else told
        await self._accounts.record(tx, act, uid=retirement.uid, by=by, detail=detail)


def _is_technician(actor: Principal) -> bool:
    return may(actor, Permission.VERIFY_IDENTITIES, PLATFORM)
