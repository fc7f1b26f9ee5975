"""Passkeys, with one in software (a real browser's: tests/browser/test_sign_in.py)."""

import json
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.directory.accounts import AccountNotActive, Accounts
from miss.directory.sign_in import Method, Opened, SignIn, StepExpired, Visit
from miss.directory.sign_in.factors import SecondFactors
from miss.directory.sign_in.passkeys.errors import (
    PasskeyExists,
    PasskeyNotFound,
    PasskeyRefused,
    PasskeyUnusable,
    TooManyPasskeys,
)
from miss.directory.sign_in.passkeys.model import relying_party
from miss.directory.sign_in.passkeys.service import Passkeys
from tests.miss.directory.sign_in.authenticator import PRESENT, VERIFIED, Authenticator
from tests.miss.directory.sign_in.conftest import ORIGIN, Person

HERE = Visit("Firefox", "203.0.113.9")


async def add(
    passkeys: Passkeys, person: Person, device: Authenticator, token: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The session's new token, and the sheet."""
    token = token or await person.enter()
    signed_in = await person.at(token)
    begun = await passkeys.begin_adding(signed_in)
    added = await passkeys.add(signed_in, token, begun.step_token, device.make(begun.options), "Téléphone")
    return added.opened.token, added.recovery_codes


async def test_a_passkey_signs_in_alone(passkeys: Passkeys, anne: Person) -> None:
    device = Authenticator(ORIGIN)
    token, codes = await add(passkeys, anne, device)
    assert len(codes) == 10
    assert (await anne.at(token)).session.method is Method.PASSKEY
    begun = await passkeys.begin()
    assert "allowCredentials" not in json.loads(begun.options) or not json.loads(begun.options)["allowCredentials"]
    assert json.loads(begun.options)["userVerification"] == "required"
    opened = await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)
    session = (await anne.at(opened.token)).session
    assert (session.method, session.visit.user_agent) == (Method.PASSKEY, "Firefox")
    [kept] = await passkeys.list_(anne.account.uid)
    assert (kept.name, kept.is_backed_up, kept.last_used_at is not None) == ("Téléphone", True, True)


async def test_a_passkey_is_the_second_factor_of_a_password(
    passkeys: Passkeys, factors: SecondFactors, anne: Person
) -> None:
    device = Authenticator(ORIGIN)
    _, codes = await add(passkeys, anne, device)
    step = await anne.asked()
    assert (await factors.finish(step, codes[0], HERE)).token
    begun = await passkeys.begin(anne.account.uid)
    assert len(json.loads(begun.options)["allowCredentials"]) == 1
    assert (await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)).token


@pytest.mark.parametrize(
    "origin", ["https://miss.example.evil.example", "http://miss.example", "https://miss.example:8443"]
)
async def test_what_another_site_obtained_is_refused(passkeys: Passkeys, anne: Person, origin: str) -> None:
    device = Authenticator(ORIGIN)
    await add(passkeys, anne, device)
    device.origin = origin
    begun = await passkeys.begin()
    with pytest.raises(PasskeyRefused):
        await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)


async def test_what_is_forged_is_refused(passkeys: Passkeys, clock: MovableClock, anne: Person, karim: Person) -> None:
    device, other = Authenticator(ORIGIN), Authenticator(ORIGIN, credential_id=b"k" * 32)
    await add(passkeys, anne, device)
    await add(passkeys, karim, other)
    begun, earlier = await passkeys.begin(), await passkeys.begin()
    forger = Authenticator(ORIGIN, user_handle=device.user_handle)
    stranger = Authenticator(ORIGIN, credential_id=b"x" * 32, user_handle=device.user_handle)
    unverified = Authenticator(ORIGIN, flags=PRESENT, user_handle=device.user_handle, key=device.key)
    swapped = Authenticator(ORIGIN, user_handle=other.user_handle, key=device.key)
    for credential in (
        forger.sign(begun.options),
        stranger.sign(begun.options),
        unverified.sign(begun.options),
        swapped.sign(begun.options),
        device.sign(earlier.options),
        "",
        "{}",
        "[]",
        '{"rawId": 5, "response": {}}',
        '{"rawId": "YWE", "response": []}',
    ):
        with pytest.raises(PasskeyRefused):
            await passkeys.finish(begun.step_token, credential, HERE)
    for_karim = await passkeys.begin(karim.account.uid)
    with pytest.raises(PasskeyRefused):
        await passkeys.finish(for_karim.step_token, device.sign(for_karim.options), HERE)
    right = device.sign(begun.options)
    assert (await passkeys.finish(begun.step_token, right, HERE)).token
    with pytest.raises(StepExpired):
        await passkeys.finish(begun.step_token, right, HERE)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(StepExpired):
        await passkeys.finish(earlier.step_token, device.sign(earlier.options), HERE)


async def test_a_copied_token_that_counts_is_found_out(passkeys: Passkeys, anne: Person) -> None:
    device = Authenticator(ORIGIN, counts=True, sign_count=5, flags=PRESENT | VERIFIED)
    await add(passkeys, anne, device)
    begun = await passkeys.begin()
    await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)
    device.sign_count = 3
    begun = await passkeys.begin()
    with pytest.raises(PasskeyRefused):
        await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)


async def test_only_a_key_that_verifies_its_user_is_added(passkeys: Passkeys, anne: Person, karim: Person) -> None:
    token = await anne.enter()
    signed_in = await anne.at(token)
    begun = await passkeys.begin_adding(signed_in)
    careless = Authenticator(ORIGIN, flags=PRESENT)
    elsewhere = Authenticator("https://evil.example")
    for credential in (careless.make(begun.options), elsewhere.make(begun.options), "", "{}", "null"):
        with pytest.raises(PasskeyUnusable):
            await passkeys.add(signed_in, token, begun.step_token, credential, "x")
    assert isinstance(await anne.begin(), Opened), "nothing was added"
    karims = await karim.enter()
    device = Authenticator(ORIGIN)
    with pytest.raises(StepExpired):
        await passkeys.add(await karim.at(karims), karims, begun.step_token, device.make(begun.options), "x")
    await add(passkeys, anne, device, token)
    with pytest.raises(PasskeyExists):
        await add(passkeys, karim, device, karims)


async def test_a_step_up_takes_ones_own_passkey(
    passkeys: Passkeys, sign_in: SignIn, clock: MovableClock, anne: Person, karim: Person
) -> None:
    device, other = Authenticator(ORIGIN), Authenticator(ORIGIN, credential_id=b"k" * 32)
    token, _ = await add(passkeys, anne, device)
    await add(passkeys, karim, other)
    clock.advance(timedelta(minutes=11))
    signed_in = await anne.at(token)
    assert not signed_in.is_fresh
    begun = await passkeys.begin()
    with pytest.raises(PasskeyRefused):
        await passkeys.confirm(signed_in, token, begun.step_token, other.sign(begun.options))
    opened = await passkeys.confirm(signed_in, token, begun.step_token, device.sign(begun.options))
    assert (await anne.at(opened.token)).is_fresh
    assert await sign_in.find_session(token) is None


async def test_what_is_removed_opens_nothing(passkeys: Passkeys, factors: SecondFactors, anne: Person) -> None:
    device = Authenticator(ORIGIN)
    token, _ = await add(passkeys, anne, device)
    signed_in = await anne.at(token)
    await passkeys.remove(signed_in, device.credential_id)
    with pytest.raises(PasskeyNotFound):
        await passkeys.remove(signed_in, device.credential_id)
    begun = await passkeys.begin()
    with pytest.raises(PasskeyRefused):
        await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)
    assert not (await factors.status(anne.account.uid)).any
    assert isinstance(await anne.begin(), Opened)


async def test_a_closed_account_is_not_opened_by_its_passkey(
    passkeys: Passkeys, accounts: Accounts, anne: Person
) -> None:
    device = Authenticator(ORIGIN)
    await add(passkeys, anne, device)
    await accounts.suspend(anne.account.uid, "cli", "lost")
    begun = await passkeys.begin()
    with pytest.raises(AccountNotActive):
        await passkeys.finish(begun.step_token, device.sign(begun.options), HERE)


async def test_twenty_are_enough(passkeys: Passkeys, anne: Person) -> None:
    token = ""
    for number in range(20):
        token, _ = await add(passkeys, anne, Authenticator(ORIGIN, credential_id=bytes([number]) * 16), token)
    with pytest.raises(TooManyPasskeys):
        await passkeys.begin_adding(await anne.at(token))


@pytest.mark.parametrize(
    ("origin", "name", "usable"),
    [
        ("https://miss.example", "miss.example", True),
        ("http://localhost:8080", "localhost", True),
        ("http://127.0.0.1:8080", "127.0.0.1", False),
        ("http://[::1]:8080", "::1", False),
    ],
)
def test_passkeys_are_for_a_name(origin: str, name: str, *, usable: bool) -> None:
    party = relying_party(origin)
    assert (party.id, party.is_usable) == (name, usable)
