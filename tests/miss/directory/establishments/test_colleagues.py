"""Whom of an establishment a name may mean, on the fictive register."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.accounts import Accounts
from miss.directory.establishments.colleagues import Colleagues
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.roster.service import Roster
from miss.directory.practitioners import DirectoryEntry, Practitioners
from miss.directory.practitioners.model import practitioner_id
from miss.directory.roles import Grant, Role, Roles, organization_scope
from miss.directory.sample import people
from miss.storage import Database
from tests.miss.directory.establishments.conftest import ARRAS, LILLE

ANNE, PAUL = practitioner_id(people.ANNE_MODELE), practitioner_id(people.PAUL_EXEMPLE)


@pytest.fixture
def accounts(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Accounts:
    return Accounts(db, clock, random_bytes, validity=timedelta(days=30), tries=5)


@pytest.fixture
def colleagues(
    roster: Roster,
    practitioners: Practitioners,
    accounts: Accounts,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
) -> Colleagues:
    roles = Roles(db, clock, random_bytes, accounts)
    return Colleagues(db, clock, random_bytes, practitioners, accounts, roles)


@pytest.mark.parametrize("said", ["Anne MODELE", "modele", "999 0000 0011"])
async def test_whom_the_register_has_there(colleagues: Colleagues, said: str) -> None:
    assert ANNE in await colleagues.list_meant(LILLE, said)
    assert ANNE not in await colleagues.list_meant(ARRAS, said)


@pytest.mark.parametrize("said", ["Paul EXEMPLE", people.PAUL_EXEMPLE, "", " ", "99900009996"])
async def test_nobody_of_elsewhere(colleagues: Colleagues, said: str) -> None:
    assert await colleagues.list_meant(LILLE, said) == {}


async def test_whom_its_own_list_has_on_the_red_list_too(
    colleagues: Colleagues, roster: Roster, practitioners: Practitioners
) -> None:
    said = {StaffField.FAMILY: "EXEMPLE", StaffField.GIVEN: "Paul", StaffField.RPPS: people.PAUL_EXEMPLE}
    await roster.add(LILLE, said, "test")
    await practitioners.describe(PAUL, DirectoryEntry(is_red_listed=True), by="test")
    assert set(await colleagues.list_meant(LILLE, "Paul EXEMPLE")) == {PAUL}
    assert set(await colleagues.list_meant(LILLE, people.PAUL_EXEMPLE)) == {PAUL}


async def test_its_members_whatever_the_register_says_while_their_account_is_open(
    colleagues: Colleagues, accounts: Accounts, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    roles = Roles(db, clock, random_bytes, accounts)
    grant = Grant((await accounts.open(PAUL, by="test")).uid, Role.ORGANIZATION_MEMBER, organization_scope(LILLE))
    async with db.transaction() as tx:
        await roles.hand_over(tx, grant, by="test", reason="test")
    assert await colleagues.list_meant(LILLE, "") == {}
    await accounts.verify(grant.uid, by="test")
    assert set(await colleagues.list_meant(LILLE, "")) == {PAUL}


async def test_nobody_of_an_establishment_without_a_record(colleagues: Colleagues) -> None:
    assert await colleagues.list_meant(OrganizationId("F599990017"), "Claire TEMOIN") == {}
