"""The notification level: what was chosen holds, who never chose has the default, and each change is in the log."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts import Accounts
from miss.directory.accounts.errors import AccountNotFound
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import Practitioners
from miss.directory.preferences import NotificationLevel, Preferences
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.storage import Database


async def open_account(practitioners: Practitioners, accounts: Accounts, rpps: str) -> tuple[AccountId, PractitionerId]:
    person = await practitioners.find_by_rpps(rpps)
    assert person is not None
    account = await accounts.open(person.id, by="test")
    return account.uid, person.id


async def test_a_choice_holds_by_account_and_by_entry(
    db: Database, clock: MovableClock, practitioners: Practitioners, accounts: Accounts
) -> None:
    audit = AuditLog(db, clock)
    preferences = Preferences(db, clock, accounts, audit)
    anne, anne_entry = await open_account(practitioners, accounts, ANNE_MODELE)
    paul, paul_entry = await open_account(practitioners, accounts, PAUL_EXEMPLE)
    for level in (NotificationLevel.NONE, NotificationLevel.DISCREET, NotificationLevel.DISCREET):
        await preferences.choose_level(anne, level)
    assert await preferences.get_level(anne) is NotificationLevel.DISCREET
    assert await preferences.get_level(paul) is NotificationLevel.FULL
    async with db.snapshot() as tx:
        assert await preferences.level(tx, anne) is NotificationLevel.DISCREET
        assert await preferences.level_of(tx, anne_entry) is NotificationLevel.DISCREET
        assert await preferences.level_of(tx, paul_entry) is NotificationLevel.FULL
        assert await preferences.level_of(tx, PractitionerId("899900099999")) is NotificationLevel.FULL
    logged = [entry.fact for entry in (await audit.list_(subject=Subject.account(anne))).entries if entry.fact]
    # The same choice again is no act.
    assert [fact.detail for fact in logged if fact.act == "preferences.notification"] == ["discreet", "none"]


async def test_nobody_chooses_without_an_account(
    db: Database, clock: MovableClock, practitioners: Practitioners, accounts: Accounts
) -> None:
    preferences = Preferences(db, clock, accounts, AuditLog(db, clock))
    with pytest.raises(AccountNotFound):
        await preferences.choose_level(AccountId(bytes(16)), NotificationLevel.NONE)
