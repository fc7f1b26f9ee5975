"""Sessions: rotated, locked, listed, ended; steps that serve once.  On a real database."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.directory.accounts import Accounts, Act
from miss.directory.sign_in import (
    BadCredentials,
    LockedSession,
    NothingToUnlock,
    Opened,
    SessionNotFound,
    SignedIn,
    SignIn,
    SignInThrottled,
    StepExpired,
    Visit,
)
from miss.directory.sign_in.errors import PasswordTooWeak
from miss.directory.sign_in.steps import StepKind
from miss.storage import Database
from tests.miss.directory.sign_in.conftest import PASSWORD, Person

MINUTE = timedelta(minutes=1)
WARD = Visit("Firefox", "203.0.113.9", is_shared=True)


async def test_signing_in_never_keeps_a_token_from_before(sign_in: SignIn, anne: Person, karim: Person) -> None:
    first = await anne.enter()
    second = await anne.enter(replaces=first)
    assert second != first
    assert await sign_in.find_session(first) is None
    third = await karim.enter(replaces=second)
    assert await sign_in.find_session(second) is None, "the colleague who takes over ends the session before"
    assert (await karim.at(third)).account == karim.account


async def test_a_session_that_is_left_shows_nothing_but_its_name(sign_in: SignIn, anne: Person) -> None:
    token = await anne.enter()
    await sign_in.sessions.lock(token)
    locked = await sign_in.find_session(token)
    assert isinstance(locked, LockedSession)
    assert locked.practitioner.display_name == "Dr Anne MODELE"
    with pytest.raises(BadCredentials):
        await sign_in.unlock(token, "pas le bon", "")
    assert isinstance(await sign_in.find_session(token), LockedSession)
    opened = await sign_in.unlock(token, PASSWORD, "")
    assert await sign_in.find_session(token) is None, "a new token"
    assert (await anne.at(opened.token)).session.id == locked.session.id, "the same session"
    with pytest.raises(NothingToUnlock):
        await sign_in.unlock(opened.token, PASSWORD, "")


async def test_a_shared_workstation_locks_itself_soon(sign_in: SignIn, clock: MovableClock, anne: Person) -> None:
    token = await anne.enter(WARD)
    for _ in range(3):
        clock.advance(4 * MINUTE)
        await anne.at(token)
    clock.advance(5 * MINUTE)
    assert isinstance(await sign_in.find_session(token), LockedSession)
    opened = await sign_in.unlock(token, PASSWORD, "")
    assert (await anne.at(opened.token)).session.visit.is_shared
    clock.advance(timedelta(hours=12))
    assert await sign_in.find_session(opened.token) is None, "the absolute end holds for locked ones as well"


async def test_unlocking_is_no_proof_for_sensitive_acts(sign_in: SignIn, clock: MovableClock, anne: Person) -> None:
    token = await anne.enter(WARD)
    assert (await anne.at(token)).is_fresh
    clock.advance(11 * MINUTE)
    token = (await sign_in.unlock(token, PASSWORD, "")).token
    signed_in = await anne.at(token)
    assert not signed_in.is_fresh
    with pytest.raises(BadCredentials):
        await sign_in.confirm_password(signed_in, token, "pas le bon", "")
    confirmed = await sign_in.confirm_password(signed_in, token, PASSWORD, "")
    assert (await anne.at(confirmed.token)).is_fresh
    assert await sign_in.find_session(token) is None


async def test_guessing_at_a_locked_session_is_throttled(sign_in: SignIn, anne: Person) -> None:
    token = await anne.enter()
    await sign_in.sessions.lock(token)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            await sign_in.unlock(token, "pas le bon", "")
    with pytest.raises(SignInThrottled):
        await sign_in.unlock(token, PASSWORD, "")
    with pytest.raises(SignInThrottled):
        await anne.begin()


async def test_ones_sessions_are_listed_and_ended(
    sign_in: SignIn, accounts: Accounts, clock: MovableClock, anne: Person, karim: Person
) -> None:
    clock.advance(MINUTE)
    old = await anne.enter(Visit("Vieux navigateur"))
    clock.advance(31 * MINUTE)
    here = await anne.enter(Visit("Firefox", "203.0.113.9"))
    clock.advance(MINUTE)
    ward, other = await anne.enter(WARD), await karim.enter()
    listed = await sign_in.sessions.list_(anne.account)
    assert [(one.visit.user_agent, one.visit.address, one.visit.is_shared) for one in listed] == [
        ("Firefox", "203.0.113.9", True),
        ("Firefox", "203.0.113.9", False),
    ], "not the one that is over"
    with pytest.raises(SessionNotFound):
        await sign_in.sessions.revoke(karim.account.uid, listed[0].id)
    await sign_in.sessions.revoke(anne.account.uid, listed[0].id)
    assert await sign_in.find_session(ward) is None
    with pytest.raises(SessionNotFound):
        await sign_in.sessions.revoke(anne.account.uid, listed[0].id)
    tablet = await anne.enter()
    assert await sign_in.sessions.revoke_others(anne.account.uid, listed[1].id) == 2
    assert await sign_in.find_session(tablet) is None
    assert isinstance(await sign_in.find_session(here), SignedIn)
    assert await sign_in.sessions.revoke_others(anne.account.uid, "") == 1
    assert await sign_in.find_session(here) is None
    assert await sign_in.find_session(old) is None
    assert isinstance(await sign_in.find_session(other), SignedIn), "nobody else's end"
    acts = [event.act for event in await accounts.list_events(anne.account.uid)]
    assert acts.count(Act.SESSION_REVOKED) == 3


async def test_changing_the_password_ends_the_other_sessions(sign_in: SignIn, anne: Person) -> None:
    here, elsewhere = await anne.enter(), await anne.enter()
    signed_in = await anne.at(here)
    new = "girafe lundi compas verglas"
    with pytest.raises(BadCredentials):
        await sign_in.change_password(signed_in, "pas le bon", new, "")
    with pytest.raises(PasswordTooWeak):
        await sign_in.change_password(signed_in, PASSWORD, "123456789012", "")
    await sign_in.change_password(signed_in, PASSWORD, new, "")
    assert isinstance(await sign_in.find_session(here), SignedIn)
    assert await sign_in.find_session(elsewhere) is None
    with pytest.raises(BadCredentials):
        await anne.begin()
    assert isinstance(await sign_in.sign_in(anne.rpps, new, Visit()), Opened)


async def test_a_session_ends_while_it_is_being_unlocked(sign_in: SignIn, db: Database, anne: Person) -> None:
    token = await anne.enter()
    await sign_in.sessions.lock(token)
    await sign_in.sign_out(token)
    with pytest.raises(NothingToUnlock):
        await sign_in.unlock(token, PASSWORD, "")
    method = (await anne.at(await anne.enter())).session.method
    async with db.transaction() as tx:
        with pytest.raises(SessionNotFound):
            await sign_in.sessions.renew(tx, token, method)


async def test_a_step_serves_once_and_for_a_while(
    sign_in: SignIn, db: Database, clock: MovableClock, anne: Person
) -> None:
    sessions, kind = sign_in.sessions, StepKind.SECOND_FACTOR

    async def take(token: str) -> None:
        async with db.transaction() as tx:
            await sessions.take_step(tx, token, kind)

    token = await sessions.begin_step(kind, anne.account.uid, {"shared": "1"})
    step = await sessions.get_step(token, kind)
    assert (step.uid, step.data) == (anne.account.uid, {"shared": "1"})
    with pytest.raises(StepExpired):
        await sessions.get_step(token, StepKind.RESET)
    outcomes = await asyncio.gather(take(token), take(token), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "StepExpired"]
    late = await sessions.begin_step(kind, None, {})
    clock.advance(10 * MINUTE)
    with pytest.raises(StepExpired):
        await sessions.get_step(late, kind)
    with pytest.raises(StepExpired):
        await take(late)
