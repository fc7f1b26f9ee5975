"""Retirements on a real database: who may what, what senders are told, what time does, what is written down."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act, Verification
from miss.directory.accounts.errors import AccountNotActive, AccountNotFound
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Notice, Retirement, Retirements, Stage
from miss.directory.retirement.errors import (
    ApprovalRefused,
    ReasonMissing,
    RetirementExists,
    RetirementNotFound,
    RetirementRefused,
    StageForbids,
    SuccessorRefused,
)
from miss.directory.retirement.service import TURN_JOB
from miss.directory.roles import Principal, Role, Roles
from miss.directory.sample import people
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobRunner
from tests.conditions import WAIT_S

DAY = date(2026, 12, 1)
UNTIL = date(2027, 2, 1)
WHY = "départ à la retraite"


@dataclass
class Office:
    """Four people: one leaves, one succeeds, two are technicians; and what they were told."""

    retirements: Retirements
    accounts: Accounts
    jobs: JobRunner
    clock: MovableClock
    anne: Account
    karim: Account
    first: Principal
    second: Principal
    told: list[tuple[Notice, str]]
    people: list[Account]
    """Others, who have done nothing yet."""

    def as_oneself(self, account: Account) -> Principal:
        return Principal(account.uid, frozenset())

    async def ask(self) -> Retirement:
        self.clock.advance(timedelta(minutes=1))
        return await self.retirements.ask(
            self.first, self.anne.uid, DAY, successor=self.karim.practitioner_id, until=UNTIL, reason=WHY
        )

    async def at(self, instant: datetime) -> None:
        self.clock.advance(instant - self.clock.now())
        while await self.jobs.run_due():
            pass

    async def acts(self) -> list[Act]:
        return [event.act for event in await self.accounts.list_events(self.anne.uid)]


@pytest.fixture
async def office(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
    jobs: JobRunner,
) -> Office:
    roles = Roles(db, clock, random_bytes, accounts)
    told: list[tuple[Notice, str]] = []

    async def notify(_tx: Transaction, retirement: Retirement, notice: Notice) -> None:
        told.append((notice, retirement.id))

    retirements = Retirements(db, clock, random_bytes, accounts, notify)
    jobs.register(retirements.job_handler())
    opened = []
    for rpps in (
        *(people.ANNE_MODELE, people.KARIM_ESSAI, people.MARC_COORDO, people.HUGO_FACTICE),
        *(people.PAUL_EXEMPLE, people.INES_BROUILLON, people.CLAIRE_TEMOIN),
    ):
        found = await practitioners.find_by_rpps(rpps)
        assert found is not None
        account = await accounts.open(found.id, by="cli")
        opened.append(await accounts.verify(account.uid, "cli"))
    technicians = []
    for account in opened[2:4]:
        await roles.appoint(account, Role.TECHNICIAN, by="cli")
        technicians.append(Principal(account.uid, await roles.of(account)))
    first, second = technicians
    return Office(retirements, accounts, jobs, clock, opened[0], opened[1], first, second, told, opened[4:])


async def test_from_the_request_to_the_end_of_the_account(office: Office) -> None:
    anne, karim = office.anne, office.karim
    retirement = await office.ask()
    office.clock.advance(timedelta(minutes=1))
    assert office.told == [(Notice.ASKED, retirement.id)]
    assert await office.retirements.count_asked() == 1
    approved = await office.retirements.approve(office.second, retirement.id)
    assert approved.stage is Stage.PLANNED
    assert office.told[1:] == [(Notice.APPROVED, retirement.id)]
    assert await office.retirements.get(retirement.id) == approved
    assert await office.retirements.redirection_of(anne.practitioner_id) is None

    begins, ends = datetime(2026, 11, 30, 23, 0, tzinfo=UTC), datetime(2027, 1, 31, 23, 0, tzinfo=UTC)
    await office.at(begins - timedelta(seconds=1))
    assert await office.retirements.redirection_of(anne.practitioner_id) is None
    await office.at(begins)
    shown = await office.retirements.redirection_of(anne.practitioner_id)
    assert shown is not None
    assert (shown.to, shown.until) == (karim.practitioner_id, ends)
    assert (await office.accounts.get(anne.uid)).is_active, "their conversations can still be closed"
    assert [one.stage for one in await office.retirements.list_living()] == [Stage.REDIRECTING]

    await office.at(ends)
    assert await office.retirements.redirection_of(anne.practitioner_id) is None
    closed = await office.accounts.get(anne.uid)
    assert closed.verification is Verification.REVOKED
    [event, begun, *_] = await office.accounts.list_events(anne.uid)
    assert (event.act, event.by, event.detail) == (Act.REVOKE, "system", f"retirement:{retirement.id}")
    assert begun.act is Act.RETIREMENT_BEGUN
    assert (await office.acts())[2:4] == [Act.RETIREMENT_APPROVED, Act.RETIREMENT_ASKED]
    assert await office.retirements.list_living() == []
    assert [one.stage for one in await office.retirements.list_of(anne.uid)] == [Stage.RETIRED]


async def test_people_ask_for_themselves_and_a_technician_approves(office: Office) -> None:
    own = office.as_oneself(office.anne)
    retirement = await office.retirements.ask(own, office.anne.uid, DAY)
    assert (retirement.stage, retirement.missing, office.told) == (Stage.ASKED, 1, [])
    for nobody in (own, office.as_oneself(office.karim)):
        with pytest.raises(RetirementRefused):
            await office.retirements.approve(nobody, retirement.id)
    assert (await office.retirements.approve(office.second, retirement.id)).stage is Stage.PLANNED
    await office.at(datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    assert not (await office.accounts.get(office.anne.uid)).is_active


async def test_nobody_retires_somebody_else(office: Office) -> None:
    with pytest.raises(RetirementRefused):
        await office.retirements.ask(office.as_oneself(office.karim), office.anne.uid, DAY)
    with pytest.raises(AccountNotFound):
        await office.retirements.ask(office.first, AccountId(bytes(16)), DAY, reason=WHY)
    for reason in ("", "\0"):
        with pytest.raises(ReasonMissing):
            await office.retirements.ask(office.first, office.anne.uid, DAY, reason=reason)
    assert Act.RETIREMENT_ASKED not in await office.acts()
    assert office.told == []


async def test_one_at_a_time(office: Office) -> None:
    first = await office.ask()
    with pytest.raises(RetirementExists):
        await office.ask()
    await office.retirements.withdraw(office.as_oneself(office.anne), first.id)
    again = await office.ask()
    assert [one.id for one in await office.retirements.list_of(office.anne.uid)] == [again.id, first.id]


async def test_two_technicians_are_two_people(office: Office) -> None:
    retirement = await office.ask()
    office.clock.advance(timedelta(minutes=1))
    with pytest.raises(ApprovalRefused):
        await office.retirements.approve(office.first, retirement.id)
    answers = await asyncio.gather(
        office.retirements.approve(office.second, retirement.id),
        office.retirements.approve(office.second, retirement.id),
        return_exceptions=True,
    )
    assert [type(one) for one in answers if isinstance(one, Exception)] == [StageForbids]
    assert [one.by for one in (await office.retirements.get(retirement.id)).approvals] == [
        office.first.uid,
        office.second.uid,
    ]
    with pytest.raises(RetirementNotFound):
        await office.retirements.approve(office.second, "nowhere")
    with pytest.raises(RetirementNotFound):
        await office.retirements.get("\0")


async def test_taking_it_back_ends_a_redirection_at_once_and_leaves_the_account(office: Office) -> None:
    retirement = await office.ask()
    await office.retirements.approve(office.second, retirement.id)
    await office.at(datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    with pytest.raises(RetirementRefused):
        await office.retirements.withdraw(office.as_oneself(office.karim), retirement.id)
    with pytest.raises(ReasonMissing):
        await office.retirements.withdraw(office.second, retirement.id)
    await office.retirements.withdraw(office.second, retirement.id, "n’était pas convenu")
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is None
    [event, *_] = await office.accounts.list_events(office.anne.uid)
    assert event.act is Act.RETIREMENT_WITHDRAWN
    assert event.detail.endswith(": n’était pas convenu")
    await office.at(datetime(2027, 3, 1, tzinfo=UTC))
    assert (await office.accounts.get(office.anne.uid)).is_active
    with pytest.raises(StageForbids):
        await office.retirements.withdraw(office.second, retirement.id, "encore")


async def test_a_successor_has_an_active_account_all_along(office: Office) -> None:
    retirement = await office.ask()
    await office.accounts.suspend(office.karim.uid, "cli", "essai")
    with pytest.raises(SuccessorRefused):
        await office.retirements.approve(office.second, retirement.id)
    assert (await office.retirements.get(retirement.id)).missing == 1, "nothing was half done"
    await office.retirements.withdraw(office.second, retirement.id, "successeur suspendu")
    with pytest.raises(SuccessorRefused):
        await office.ask()
    await office.accounts.verify(office.karim.uid, "cli")
    retirement = await office.ask()
    await office.retirements.approve(office.second, retirement.id)
    await office.at(datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is not None
    await office.accounts.suspend(office.karim.uid, "cli", "essai")
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is None


async def test_a_closed_account_has_nothing_to_leave_and_is_not_closed_twice(office: Office) -> None:
    retirement = await office.ask()
    await office.retirements.approve(office.second, retirement.id)
    await office.accounts.revoke(office.anne.uid, "cli", "fraude")
    assert (await office.retirements.get(retirement.id)).stage is Stage.WITHDRAWN
    await office.at(datetime(2027, 3, 1, tzinfo=UTC))
    assert (await office.retirements.get(retirement.id)).stage is Stage.WITHDRAWN
    assert (await office.acts()).count(Act.REVOKE) == 1
    with pytest.raises(AccountNotActive):
        await office.ask()


async def test_closing_an_account_by_hand_ends_its_redirection_at_once(office: Office) -> None:
    retirement = await office.ask()
    await office.retirements.approve(office.second, retirement.id)
    await office.at(retirement.begins_at)
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is not None
    await office.accounts.suspend(office.anne.uid, "cli", "essai")
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is not None, "they may come back"
    await office.accounts.revoke(office.anne.uid, "cli", "fraude")
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is None
    assert Act.RETIREMENT_WITHDRAWN in await office.acts()


async def test_the_last_moment_holds_even_if_no_job_has_run(office: Office) -> None:
    retirement = await office.ask()
    await office.retirements.approve(office.second, retirement.id)
    await office.at(datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    office.clock.advance(datetime(2027, 1, 31, 23, 0, tzinfo=UTC) - office.clock.now())
    assert await office.retirements.redirection_of(office.anne.practitioner_id) is None
    assert await office.retirements.redirections_of([]) == {}


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_an_account_that_closes_and_its_retirement_that_moves_wait_for_each_other_in_one_order(
    office: Office, db: Database
) -> None:
    turn = office.retirements.job_handler().run
    moves: Sequence[tuple[str, Callable[[Retirement], Awaitable[object]], Stage]] = (
        ("withdrawn by hand", lambda one: office.retirements.withdraw(office.first, one.id, WHY), Stage.PLANNED),
        ("its own job", lambda one: turn(Job("job", TURN_JOB, one.id, {}, office.clock.now(), 0)), Stage.PLANNED),
        ("approved", lambda one: office.retirements.approve(office.second, one.id), Stage.ASKED),
    )
    for rank, (name, move, stage) in enumerate(moves):
        leaver = office.people[rank]
        office.clock.advance(timedelta(minutes=1))
        asked = await office.retirements.ask(
            office.first, leaver.uid, DAY, successor=office.karim.practitioner_id, until=UNTIL, reason=WHY
        )
        if stage is Stage.PLANNED:
            office.clock.advance(timedelta(minutes=1))
            await office.retirements.approve(office.second, asked.id)
        if name == "its own job":
            office.clock.advance(datetime(2026, 12, 1, tzinfo=UTC) - office.clock.now())
        async with db.transaction() as closing:
            await office.accounts.lock(closing, leaver.uid)
            moving = asyncio.ensure_future(move(asked))
            await asyncio.create_task(until_somebody_waits(db))
            await office.accounts.retire(closing, leaver.uid, "cli", "essai")
        outcome = (await asyncio.gather(moving, return_exceptions=True))[0]
        assert outcome is None if name == "its own job" else isinstance(outcome, StageForbids), f"{name}: {outcome!r}"
        assert (await office.retirements.get(asked.id)).stage is Stage.WITHDRAWN, name


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_two_who_succeed_each_other_ask_at_once(office: Office, db: Database) -> None:
    """Each asks for the other's row by the foreign key, while both wait for the first of the two."""
    lesser, greater = sorted((office.anne, office.karim), key=lambda account: account.uid)
    office.clock.advance(timedelta(minutes=1))

    def ask(one: Account, other: Account) -> Awaitable[Retirement]:
        return office.retirements.ask(
            office.first, one.uid, DAY, successor=other.practitioner_id, until=UNTIL, reason=WHY
        )

    async with db.transaction() as holding:
        await office.accounts.lock(holding, lesser.uid)
        first = asyncio.ensure_future(ask(lesser, greater))
        await asyncio.create_task(until_somebody_waits(db))
        second = asyncio.ensure_future(ask(greater, lesser))
        await asyncio.create_task(until_somebody_waits(db, 2))
    assert [one.uid for one in await asyncio.gather(first, second)] == [lesser.uid, greater.uid]


async def until_somebody_waits(db: Database, count: int = 1) -> None:
    """As many connections of this database wait for a row that another one holds."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(WAIT_S):
        waiting = 0
        while waiting < count:
            async with db.snapshot() as tx:
                waiting = (await (await tx.connection()).execute(query)).scalar_one()
