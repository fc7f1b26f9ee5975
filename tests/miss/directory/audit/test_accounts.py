"""Every act on an account is in the log as well, in the same transaction."""

import pytest

from miss.base.clock import MovableClock
from miss.directory.accounts import Accounts, ActivationPurpose, WrongActivationCode
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import Practitioners
from miss.directory.sample import people
from miss.storage import Database


async def test_the_story_of_an_account_is_in_the_log(
    accounts: Accounts, practitioners: Practitioners, db: Database, clock: MovableClock
) -> None:
    found = await practitioners.find_by_rpps(people.PAUL_EXEMPLE)
    assert found is not None
    account = await accounts.open(found.id, by="cli:test")
    await accounts.verify(account.uid, by="cli:test")
    await accounts.issue_activation(account.uid, ActivationPurpose.BROWSER, by="cli:test")
    with pytest.raises(WrongActivationCode):
        await accounts.check_activation(people.PAUL_EXEMPLE, "0000-0000-0000", ActivationPurpose.BROWSER)
    with pytest.raises(WrongActivationCode):
        await accounts.check_activation("99900000995", "0000-0000-0000", ActivationPurpose.BROWSER)
    log = AuditLog(db, clock)
    page = await log.list_(subject=Subject.account(account.uid))
    told = [(entry.fact.act, entry.fact.actor, entry.fact.detail) for entry in page.entries if entry.fact]
    assert told == [
        ("account.code_wrong", "", "browser"),
        ("account.code_issued", "cli:test", "browser"),
        ("account.verify", "cli:test", ""),
        ("account.open", "cli:test", ""),
    ]
    stranger = await log.list_(subject=Subject.account(None))
    assert [entry.fact.act for entry in stranger.entries if entry.fact] == ["account.code_wrong"]
    assert (await log.verify(frozenset())).broken is None
