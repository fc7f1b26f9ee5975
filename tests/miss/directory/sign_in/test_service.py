"""Signing in to the pages, on a real database."""

import asyncio
from datetime import timedelta

import nacl.pwhash
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, Accounts, Act, ActivationPurpose
from miss.directory.accounts.errors import AccountNotActive, ActivationSpent, WrongActivationCode
from miss.directory.practitioners import Practitioners
from miss.directory.sample import people
from miss.directory.sign_in import Opened, PasswordCost, SignedIn, SignIn, Visit
from miss.directory.sign_in.errors import (
    BadCredentials,
    PasswordPersonal,
    PasswordTooShort,
    PasswordTooWeak,
    SignInThrottled,
)
from miss.directory.sign_in.tables import FailuresRow, PasswordRow, SessionRow
from miss.storage import Database

PAUL, ANNE = people.PAUL_EXEMPLE, people.ANNE_MODELE
MAILBOX = "paul.exemple@medecin.mssante.example"
PASSWORD = "quatre mots sans aucun rapport"
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


async def enter(sign_in: SignIn, login: str, password: str = PASSWORD, user_agent: str = "") -> str:
    """The token of a session."""
    opened = await sign_in.sign_in(login, password, Visit(user_agent))
    assert isinstance(opened, Opened)
    return opened.token


async def refusal(sign_in: SignIn, login: str, password: str = WRONG, address: str = "") -> str:
    """What the other side sees."""
    try:
        await sign_in.sign_in(login, password, Visit(address=address))
    except MissError as error:
        return f"{error.code} {error.http_status} {error.sentence(Language.EN)}"
    return "signed in"


async def test_paul_signs_in_and_out(sign_in: SignIn, accounts: Accounts, clock: MovableClock, paul: Account) -> None:
    for login in (PAUL, " 999 0000 0029", MAILBOX.upper()):
        token = await enter(sign_in, login, user_agent="Firefox")
        signed_in = await sign_in.find_session(token)
        assert isinstance(signed_in, SignedIn)
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
    token = await enter(sign_in, PAUL)
    await sign_in.choose_password(PAUL, issued.code, "girafe lundi compas verglas")
    assert await sign_in.find_session(token) is None
    assert (await refusal(sign_in, PAUL, PASSWORD)).startswith("bad_credentials")
    assert await enter(sign_in, PAUL, "girafe lundi compas verglas")
    with pytest.raises(ActivationSpent):
        await sign_in.choose_password(PAUL, issued.code, PASSWORD)


async def test_two_choices_with_one_code_at_the_same_time(sign_in: SignIn, accounts: Accounts, paul: Account) -> None:
    issued = await accounts.issue_activation(paul.uid, BROWSER, "cli")
    passwords = ["girafe lundi compas verglas", "cheval-lampe-rideau-sud"]
    outcomes = await asyncio.gather(
        *(sign_in.choose_password(PAUL, issued.code, password) for password in passwords), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [ActivationSpent]
    assert await enter(sign_in, PAUL, passwords[outcomes.index(None)])


async def test_tokens_and_passwords_are_not_kept(db: Database, sign_in: SignIn, paul: Account) -> None:
    token = await enter(sign_in, PAUL, user_agent="Firefox\x00\n")
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
    used, unused = [await enter(sign_in, PAUL) for _ in range(2)]
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
    token = await enter(sign_in, PAUL)
    end = clock.now() + timedelta(hours=12)
    while clock.now() < end - 20 * MINUTE:
        clock.advance(20 * MINUTE)
        signed_in = await sign_in.find_session(token)
        assert isinstance(signed_in, SignedIn)
        assert signed_in.expires_at <= end
    clock.advance_to(end)
    assert await sign_in.find_session(token) is None


async def test_a_suspension_ends_sessions_for_good(
    sign_in: SignIn, accounts: Accounts, clock: MovableClock, paul: Account
) -> None:
    seen, unseen = [await enter(sign_in, PAUL) for _ in range(2)]
    await accounts.suspend(paul.uid, "cli", "lost phone")
    assert await sign_in.find_session(seen) is None
    assert (await refusal(sign_in, PAUL)).startswith("bad_credentials")
    assert (await refusal(sign_in, PAUL, PASSWORD)).startswith("account_not_active 403")
    await accounts.verify(paul.uid, "cli")
    assert await sign_in.find_session(unseen) is None
    assert await sign_in.find_session(await enter(sign_in, PAUL)) is not None


async def test_unknown_tokens(sign_in: SignIn, paul: Account) -> None:
    await enter(sign_in, PAUL)
    for token in ("", "x", "\x00", "é" * 43, "\ud800"):
        assert await sign_in.find_session(token) is None
        await sign_in.sign_out(token)


async def test_a_stranger_learns_nothing(sign_in: SignIn, paul: Account) -> None:
    """An account, a practitioner without one, and names in no directory."""
    logins = (PAUL, ANNE, "99900009996", "nobody@medecin.mssante.example", "", "mot de passe tapé ici", "\x00@\x00")
    answers = [[await refusal(sign_in, login) for _ in range(7)] for login in logins]
    assert [answer.split()[0] for answer in answers[0]] == ["bad_credentials"] * 5 + ["sign_in_throttled"] * 2
    assert answers == answers[:1] * len(logins)


async def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    sign_in: SignIn, paul: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash and the same statements each (the time itself: bench/sign_in_timing.py)."""
    hashed: list[bytes] = []
    statements: list[str] = []

    def counted(kept: bytes, password: bytes) -> bool:
        hashed.append(kept)
        return nacl.pwhash.verify(kept, password)

    def seen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    monkeypatch.setattr("miss.directory.sign_in.passwords.verify", counted)
    logins = (PAUL, ANNE, "99900009996")
    for login in logins:
        await refusal(sign_in, login)  # a row is made for a name that is tried for the first time
    event.listen(Engine, "before_cursor_execute", seen)
    work = {}
    try:
        for login in logins:
            hashed.clear()
            statements.clear()
            await refusal(sign_in, login)
            work[login] = [kept.split(b"$")[3] for kept in hashed], list(statements)
    finally:
        event.remove(Engine, "before_cursor_execute", seen)
    assert [hashes for hashes, _ in work.values()] == [[b"m=8,t=1,p=1"]] * 3
    # Who is in the directory is no secret; who has an account is.
    assert work[PAUL] == work[ANNE]


async def test_a_network_that_tries_many_names_has_to_wait(sign_in: SignIn, clock: MovableClock, paul: Account) -> None:
    here, elsewhere = "203.0.113.9", "198.51.100.7"
    for number in range(30):
        assert (await refusal(sign_in, f"nobody{number}@medecin.example", WRONG, here)).startswith("bad_credentials")
    assert (await refusal(sign_in, PAUL, PASSWORD, here)).startswith("address_throttled 429")
    assert await refusal(sign_in, PAUL, PASSWORD, elsewhere) == "signed in"
    clock.advance(timedelta(seconds=31))
    assert await refusal(sign_in, PAUL, PASSWORD, here) == "signed in", "nobody is kept out for ever"
    # A right password takes its own try back, not those of others.
    clock.advance(timedelta(minutes=3))
    for number in range(2):
        assert (await refusal(sign_in, f"nobody{number}@medecin.example", WRONG, here)).startswith("bad_credentials")
    assert (await refusal(sign_in, PAUL, PASSWORD, here)).startswith("address_throttled")


async def test_a_weak_password_is_refused_before_the_code_is_looked_at(
    sign_in: SignIn, accounts: Accounts, paul: Account
) -> None:
    issued = await accounts.issue_activation(paul.uid, BROWSER, "cli")
    for _ in range(6):
        with pytest.raises(PasswordTooWeak):
            await sign_in.choose_password(PAUL, "0000-0000-0000", "123456789012")
    with pytest.raises(PasswordPersonal):
        await sign_in.choose_password(PAUL, issued.code, "exemple girafe lundi compas")
    with pytest.raises(WrongActivationCode):
        await sign_in.choose_password(PAUL, "0000-0000-0000", "exemple girafe lundi compas")
    await sign_in.choose_password(PAUL, issued.code, "verglas girafe lundi compas")


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
            await enter(sign_in, PAUL, WRONG)
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
            await enter(other_process, MAILBOX)
        assert wait_s - 10 < int(str(caught.value.params["retry_after_s"])) <= wait_s
        clock.advance(timedelta(seconds=wait_s))
        assert (await refusal(sign_in, PAUL)).startswith("bad_credentials")
    clock.advance(timedelta(seconds=240))
    assert await enter(sign_in, PAUL)
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
    assert await enter(sign_in, PAUL)


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
    await enter(sign_in, PAUL)
    await refusal(sign_in, ANNE)
    clock.advance(timedelta(days=2))
    await enter(sign_in, PAUL)
    async with db.snapshot() as tx:
        assert len((await tx.exec(select(SessionRow))).all()) == 1
        assert (await tx.exec(select(FailuresRow))).all() == []
