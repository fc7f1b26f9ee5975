"""Accounts on a real database: verification, activation codes, and what others can learn from them (nothing)."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, AccountEvent, Accounts, Act, ActivationPurpose, IssuedCode, Verification
from miss.directory.accounts.errors import (
    AccountExists,
    AccountNotActive,
    AccountNotFound,
    ActivationExpired,
    ActivationLocked,
    ActivationSpent,
    RppsRequired,
    TicketNotTheirs,
    WrongActivationCode,
    WrongVerificationState,
)
from miss.directory.accounts.tables import AccountActivationRow, AccountEventRow, ActivationTryRow
from miss.directory.practitioners import Practitioners
from miss.directory.practitioners.errors import PractitionerNotFound
from miss.directory.sample import people
from miss.documents.errors import IdentifierRefused
from miss.storage import Database

PAUL, ANNE = people.PAUL_EXEMPLE, people.ANNE_MODELE
UNKNOWN = "99900009996"
DEVICE, BROWSER = ActivationPurpose.DEVICE, ActivationPurpose.BROWSER
WRONG = "0000-0000-0000"


@pytest.fixture
async def paul(accounts: Accounts, practitioners: Practitioners) -> Account:
    """Paul's account, verified."""
    found = await practitioners.find_by_rpps(PAUL)
    assert found is not None
    account = await accounts.open(found.id, by="cli")
    return await accounts.verify(account.uid, "operator")


@pytest.fixture
async def issued(accounts: Accounts, paul: Account) -> IssuedCode:
    """Paul's code for a device."""
    return await accounts.issue_activation(paul.uid, DEVICE, "operator")


async def try_code(accounts: Accounts, code: str, rpps: str = PAUL, purpose: ActivationPurpose = DEVICE) -> str:
    """`ok`, or the error as the other side sees it."""
    try:
        await accounts.check_activation(rpps, code, purpose)
    except MissError as error:
        return f"{error.code} {error.http_status} {error.sentence(Language.EN)}"
    return "ok"


async def consume(db: Database, accounts: Accounts, account: Account, code: str) -> None:
    async with db.transaction() as tx:
        await accounts.consume_activation(tx, account.uid, DEVICE, code)


async def test_an_account_is_opened_pending_and_found(accounts: Accounts, practitioners: Practitioners) -> None:
    anne = await practitioners.find_by_rpps(ANNE)
    assert anne is not None
    account = await accounts.open(anne.id, by="cli", language=Language.EN)
    assert (account.verification, account.language) == (Verification.PENDING, Language.EN)
    assert len(account.uid) == 16
    nobody = AccountId(b"n" * 16)
    assert await accounts.get(account.uid) == account
    assert await accounts.get_many([account.uid, nobody]) == {account.uid: account}
    assert await accounts.find_by_practitioner(anne.id) == account
    assert await accounts.find_by_rpps(ANNE) == account
    for rpps in (PAUL, UNKNOWN, "", "\x00"):
        assert await accounts.find_by_rpps(rpps) is None
    with pytest.raises(AccountNotFound):
        await accounts.get(nobody)


async def test_one_account_per_practitioner_who_has_an_rpps_number(
    accounts: Accounts, practitioners: Practitioners, paul: Account
) -> None:
    with pytest.raises(AccountExists):
        await accounts.open(paul.practitioner_id, by="cli")
    with pytest.raises(PractitionerNotFound):
        await accounts.open(PractitionerId("nobody"), by="cli")
    (adeli_only,) = await practitioners.search("syllabe")
    with pytest.raises(RppsRequired):
        await accounts.open(adeli_only.id, by="cli")


async def test_the_story_of_an_account(accounts: Accounts, clock: MovableClock, paul: Account) -> None:
    clock.advance(timedelta(days=1))
    await accounts.suspend(paul.uid, "operator", "lost phone")
    await accounts.verify(paul.uid, "operator")
    await accounts.revoke(paul.uid, "cli", "retired")
    with pytest.raises(WrongVerificationState):
        await accounts.verify(paul.uid, "operator")
    with pytest.raises(AccountNotFound):
        await accounts.suspend(AccountId(b"n" * 16), "operator", "")
    story = await accounts.list_events(paul.uid)
    assert [(event.act, event.by, event.detail) for event in reversed(story)] == [
        (Act.OPEN, "cli", ""),
        (Act.VERIFY, "operator", ""),
        (Act.SUSPEND, "operator", "lost phone"),
        (Act.VERIFY, "operator", ""),
        (Act.REVOKE, "cli", "retired"),
    ]
    assert story[0].at - story[4].at >= timedelta(days=1)
    assert await accounts.list_events(paul.uid, limit=2) == story[:2]
    assert (await accounts.get(paul.uid)).verification is Verification.REVOKED


async def test_a_right_code_names_its_account_until_it_is_used(
    db: Database, accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    assert await accounts.check_activation(PAUL, issued.code, DEVICE) == paul
    assert await accounts.check_activation("999 0000 0029", issued.code.lower(), DEVICE) == paul
    await consume(db, accounts, paul, issued.code)
    assert (await try_code(accounts, issued.code)).startswith("activation_spent 409")
    with pytest.raises(ActivationSpent):
        await consume(db, accounts, paul, issued.code)


async def test_the_code_itself_is_not_kept(db: Database, accounts: Accounts, issued: IssuedCode) -> None:
    async with db.snapshot() as tx:
        kept = repr((await tx.exec(select(AccountActivationRow))).all())
        story = repr((await tx.exec(select(AccountEventRow))).all())
    assert issued.code not in kept + story
    assert issued.code.replace("-", "") not in kept + story


async def test_a_code_opens_one_purpose_of_one_account(
    accounts: Accounts, practitioners: Practitioners, issued: IssuedCode
) -> None:
    assert (await try_code(accounts, issued.code, purpose=BROWSER)).startswith("wrong_activation_code")
    assert (await try_code(accounts, issued.code, rpps=ANNE)).startswith("wrong_activation_code")
    assert await try_code(accounts, issued.code) == "ok"


async def test_five_wrong_tries_lock_and_the_lock_survives(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongActivationCode) as caught:
            await accounts.check_activation(PAUL, WRONG, DEVICE)
        assert caught.value.params == {"tries_left": left}
    with pytest.raises(ActivationLocked):
        await accounts.check_activation(PAUL, WRONG, DEVICE)
    after_restart = Accounts(db, clock, random_bytes, validity=timedelta(days=30), tries=5)
    clock.advance(timedelta(days=20))
    with pytest.raises(ActivationLocked):
        await after_restart.check_activation(PAUL, issued.code, DEVICE)
    with pytest.raises(ActivationLocked):
        await consume(db, after_restart, paul, issued.code)
    wrong = [event for event in await accounts.list_events(paul.uid) if event.act is Act.CODE_WRONG]
    assert len(wrong) == 5


async def test_a_new_code_unlocks_and_the_old_one_is_dead(
    accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    for _ in range(5):
        await try_code(accounts, WRONG)
    fresh = await accounts.issue_activation(paul.uid, DEVICE, "operator")
    assert (await try_code(accounts, issued.code)).endswith("tries left: 4.")
    assert await try_code(accounts, fresh.code) == "ok"


async def test_parallel_wrong_tries_all_count(accounts: Accounts, issued: IssuedCode) -> None:
    answers = await asyncio.gather(*(try_code(accounts, WRONG) for _ in range(2)))
    assert sorted(answer[-2:] for answer in answers) == ["3.", "4."]
    answers = await asyncio.gather(*(try_code(accounts, WRONG) for _ in range(8)))
    assert sum(answer.startswith("wrong_activation_code") for answer in answers) == 2
    assert sum(answer.startswith("activation_locked") for answer in answers) == 6
    assert (await try_code(accounts, issued.code)).startswith("activation_locked")


async def test_a_code_is_used_once_by_two_at_the_same_time(
    db: Database, accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    outcomes = await asyncio.gather(
        *(consume(db, accounts, paul, issued.code) for _ in range(4)), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ActivationSpent) for outcome in outcomes) == 3


async def test_a_code_is_not_used_up_when_the_callers_transaction_fails(
    db: Database, accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    async def fail_after_consuming() -> None:
        async with db.transaction() as tx:
            await accounts.consume_activation(tx, paul.uid, DEVICE, issued.code)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await fail_after_consuming()
    assert await try_code(accounts, issued.code) == "ok"


async def test_a_wrong_code_consumes_nothing_and_counts_nothing(
    db: Database, accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    with pytest.raises(WrongActivationCode):
        await consume(db, accounts, paul, WRONG)
    assert (await try_code(accounts, WRONG)).endswith("tries left: 4.")
    assert await try_code(accounts, issued.code) == "ok"


async def test_a_code_expires_and_only_who_has_it_learns_that(
    db: Database, accounts: Accounts, clock: MovableClock, paul: Account, issued: IssuedCode
) -> None:
    clock.advance_to(issued.expires_at)
    assert (await try_code(accounts, WRONG)).startswith("wrong_activation_code")
    with pytest.raises(ActivationExpired):
        await accounts.check_activation(PAUL, issued.code, DEVICE)
    with pytest.raises(ActivationExpired):
        await consume(db, accounts, paul, issued.code)


async def test_a_suspended_account_is_not_activated(
    db: Database, accounts: Accounts, paul: Account, issued: IssuedCode
) -> None:
    await accounts.suspend(paul.uid, "operator", "")
    assert (await try_code(accounts, WRONG)).startswith("wrong_activation_code")
    with pytest.raises(AccountNotActive):
        await accounts.check_activation(PAUL, issued.code, DEVICE)
    with pytest.raises(AccountNotActive):
        await consume(db, accounts, paul, issued.code)
    with pytest.raises(AccountNotActive):
        await accounts.issue_activation(paul.uid, DEVICE, "operator")


async def test_a_stranger_learns_nothing(accounts: Accounts, practitioners: Practitioners, issued: IssuedCode) -> None:
    """A verified account with a code, one that is pending, a practitioner without account, an unknown number."""
    anne = await practitioners.find_by_rpps(ANNE)
    assert anne is not None
    await accounts.open(anne.id, by="cli")
    answers = [
        [await try_code(accounts, WRONG, rpps) for _ in range(7)] for rpps in (PAUL, ANNE, people.KARIM_ESSAI, UNKNOWN)
    ]
    assert answers[0][4:] == answers[0][4:5] * 3
    assert answers == answers[:1] * 4


async def test_a_mistyped_rpps_number_is_told_and_counts_nothing(db: Database, accounts: Accounts) -> None:
    for rpps in ("99900000028", "9990000002", "", "\x00"):
        with pytest.raises(IdentifierRefused):
            await accounts.check_activation(rpps, WRONG, DEVICE)
    async with db.snapshot() as tx:
        assert (await tx.exec(select(ActivationTryRow))).all() == []


async def test_old_counts_are_forgotten_when_codes_are_issued(
    db: Database, accounts: Accounts, clock: MovableClock, paul: Account
) -> None:
    await try_code(accounts, WRONG, UNKNOWN)
    clock.advance(timedelta(days=29))
    await accounts.issue_activation(paul.uid, DEVICE, "operator")
    assert (await try_code(accounts, WRONG, UNKNOWN)).endswith("tries left: 3.")
    clock.advance(timedelta(days=31))
    await accounts.issue_activation(paul.uid, BROWSER, "operator")
    async with db.snapshot() as tx:
        kept = (await tx.exec(select(ActivationTryRow))).all()
    assert [(row.rpps, row.purpose) for row in kept] == [(PAUL, "browser")]


# Tickets, and accounts that were closed lately


async def test_a_recovery_ticket_is_ones_own_and_lives_for_minutes(
    accounts: Accounts, clock: MovableClock, paul: Account
) -> None:
    recovery = ActivationPurpose.RECOVERY
    for stranger in ("operator", "cli:root", AccountId(b"n" * 16).hex()):
        with pytest.raises(TicketNotTheirs):
            await accounts.issue_activation(paul.uid, recovery, stranger)
    first = await accounts.issue_activation(paul.uid, recovery, paul.uid.hex())
    ticket = await accounts.issue_activation(paul.uid, recovery, paul.uid.hex())
    assert ticket.expires_at - clock.now() <= timedelta(minutes=15)
    assert (await try_code(accounts, first.code, purpose=recovery)).startswith("wrong_activation_code")
    assert (await try_code(accounts, ticket.code)).startswith("wrong_activation_code"), "for nothing else"
    assert await try_code(accounts, ticket.code, purpose=recovery) == "ok"
    clock.advance(timedelta(minutes=15))
    assert (await try_code(accounts, ticket.code, purpose=recovery)).startswith("activation_expired")


async def test_a_code_to_reset_is_a_letters(accounts: Accounts, clock: MovableClock, paul: Account) -> None:
    issued = await accounts.issue_activation(paul.uid, ActivationPurpose.RESET, "operator")
    clock.advance(timedelta(days=29))
    assert await try_code(accounts, issued.code, purpose=ActivationPurpose.RESET) == "ok"
    assert (await try_code(accounts, issued.code)).startswith("wrong_activation_code")


async def test_accounts_closed_lately_are_listed(
    db: Database, accounts: Accounts, clock: MovableClock, paul: Account
) -> None:
    async def closed() -> frozenset[AccountId]:
        async with db.snapshot() as tx:
            return await accounts.closed_since(tx, clock.now() - timedelta(minutes=2))

    assert await closed() == frozenset()
    await accounts.suspend(paul.uid, "operator", "lost phone")
    assert await closed() == {paul.uid}
    await accounts.verify(paul.uid, "operator")
    assert await closed() == frozenset()
    await accounts.revoke(paul.uid, "operator", "retired")
    assert await closed() == {paul.uid}
    clock.advance(timedelta(minutes=3))
    assert await closed() == frozenset()


async def test_the_whole_story_is_paged_newest_first(accounts: Accounts, paul: Account, clock: MovableClock) -> None:
    for rank in range(7):
        clock.advance(timedelta(milliseconds=1))
        await accounts.suspend(paul.uid, "operator", f"essai {rank}")
        clock.advance(timedelta(milliseconds=1))
        await accounts.verify(paul.uid, "operator", f"fin {rank}")
    told: list[AccountEvent] = []
    cursor, pages = "", 0
    while True:
        page = await accounts.page_events(paul.uid, limit=5, cursor=cursor)
        told += page.events
        cursor, pages = page.cursor, pages + 1
        if not cursor:
            break
    assert pages == 4
    assert [event.detail for event in told[:2]] == ["fin 6", "essai 6"]
    assert sorted(told, key=lambda event: event.at) == told[::-1]
    assert len(told) == 16, "opened and verified first"
    for cursor in ("0", "\0"):
        assert (await accounts.page_events(paul.uid, cursor=cursor)).events == ()


async def test_retiring_is_one_with_the_caller_s_transaction(accounts: Accounts, paul: Account, db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await accounts.retire(tx, paul.uid, "system", "retirement:1")
            raise ZeroDivisionError
    assert (await accounts.get(paul.uid)).is_active
    for _ in range(2):
        async with db.transaction() as tx:
            retired = await accounts.retire(tx, paul.uid, "system", "retirement:1")
        assert retired.verification is Verification.REVOKED
    events = await accounts.list_events(paul.uid)
    assert [event.detail for event in events if event.act is Act.REVOKE] == ["retirement:1"]
