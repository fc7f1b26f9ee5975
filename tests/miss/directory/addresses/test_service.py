"""Addresses on real databases: given once, kept for ever, and never the same twice, however many ask at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.directory.accounts import Accounts
from miss.directory.addresses import store
from miss.directory.addresses.errors import AddressMissing
from miss.directory.addresses.giving import AddressGiving
from miss.directory.addresses.model import Address
from miss.directory.addresses.service import Addresses
from miss.directory.addresses.tables import AddressRow
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.register.tables import MailboxRow
from miss.directory.sample import people
from miss.storage import Database
from miss.storage.jobs import JobRunner


@pytest.fixture
def addresses(practitioners: Practitioners, db: Database, clock: MovableClock) -> Addresses:
    """None given yet."""
    return Addresses(db, clock, base_domain="miss.example")


@pytest.fixture
async def anne(practitioners: Practitioners) -> Practitioner:
    """Dermatologist in Lille."""
    found = await practitioners.find_by_rpps(people.ANNE_MODELE)
    assert found is not None
    return found


def homonym(of: Practitioner, number: int) -> Practitioner:
    """Somebody else of that name."""
    return replace(of, id=PractitionerId(f"8999000{number:05}"))


async def test_an_address_is_made_once_and_found_by_what_it_says(
    addresses: Addresses, practitioners: Practitioners, anne: Practitioner, clock: MovableClock
) -> None:
    assert await practitioners.find_by_mailbox("anne.modele@medical59.miss.example") is None
    given = await addresses.assign(anne, by="system")
    assert str(given) == "anne.modele@medical59.miss.example"
    clock.advance(timedelta(days=1))
    assert await addresses.assign(anne, by="system") == given
    assert await addresses.list_(anne.id) == [given]
    assert await addresses.find_owner(" Anne.MODELE@medical59.miss.example") == anne.id
    found = await practitioners.find_by_mailbox("Anne.Modele@Medical59.MiSS.example")
    assert found == anne
    for unknown in ("anne.modele@medical62.miss.example", "anne.modele2@medical59.miss.example", "", "\0"):
        assert await addresses.find_owner(unknown) is None


async def test_homonyms_are_numbered_in_the_order_they_come(addresses: Addresses, anne: Practitioner) -> None:
    given = [str(await addresses.assign(homonym(anne, number), by="system")) for number in range(3)]
    assert [address.partition("@")[0] for address in given] == ["anne.modele", "anne.modele2", "anne.modele3"]
    nurse = replace(homonym(anne, 9), profession=replace(anne.profession, code="60"))
    assert str(await addresses.assign(nurse, by="system")) == "anne.modele@ide59.miss.example"


async def test_after_a_change_of_name_the_old_address_stays_theirs(
    addresses: Addresses, practitioners: Practitioners, anne: Practitioner, clock: MovableClock
) -> None:
    with pytest.raises(AddressMissing):
        await addresses.rename(anne, by="cli")
    first = await addresses.assign(anne, by="system")
    assert await addresses.rename(anne, by="cli") == first
    clock.advance(timedelta(days=1))
    married = replace(anne, family="DE L'ESSAI")
    second = await addresses.rename(married, by="cli")
    assert str(second) == "anne.de-l-essai@medical59.miss.example"
    held = await addresses.list_(anne.id)
    assert [str(address) for address in held] == [str(second), str(first)]
    assert [address.is_current for address in held] == [True, False]
    assert held[1].replaced_at is not None
    assert held[1].replaced_at >= first.given_at + timedelta(days=1)
    # Nobody else is given it, and it finds the same person for ever.
    other = await addresses.assign(homonym(anne, 1), by="system")
    assert str(other) == "anne.modele2@medical59.miss.example"
    assert await addresses.find_owner(str(first)) == anne.id
    assert await practitioners.find_by_mailbox(str(first)) == anne
    # Back to the former name: the former address, not a new number.
    clock.advance(timedelta(days=1))
    assert await addresses.rename(anne, by="cli") == first
    assert [str(address) for address in await addresses.list_(anne.id)] == [str(first), str(second)]


async def test_moving_away_is_no_reason_for_another_address(addresses: Addresses, anne: Practitioner) -> None:
    first = await addresses.assign(anne, by="system")
    moved = replace(anne, roles=tuple(replace(role, department="62") for role in anne.roles))
    assert await addresses.rename(moved, by="cli") == first


async def test_homonyms_who_come_at_once_never_clash(addresses: Addresses, db: Database, anne: Practitioner) -> None:
    crowd = [homonym(anne, number) for number in range(12)]
    given = await asyncio.gather(*(addresses.assign(one, by="system") for one in crowd))
    assert sorted(address.number for address in given) == list(range(1, 13))
    async with db.snapshot() as tx:
        rows = (await tx.exec(select(AddressRow).where(col(AddressRow.replaced_at).is_(None)))).all()
    assert {row.practitioner_id: row.address for row in rows} == {one.practitioner_id: str(one) for one in given}


async def test_one_person_asked_for_many_times_at_once_has_one_address(
    addresses: Addresses, db: Database, anne: Practitioner
) -> None:
    given = await asyncio.gather(*(addresses.assign(anne, by="system") for _ in range(8)))
    assert len(set(given)) == 1
    married = replace(anne, family="ESSAI")
    renamed = await asyncio.gather(*(addresses.rename(married, by="cli") for _ in range(8)))
    assert {str(one) for one in renamed} == {"anne.essai@medical59.miss.example"}
    assert len(await addresses.list_(anne.id)) == 2


async def test_who_writes_second_is_told_and_changes_nothing(
    addresses: Addresses, db: Database, anne: Practitioner, clock: MovableClock
) -> None:
    """Where two transactions chose the same number, as PostgreSQL lets them."""
    first = await addresses.assign(anne, by="system")
    bob = homonym(anne, 1)
    own = await addresses.assign(replace(bob, family="AUTRE"), by="system")
    stolen = Address(practitioner_id=bob.id, stem=first.stem, number=1, domain=first.domain, given_at=clock.now())
    async with db.transaction() as tx:
        assert not await store.insert(tx, stolen, own)
    assert await addresses.find_owner(str(first)) == anne.id
    assert await addresses.list_(bob.id) == [own]


async def test_an_address_given_meanwhile_is_not_replaced_unseen(
    addresses: Addresses, db: Database, anne: Practitioner, clock: MovableClock
) -> None:
    """Where the first was committed between what the second one read and what it wrote."""
    first = await addresses.assign(anne, by="system")
    second = Address(practitioner_id=anne.id, stem=first.stem, number=2, domain=first.domain, given_at=clock.now())
    async with db.transaction() as tx:
        assert not await store.insert(tx, second, None)
    assert await addresses.list_(anne.id) == [first]


async def test_what_the_register_gives_to_others_is_not_given(
    addresses: Addresses, db: Database, anne: Practitioner
) -> None:
    domain = "medical59.miss.example"
    async with db.transaction() as tx:
        for local, owner in (("anne.modele", "899999999999"), ("anne.modele2", anne.id), ("anne.modele30", "x")):
            tx.add(MailboxRow(address=f"{local}@{domain}", practitioner_id=owner))
        tx.add(MailboxRow(address="anne.modele3@medical62.miss.example", practitioner_id="y"))
        tx.add(MailboxRow(address=f"anne.modele3b@{domain}", practitioner_id="z"))
    assert str(await addresses.assign(anne, by="system")) == f"anne.modele2@{domain}"
    assert str(await addresses.assign(homonym(anne, 1), by="system")) == f"anne.modele3@{domain}"


async def test_every_gift_is_in_the_access_log(
    addresses: Addresses, db: Database, clock: MovableClock, anne: Practitioner
) -> None:
    await addresses.assign(anne, by="system")
    await addresses.assign(anne, by="system")
    await addresses.rename(replace(anne, family="ESSAI"), by="cli:marc")
    page = await AuditLog(db, clock).list_(subject=Subject.practitioner(anne.id))
    facts = [entry.fact for entry in page.entries if entry.fact]
    assert [(fact.act, fact.actor, fact.detail) for fact in facts] == [
        ("address.replace", "cli:marc", "anne.essai@medical59.miss.example"),
        ("address.give", "system", "anne.modele@medical59.miss.example"),
    ]


async def test_who_is_verified_is_given_an_address(
    addresses: Addresses,
    accounts: Accounts,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    jobs: JobRunner,
    anne: Practitioner,
) -> None:
    paul = await practitioners.find_by_rpps(people.PAUL_EXEMPLE)
    assert paul is not None
    before = await accounts.open(paul.id, by="cli")
    await accounts.verify(before.uid, "cli")  # verified before addresses existed
    giving = AddressGiving(addresses, accounts, practitioners, db, clock, random_bytes)
    jobs.register(giving.job_handler())
    accounts.observe(giving.observe)
    account = await accounts.open(anne.id, by="cli")
    assert await jobs.run_due() == 0
    await accounts.verify(account.uid, "cli")
    assert await jobs.run_due() == 1
    assert [str(one) for one in await addresses.list_(anne.id)] == ["anne.modele@medical59.miss.example"]
    await giving.start()
    assert await jobs.run_due() == 1
    assert [str(one) for one in await addresses.list_(paul.id)] == ["paul.exemple@medical59.miss.example"]
    await giving.start()
    assert await jobs.run_due() == 0
    await accounts.suspend(account.uid, "cli", "absent")
    assert await jobs.run_due() == 0


async def test_a_suspension_before_the_job_runs_gives_nothing(
    addresses: Addresses,
    accounts: Accounts,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    jobs: JobRunner,
    anne: Practitioner,
) -> None:
    giving = AddressGiving(addresses, accounts, practitioners, db, clock, random_bytes)
    jobs.register(giving.job_handler())
    accounts.observe(giving.observe)
    account = await accounts.open(anne.id, by="cli")
    await accounts.verify(account.uid, "cli")
    await accounts.suspend(account.uid, "cli", "doubt")
    assert await jobs.run_due() == 1
    assert await addresses.list_(anne.id) == []
