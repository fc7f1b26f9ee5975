"""What an establishment's people keep and ask counts for it, and for no other; limits hold to the byte."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId, PractitionerId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.broker import MemoryBroker, Rates
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.quotas import (
    Allowances,
    EstablishmentAdviceSpent,
    EstablishmentStorageFull,
    Quota,
    QuotaChoice,
    Quotas,
    Used,
)
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import Practitioners
from miss.directory.practitioners.model import organization_party
from miss.directory.sample import people
from miss.storage import Database, Transaction
from tests.conditions import WAIT_S

LILLE, ARRAS = OrganizationId("F599990009"), OrganizationId("F629990003")
ANNE, PAUL = PractitionerId(f"8{people.ANNE_MODELE}"), PractitionerId(f"8{people.PAUL_EXEMPLE}")
CLERK = PractitionerId("3599990009/0001")


@pytest.fixture
async def roster(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Roster:
    """Of two establishments, with nobody on their lists."""
    establishments = Establishments(db, clock, random_bytes)
    for one, finess in ((LILLE, "599990009"), (ARRAS, "629990003")):
        record = Establishment(id=one, name="CH fictif", kind=EstablishmentKind.HOSPITAL, finess=finess)
        await establishments.open(record, "test")
    return Roster(db, clock, random_bytes, Practitioners(db, clock, random_bytes))


@pytest.fixture
async def quotas(db: Database, clock: MovableClock) -> AsyncIterator[Quotas]:
    """As the console holds them."""
    broker = MemoryBroker()
    yield Quotas(db, clock, Rates(broker.counts), Quota(3000, 12_000))
    await broker.close()


async def employ(roster: Roster, establishment: OrganizationId, rpps: str, **dates: str) -> None:
    said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: rpps}
    await roster.add(establishment, said | {StaffField(name): day for name, day in dates.items()}, "test")


async def keep(db: Database, quotas: Quotas, person: PractitionerId, name: str, size_bytes: int) -> None:
    payer = await quotas.allowances.establishment_of(person)
    async with db.transaction() as tx:
        await quotas.allowances.keep(tx, payer, name, size_bytes, about=f"request:{name[:1]}")


async def ask(db: Database, allowances: Allowances, *, is_urgent: bool = False) -> None:
    async with db.transaction() as tx:
        await allowances.ask(tx, LILLE, is_urgent=is_urgent)


async def test_people_count_for_the_establishment_that_listed_them_first(
    quotas: Quotas, roster: Roster, clock: MovableClock
) -> None:
    find = quotas.allowances.establishment_of
    assert await find(ANNE) is None
    await employ(roster, ARRAS, people.ANNE_MODELE)
    clock.advance(timedelta(seconds=1))
    await employ(roster, LILLE, people.ANNE_MODELE)
    assert await find(ANNE) == ARRAS
    assert await find(PAUL) is None
    assert await find(CLERK) == LILLE, "the establishment that numbered them"
    assert await find(PractitionerId(f"6{people.PAUL_EXEMPLE}/0001")) is None, "a practice's"
    assert await find(organization_party(LILLE)) == LILLE


async def test_who_has_left_the_list_or_is_not_there_yet_counts_for_nobody(quotas: Quotas, roster: Roster) -> None:
    await employ(roster, LILLE, people.ANNE_MODELE, ends_on="2020-01-31")
    await employ(roster, LILLE, people.PAUL_EXEMPLE, starts_on="2030-01-01")
    assert await quotas.allowances.establishment_of(ANNE) is None
    assert await quotas.allowances.establishment_of(PAUL) is None


async def test_storage_is_refused_beyond_the_limit_and_no_byte_before(
    db: Database, quotas: Quotas, roster: Roster
) -> None:
    await employ(roster, LILLE, people.ANNE_MODELE)
    await employ(roster, ARRAS, people.PAUL_EXEMPLE)
    await quotas.put(LILLE, QuotaChoice(stored_mb=1), "marc")
    await keep(db, quotas, ANNE, "a1", 600_000)
    with pytest.raises(EstablishmentStorageFull) as refused:
        await keep(db, quotas, ANNE, "b1", 400_001)
    assert "(1 Mo)" in refused.value.sentence(Language.FR)
    await keep(db, quotas, ANNE, "b1", 400_000)
    await keep(db, quotas, ANNE, "b1", 400_000)
    await keep(db, quotas, PAUL, "c1", 5_000_000)
    assert await quotas.allowances.used(LILLE) == Used(1_000_000, 0)
    assert await quotas.allowances.used(ARRAS) == Used(5_000_000, 0)
    async with db.transaction() as tx:
        await quotas.allowances.release(tx, ["b1", "unknown"])
        await quotas.allowances.release_about(tx, "request:c")
    assert await quotas.allowances.used(LILLE) == Used(600_000, 0)
    assert await quotas.allowances.used(ARRAS) == Used()


async def test_many_at_the_same_moment_do_not_pass_together(db: Database, quotas: Quotas, roster: Roster) -> None:
    await employ(roster, LILLE, people.ANNE_MODELE)
    await quotas.put(LILLE, QuotaChoice(stored_mb=1), "marc")
    many = [keep(db, quotas, ANNE, f"a{number}", 300_000) for number in range(12)]
    ended = await asyncio.gather(*many, return_exceptions=True)
    assert [type(end) for end in ended].count(EstablishmentStorageFull) == 9
    assert (await quotas.allowances.used(LILLE)).stored_bytes == 900_000


async def until_it_ends_or_waits(db: Database, task: asyncio.Task[None]) -> None:
    """Waiting: a connection of this database stands before a row that another one holds."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(WAIT_S):
        waiting = 0
        while not waiting and not task.done():
            async with db.snapshot() as tx:
                waiting = (await (await tx.connection()).execute(query)).scalar_one()


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
@pytest.mark.parametrize("counted", ["bytes", "requests"])
async def test_who_counts_waits_for_who_counted_before_and_has_not_committed(
    db: Database, quotas: Quotas, roster: Roster, counted: str
) -> None:
    """What the second would read before the first has ended is not what there will be."""
    await employ(roster, LILLE, people.ANNE_MODELE)
    await quotas.put(LILLE, QuotaChoice(stored_mb=1, advice_per_day=1), "marc")

    async def count(tx: Transaction, name: str) -> None:
        if counted == "bytes":
            await quotas.allowances.keep(tx, LILLE, name, 600_000)
        else:
            await quotas.allowances.ask(tx, LILLE)

    async def count_alone() -> None:
        async with db.transaction() as tx:
            await count(tx, "b1")

    async with db.transaction() as first:
        await count(first, "a1")
        second = asyncio.create_task(count_alone())
        # A task of its own: what it reads must not be this transaction.
        await asyncio.create_task(until_it_ends_or_waits(db, second))
        assert not second.done()
    with pytest.raises((EstablishmentStorageFull, EstablishmentAdviceSpent)):
        await second
    assert await quotas.allowances.used(LILLE) in (Used(600_000, 0), Used(0, 1))


async def test_requests_are_counted_by_the_day_and_an_alert_is_never_refused(
    db: Database, quotas: Quotas, roster: Roster, clock: MovableClock
) -> None:
    await quotas.put(LILLE, QuotaChoice(advice_per_day=2), "marc")
    for _ in range(2):
        await ask(db, quotas.allowances)
    with pytest.raises(EstablishmentAdviceSpent) as refused:
        await ask(db, quotas.allowances)
    assert "par jour (2)" in refused.value.sentence(Language.FR)
    await ask(db, quotas.allowances, is_urgent=True)
    assert await quotas.allowances.used(LILLE) == Used(0, 3)
    clock.advance(timedelta(days=1))
    assert await quotas.allowances.used(LILLE) == Used()
    await ask(db, quotas.allowances)
    assert await quotas.allowances.used(LILLE) == Used(0, 1)


async def test_without_a_limit_all_is_counted_and_nothing_refused(db: Database, quotas: Quotas, roster: Roster) -> None:
    await employ(roster, LILLE, people.ANNE_MODELE)
    await keep(db, quotas, ANNE, "a1", 3_000_000_000)
    for _ in range(3):
        await ask(db, quotas.allowances)
    assert await quotas.allowances.used(LILLE) == Used(3_000_000_000, 3)
