"""Signing in to the pages, on a real database."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from miss.base.clock import MovableClock, monotonic_s
from miss.base.errors import MissError
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, Accounts, Act, ActivationPurpose
from miss.directory.accounts.errors import AccountNotActive, ActivationSpent, WrongActivationCode
from miss.directory.practitioners import Practitioners
from miss.directory.sample import people
from miss.directory.sign_in import PasswordCost, SignIn
from miss.directory.sign_in.errors import BadCredentials, PasswordTooShort, SignInThrottled
from miss.directory.sign_in.tables import FailuresRow, PasswordRow, SessionRow
from miss.storage import Database

PAUL, ANNE = people.PAUL_EXEMPLE, people.ANNE_MODELE
MAILBOX = "paul.exemple@medecin.mssante.example"
PASSWORD = "agrafe cheval batterie"
WRONG = "pas le bon du tout"
BROWSER = ActivationPurpose.BROWSER
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def paul(accounts: Accounts, practitioners: Practitioners, sign_in: SignIn) -> Account:
    """Paul, verified, with a password."""
    found = await practitioners.find_by_rpps(PAUL)
    assert found is not None
    account = await accounts.open(found.id, by="cli")
    account = await accounts.verify(account.uid, "cli")
    issued = await accounts.issue_activation(account.uid, BROWSER, "cli")
    await sign_in.choose_password(PAUL, issued.code, PASSWORD)
    return account


async def refusal(sign_in: SignIn, login: str, password: str = WRONG) -> str:
    """What the other side sees."""
    try:
        await sign_in.sign_in(login, password, "")
    except MissError as error:
        return f"{error.code} {error.http_status} {error.sentence(Language.EN)}"
    return "signed in"


async def test_paul_signs_in_and_out(sign_in: SignIn, accounts: Accounts, clock: MovableClock, paul: Account) -> None:
    for login in (PAUL, " 999 0000 0029", MAILBOX.upper()):
        token = await sign_in.sign_in(login, PASSWORD, "Firefox")
        signed_in = await sign_in.find_session(token)
        assert signed_in is not None
        assert signed_in.account == paul
        assert signed_in.practitioner.display_name == "Dr Paul EXEMPLE"
        assert timedelta(minutes=29) < signed_in.expires_at - clock.now() <= timedelta(minutes=30)
        await sign_in.sign_out(token)
        assert await sign_in.find_session(token) is None
        await sign_in.sign_out(token)
    acts = [event.act for event in await accounts.list_events(paul.uid)]
    assert acts[:6] == [Act.SIGNED_OUT, Act.SIGNED_IN] * 3
    assert acts[6:8] == [Act.PASSWORD_CHOSEN, Act.CODE_USED]


async def test_neither_verification_nor_code_alone_opens_a_session(
    sign_in: SignIn, accounts: Accounts, practitioners: Practitioners
) -> None:
    anne = await practitioners.find_by_rpps(ANNE)
    assert anne is not None
    account = await accounts.open(anne.id, by="cli")
    await accounts.verify(account.uid, "cli")
    assert (await refusal(sign_in, ANNE, "")).startswith("bad_credentials")
    with pytest.raises(WrongActivationCode):
        await sign_in.choose_password(ANNE, "0000-0000-0000", PASSWORD)
    device = await accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "cli")
    with pytest.raises(WrongActivationCode):
        await sign_in.choose_password(ANNE, device.code, PASSWORD)
    issued = await accounts.issue_activation(account.uid, BROWSER, "cli")
    await accounts.suspend(account.uid, "cli", "")
    with pytest.raises(AccountNotActive):
        await sign_in.choose_password(ANNE, issued.code, PASSWORD)


async def test_a_code_sets_one_password(sign_in: SignIn, accounts: Accounts, paul: Account) -> None:
    issued = await accounts.issue_activation(paul.uid, BROWSER, "cli")
    with pytest.raises(PasswordTooShort):
        await sign_in.choose_password(PAUL, issued.code, "court")
    token = await sign_in.sign_in(PAUL, PASSWORD, "")
    await sign_in.choose_password(PAUL, issued.code, "un tout autre secret")
    assert await sign_in.find_session(token) is None
    assert (await refusal(sign_in, PAUL, PASSWORD)).startswith("bad_credentials")
    assert await sign_in.sign_in(PAUL, "un tout autre secret", "")
    with pytest.raises(ActivationSpent):
        await sign_in.choose_password(PAUL, issued.code, PASSWORD)


async def test_two_choices_with_one_code_at_the_same_time(sign_in: SignIn, accounts: Accounts, paul: Account) -> None:
    issued = await accounts.issue_activation(paul.uid, BROWSER, "cli")
    passwords = ["un premier secret", "un second secret"]
    outcomes = await asyncio.gather(
        *(sign_in.choose_password(PAUL, issued.code, password) for password in passwords), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [ActivationSpent]
    assert await sign_in.sign_in(PAUL, passwords[outcomes.index(None)], "")


async def test_tokens_and_passwords_are_not_kept(db: Database, sign_in: SignIn, paul: Account) -> None:
    token = await sign_in.sign_in(PAUL, PASSWORD, "Firefox\x00\n")
    signed_in = await sign_in.find_session(token)
    assert signed_in is not None
    async with db.snapshot() as tx:
        (session,) = (await tx.exec(select(SessionRow))).all()
        (password,) = (await tx.exec(select(PasswordRow))).all()
    assert session.user_agent == "Firefox"
    for secret in (token, PASSWORD):
        assert secret not in repr(session) + repr(password)
        assert secret.encode() not in session.token_hash


async def test_an_unused_session_ends_and_a_used_one_lives(
    db: Database, sign_in: SignIn, clock: MovableClock, paul: Account
) -> None:
    used, unused = [await sign_in.sign_in(PAUL, PASSWORD, "") for _ in range(2)]
    for _ in range(3):
        clock.advance(20 * MINUTE)
        assert await sign_in.find_session(used) is not None
    assert await sign_in.find_session(unused) is None
    for _ in range(34):
        clock.advance(20 * MINUTE)
        await sign_in.find_session(used)
    assert await sign_in.find_session(used) is None
    async with db.snapshot() as tx:
        assert (await tx.exec(select(SessionRow))).all() == []


async def test_the_end_is_absolute(sign_in: SignIn, clock: MovableClock, paul: Account) -> None:
    token = await sign_in.sign_in(PAUL, PASSWORD, "")
    end = clock.now() + timedelta(hours=12)
    while clock.now() < end - 20 * MINUTE:
        clock.advance(20 * MINUTE)
        signed_in = await sign_in.find_session(token)
        assert signed_in is not None
        assert signed_in.expires_at <= end
    clock.advance_to(end)
    assert await sign_in.find_session(token) is None


async def test_a_suspension_ends_sessions_for_good(
    sign_in: SignIn, accounts: Accounts, clock: MovableClock, paul: Account
) -> None:
    seen, unseen = [await sign_in.sign_in(PAUL, PASSWORD, "") for _ in range(2)]
    await accounts.suspend(paul.uid, "cli", "lost phone")
    assert await sign_in.find_session(seen) is None
    assert (await refusal(sign_in, PAUL)).startswith("bad_credentials")
    assert (await refusal(sign_in, PAUL, PASSWORD)).startswith("account_not_active 403")
    await accounts.verify(paul.uid, "cli")
    assert await sign_in.find_session(unseen) is None
    assert await sign_in.find_session(await sign_in.sign_in(PAUL, PASSWORD, "")) is not None


async def test_unknown_tokens(sign_in: SignIn, paul: Account) -> None:
    await sign_in.sign_in(PAUL, PASSWORD, "")
    for token in ("", "x", "\x00", "é" * 43, "\ud800"):
        assert await sign_in.find_session(token) is None
        await sign_in.sign_out(token)


async def test_a_stranger_learns_nothing(sign_in: SignIn, paul: Account) -> None:
    """An account, a practitioner without one, and names in no directory."""
    logins = (PAUL, ANNE, "99900009996", "nobody@medecin.mssante.example", "", "mot de passe tapé ici", "\x00@\x00")
    answers = [[await refusal(sign_in, login) for _ in range(7)] for login in logins]
    assert [answer.split()[0] for answer in answers[0]] == ["bad_credentials"] * 5 + ["sign_in_throttled"] * 2
    assert answers == answers[:1] * len(logins)


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
    paul: Account,
) -> None:
    cost = PasswordCost(2, 32 * 1024 * 1024)
    sign_in = SignIn(db, clock, random_bytes, practitioners, accounts, idle=MINUTE, absolute=MINUTE, cost=cost)
    issued = await accounts.issue_activation(paul.uid, BROWSER, "cli")
    await sign_in.choose_password(PAUL, issued.code, PASSWORD)

    async def time_s(login: str) -> float:
        before = monotonic_s()
        assert (await refusal(sign_in, login)).startswith("bad_credentials")
        return monotonic_s() - before

    known, unknown = [], []
    for _ in range(5):
        known.append(await time_s(PAUL))
        unknown.append(await time_s("99900009996"))
        clock.advance(timedelta(days=1))
    assert 0.5 < min(unknown) / min(known) < 2


async def test_wrong_tries_make_one_wait_longer_and_longer(
    db: Database,
    sign_in: SignIn,
    clock: MovableClock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
    paul: Account,
) -> None:
    for _ in range(5):
        with pytest.raises(BadCredentials):
            await sign_in.sign_in(PAUL, WRONG, "")
    other_process = SignIn(
        db,
        clock,
        random_bytes,
        practitioners,
        accounts,
        idle=MINUTE,
        absolute=MINUTE,
        cost=PasswordCost.MINIMAL,
    )
    for wait_s in (30, 60, 120):
        with pytest.raises(SignInThrottled) as caught:
            await other_process.sign_in(MAILBOX, PASSWORD, "")
        assert wait_s - 10 < int(str(caught.value.params["retry_after_s"])) <= wait_s
        clock.advance(timedelta(seconds=wait_s))
        assert (await refusal(sign_in, PAUL)).startswith("bad_credentials")
    clock.advance(timedelta(seconds=240))
    assert await sign_in.sign_in(PAUL, PASSWORD, "")
    for _ in range(5):
        assert (await refusal(sign_in, PAUL)).startswith("bad_credentials")


async def test_parallel_wrong_tries_all_count(sign_in: SignIn, paul: Account) -> None:
    answers = await asyncio.gather(*(refusal(sign_in, PAUL) for _ in range(12)))
    assert sum(answer.startswith("bad_credentials") for answer in answers) == 5
    assert sum(answer.startswith("sign_in_throttled") for answer in answers) == 7


async def test_a_new_password_ends_the_wait(sign_in: SignIn, accounts: Accounts, paul: Account) -> None:
    for _ in range(6):
        await refusal(sign_in, PAUL)
    issued = await accounts.issue_activation(paul.uid, BROWSER, "cli")
    await sign_in.choose_password(PAUL, issued.code, PASSWORD)
    assert await sign_in.sign_in(PAUL, PASSWORD, "")


async def test_refusals_are_recorded_and_what_was_typed_is_not(
    db: Database, sign_in: SignIn, accounts: Accounts, paul: Account
) -> None:
    await refusal(sign_in, PAUL)
    await refusal(sign_in, "mot de passe tapé ici")
    newest = (await accounts.list_events(paul.uid))[0]
    assert (newest.act, newest.by) == (Act.SIGN_IN_REFUSED, "")
    async with db.snapshot() as tx:
        assert "tapé" not in repr((await tx.exec(select(FailuresRow))).all())


async def test_ended_sessions_and_old_tries_are_swept_out(
    db: Database, sign_in: SignIn, clock: MovableClock, paul: Account
) -> None:
    await sign_in.sign_in(PAUL, PASSWORD, "")
    await refusal(sign_in, ANNE)
    clock.advance(timedelta(days=2))
    await sign_in.sign_in(PAUL, PASSWORD, "")
    async with db.snapshot() as tx:
        assert len((await tx.exec(select(SessionRow))).all()) == 1
        assert (await tx.exec(select(FailuresRow))).all() == []
