"""Roles granted and taken back, on a real database."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, AccountNotFound, Accounts, Act
from miss.directory.practitioners import Practitioners
from miss.directory.roles import PLATFORM, Principal, Role, Roles, organization_scope, practitioner_scope
from miss.directory.roles.errors import GrantExists, GrantNotFound, GrantRefused, RolesApart
from miss.directory.sample import people
from miss.storage import Database

WARD = organization_scope(OrganizationId("o1"))


@pytest.fixture
def roles(db: Database, clock: MovableClock, random_bytes: RandomBytes, accounts: Accounts) -> Roles:
    return Roles(db, clock, random_bytes, accounts)


async def open_account(practitioners: Practitioners, accounts: Accounts, rpps: str) -> Account:
    found = await practitioners.find_by_rpps(rpps)
    assert found is not None
    account = await accounts.open(found.id, by="cli")
    return await accounts.verify(account.uid, "cli")


@pytest.fixture
async def anne(practitioners: Practitioners, accounts: Accounts) -> Account:
    return await open_account(practitioners, accounts, people.ANNE_MODELE)


@pytest.fixture
async def paul(practitioners: Practitioners, accounts: Accounts) -> Account:
    return await open_account(practitioners, accounts, people.PAUL_EXEMPLE)


async def as_principal(roles: Roles, account: Account) -> Principal:
    return Principal(account.uid, await roles.of(account))


async def test_a_practitioner_names_a_secretary_for_a_while(
    roles: Roles, accounts: Accounts, clock: MovableClock, anne: Account, paul: Account
) -> None:
    await roles.appoint(anne, Role.PRACTITIONER, by="cli")
    own, day = practitioner_scope(anne.practitioner_id), timedelta(days=1)
    actor = await as_principal(roles, anne)
    granted = await roles.grant(actor, paul.uid, Role.SECRETARY, own, ends_at=clock.now() + day)
    assert await roles.of(paul) == {granted}
    assert await roles.list_holders(Role.SECRETARY, own) == [granted]
    with pytest.raises(GrantExists):
        await roles.grant(actor, paul.uid, Role.SECRETARY, own)
    clock.advance(day)
    assert await roles.of(paul) == frozenset()
    assert await roles.list_holders(Role.SECRETARY, own) == []
    await roles.grant(actor, paul.uid, Role.SECRETARY, own)
    assert len(await roles.of(paul)) == 1, "again, after it has run out"
    await roles.take_back(actor, paul.uid, Role.SECRETARY, own)
    with pytest.raises(GrantNotFound):
        await roles.take_back(actor, paul.uid, Role.SECRETARY, own)
    story = [(event.act, event.by, event.detail) for event in await accounts.list_events(paul.uid)]
    said = f"secretary practitioner:{anne.practitioner_id}"
    assert story[0] == (Act.ROLE_TAKEN_BACK, anne.uid.hex(), said)
    assert story[1] == (Act.ROLE_GRANTED, anne.uid.hex(), said)


async def test_what_one_may_not_grant_is_refused(roles: Roles, anne: Account, paul: Account) -> None:
    await roles.appoint(anne, Role.PRACTITIONER, by="cli")
    actor = await as_principal(roles, anne)
    for role, scope in (
        (Role.TECHNICIAN, PLATFORM),
        (Role.ORGANIZATION_MEMBER, WARD),
        (Role.SECRETARY, practitioner_scope(paul.practitioner_id)),
        (Role.SECRETARY, WARD),
    ):
        with pytest.raises(GrantRefused):
            await roles.grant(actor, paul.uid, role, scope)
    with pytest.raises(GrantRefused):
        await roles.grant(actor, anne.uid, Role.SECRETARY, practitioner_scope(anne.practitioner_id))
    with pytest.raises(GrantRefused):
        await roles.take_back(actor, paul.uid, Role.TECHNICIAN, PLATFORM)
    assert await roles.of(paul) == frozenset()


async def test_an_administrator_manages_one_establishment(
    roles: Roles, anne: Account, paul: Account, practitioners: Practitioners, accounts: Accounts
) -> None:
    claire = await open_account(practitioners, accounts, people.CLAIRE_TEMOIN)
    await roles.appoint(anne, Role.TECHNICIAN, by="cli")
    technician = await as_principal(roles, anne)
    await roles.grant(technician, paul.uid, Role.ESTABLISHMENT_ADMINISTRATOR, WARD)
    administrator = await as_principal(roles, paul)
    await roles.grant(administrator, claire.uid, Role.ORGANIZATION_MEMBER, WARD)
    with pytest.raises(GrantRefused):
        elsewhere = organization_scope(OrganizationId("o2"))
        await roles.grant(administrator, claire.uid, Role.ORGANIZATION_MEMBER, elsewhere)
    # One may always lay a role down.
    await roles.take_back(await as_principal(roles, claire), claire.uid, Role.ORGANIZATION_MEMBER, WARD)
    with pytest.raises(AccountNotFound):
        await roles.grant(technician, type(claire.uid)(b"n" * 16), Role.AUDITOR, PLATFORM)


async def test_nobody_becomes_technician_and_auditor_not_even_at_once(roles: Roles, anne: Account) -> None:
    outcomes = await asyncio.gather(
        roles.appoint(anne, Role.TECHNICIAN, by="cli"),
        roles.appoint(anne, Role.AUDITOR, by="cli"),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Grant", "RolesApart"]
    with pytest.raises((RolesApart, GrantExists)):
        await roles.appoint(anne, Role.AUDITOR, by="cli")
    with pytest.raises(GrantRefused):
        await roles.appoint(anne, Role.EXPERT, by="cli")


async def test_why_a_role_came_and_went_stands_in_the_story(
    roles: Roles, accounts: Accounts, anne: Account, paul: Account
) -> None:
    await roles.appoint(paul, Role.TECHNICIAN, by="cli")
    actor = await as_principal(roles, paul)
    await roles.grant(actor, anne.uid, Role.ORGANIZATION_MEMBER, WARD, reason="mutation")
    await roles.take_back(actor, anne.uid, Role.ORGANIZATION_MEMBER, WARD, reason="départ")
    told = [event.detail for event in await accounts.list_events(anne.uid) if event.act.value.startswith("role")]
    assert sorted(told) == [
        "organization_member organization:o1: départ",
        "organization_member organization:o1: mutation",
    ]
