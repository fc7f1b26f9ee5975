"""Numbers that anybody may check, on both databases."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes, system_random
from miss.directory.accounts import Account, AccountNotActive, Accounts, Act
from miss.directory.attestations import Attestations, compose_number, normalise_number
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample import people
from miss.storage import Database


@pytest.fixture
def accounts(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Accounts:
    return Accounts(db, clock, random_bytes)


@pytest.fixture
def attestations(db: Database, clock: MovableClock, random_bytes: RandomBytes, accounts: Accounts) -> Attestations:
    return Attestations(db, clock, random_bytes, accounts)


async def verified(accounts: Accounts) -> Account:
    account = await accounts.open(practitioner_id(people.ANNE_MODELE), by="cli")
    return await accounts.verify(account.uid, "cli")


async def test_a_number_holds_as_long_as_the_account_does(
    clock: MovableClock, accounts: Accounts, attestations: Attestations
) -> None:
    anne = await verified(accounts)
    first = await attestations.issue(anne)
    clock.advance(timedelta(days=3))
    assert await attestations.issue(anne) == first, "the same, however often"
    assert await attestations.is_valid(first.number)
    assert await attestations.is_valid(first.number.lower().replace("-", " "))
    await accounts.suspend(anne.uid, "cli", "essai")
    assert not await attestations.is_valid(first.number)
    clock.advance(timedelta(days=1))
    anne = await accounts.verify(anne.uid, "cli")
    assert not await attestations.is_valid(first.number), "that paper attests another time"
    second = await attestations.issue(anne)
    assert second.number != first.number
    assert await attestations.is_valid(second.number)
    issued = [event for event in await accounts.list_events(anne.uid) if event.act is Act.ATTESTATION_ISSUED]
    assert len(issued) == 2


async def test_nobody_else_gets_one_and_nothing_else_is_valid(accounts: Accounts, attestations: Attestations) -> None:
    account = await accounts.open(practitioner_id(people.PAUL_EXEMPLE), by="cli")
    with pytest.raises(AccountNotActive):
        await attestations.issue(account)
    for number in ("", "inconnu", "\0", "0" * 16, "UUUU-UUUU-UUUU-UUUU", "9" * 10_000, "٣" * 16):
        assert not await attestations.is_valid(number)


@given(st.binary(min_size=10, max_size=10))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_number_is_read_as_people_type_it(raw: bytes) -> None:
    number = compose_number(lambda size: raw[:size])
    assert normalise_number(number) == number
    assert normalise_number(f" {number.lower().replace('-', '').replace('0', 'o').replace('1', 'l')} ") == number


def test_numbers_differ() -> None:
    assert len({compose_number(system_random) for _ in range(1000)}) == 1000
