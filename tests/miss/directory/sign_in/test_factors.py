"""One-time codes and recovery codes, on a real database and a real key store."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.directory.accounts import Accounts, Act
from miss.directory.sign_in import Method, Opened, SignIn, SignInThrottled, StepExpired, Visit
from miss.directory.sign_in.errors import AddressThrottled
from miss.directory.sign_in.factors import (
    FactorExists,
    FactorMissing,
    Factors,
    NoSecondFactor,
    SecondFactors,
    WrongSecondFactor,
)
from miss.directory.sign_in.factors.errors import WrongFirstCode
from miss.directory.sign_in.factors.model import compose_offer, find_counter, looks_like_totp
from miss.directory.sign_in.factors.tables import RecoveryCodeRow, TotpRow
from miss.storage import Database
from miss.storage.errors import DataKeyDestroyed
from miss.storage.sealed import KeyStore
from tests.miss.directory.sign_in.conftest import Person

HALF_MINUTE = timedelta(seconds=30)
HERE = Visit("Firefox", "203.0.113.9", is_shared=True)


class Phone:
    """An application of codes."""

    def __init__(self, secret: str, clock: MovableClock) -> None:
        self._totp = pyotp.TOTP(secret.replace(" ", ""))
        self._clock = clock

    def code(self, ago: timedelta = timedelta(0)) -> str:
        return self._totp.at(self._clock.now() - ago)


async def link(factors: SecondFactors, person: Person, clock: MovableClock) -> tuple[Phone, tuple[str, ...], str]:
    """The phone, the sheet, the token of the session that goes on; a code was used."""
    token = await person.enter()
    signed_in = await person.at(token)
    offer = await factors.offer_totp(signed_in)
    phone = Phone(offer.secret, clock)
    added = await factors.add_totp(signed_in, token, offer.step_token, phone.code())
    clock.advance(HALF_MINUTE)
    return phone, added.recovery_codes, added.opened.token


async def test_a_password_alone_is_enough_until_there_is_a_second_factor(
    factors: SecondFactors, sign_in: SignIn, accounts: Accounts, clock: MovableClock, anne: Person
) -> None:
    elsewhere = await anne.enter()
    phone, codes, token = await link(factors, anne, clock)
    assert (await anne.at(token)).session.method is Method.TOTP
    assert await sign_in.find_session(elsewhere) is None, "opened without, so it is over"
    assert len(set(codes)) == 10
    step = await anne.asked(HERE)
    assert await sign_in.find_session(step) is None, "halfway in is not in"
    opened = await factors.finish(step, phone.code(), HERE)
    session = (await anne.at(opened.token)).session
    assert (session.method, session.visit.is_shared) == (Method.TOTP, True)
    with pytest.raises(StepExpired):
        await factors.finish(step, phone.code(), HERE)
    acts = [(event.act, event.detail) for event in await accounts.list_events(anne.account.uid)]
    assert (Act.SIGNED_IN, "totp") in acts
    assert (Act.SECOND_FACTOR_ADDED, "totp") in acts


async def test_a_code_is_taken_once_and_around_its_half_minute(
    factors: SecondFactors, clock: MovableClock, anne: Person
) -> None:
    phone, _, _ = await link(factors, anne, clock)
    first, second = await anne.asked(), await anne.asked()
    code = phone.code()
    await factors.finish(first, code, HERE)
    with pytest.raises(WrongSecondFactor):
        await factors.finish(second, code, HERE)
    with pytest.raises(WrongSecondFactor):
        await factors.finish(second, phone.code(ago=HALF_MINUTE), HERE)
    clock.advance(2 * HALF_MINUTE)
    with pytest.raises(WrongSecondFactor):
        await factors.finish(second, phone.code(ago=2 * HALF_MINUTE), HERE)
    late = phone.code(ago=HALF_MINUTE)
    assert (await factors.finish(second, f" {late[:3]} {late[3:]} ", HERE)).token


async def test_of_two_who_give_the_same_code_at_once_one_comes_in(
    factors: SecondFactors, clock: MovableClock, anne: Person
) -> None:
    phone, codes, _ = await link(factors, anne, clock)
    for code in (phone.code(), codes[0]):
        steps = [await anne.asked(), await anne.asked()]
        outcomes = await asyncio.gather(
            *(factors.finish(step, code, Visit()) for step in steps), return_exceptions=True
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Opened", "WrongSecondFactor"]


async def test_a_recovery_code_stands_in_once(factors: SecondFactors, clock: MovableClock, anne: Person) -> None:
    _, codes, _ = await link(factors, anne, clock)
    opened = await factors.finish(await anne.asked(), codes[3].lower().replace("-", " "), HERE)
    signed_in = await anne.at(opened.token)
    assert signed_in.session.method is Method.RECOVERY_CODE
    assert (await factors.status(anne.account.uid)).recovery_codes_left == 9
    with pytest.raises(WrongSecondFactor):
        await factors.finish(await anne.asked(), codes[3], HERE)
    fresh = await factors.make_codes(signed_in)
    assert set(fresh).isdisjoint(codes)
    with pytest.raises(WrongSecondFactor):
        await factors.finish(await anne.asked(), codes[4], HERE)
    assert (await factors.finish(await anne.asked(), fresh[0], HERE)).token


async def test_another_persons_code_does_nothing(
    factors: SecondFactors, clock: MovableClock, anne: Person, karim: Person
) -> None:
    _, _, _ = await link(factors, anne, clock)
    phone, codes, _ = await link(factors, karim, clock)
    for code in (phone.code(), codes[0], "", "000000", "12345678901234", "é" * 6, "\x00"):
        with pytest.raises((WrongSecondFactor, SignInThrottled)):
            await factors.finish(await anne.asked(), code, Visit())


async def test_guessing_is_throttled_and_a_right_password_does_not_help(
    factors: SecondFactors, sign_in: SignIn, clock: MovableClock, anne: Person
) -> None:
    phone, _, token = await link(factors, anne, clock)
    for _ in range(5):
        with pytest.raises(WrongSecondFactor):
            await factors.finish(await anne.asked(), "000000", Visit())
    for _ in range(2):
        with pytest.raises(SignInThrottled):
            await factors.finish(await anne.asked(), phone.code(), Visit())
    signed_in = await anne.at(token)
    with pytest.raises(SignInThrottled):
        await factors.confirm(signed_in, token, phone.code(), "")
    clock.advance(timedelta(seconds=31))
    assert (await factors.finish(await anne.asked(), phone.code(), Visit())).token
    assert not isinstance(AddressThrottled, SignInThrottled)


async def test_sensitive_acts_ask_for_the_second_factor_again(
    factors: SecondFactors, sign_in: SignIn, clock: MovableClock, anne: Person
) -> None:
    phone, _, token = await link(factors, anne, clock)
    clock.advance(timedelta(minutes=11))
    signed_in = await anne.at(token)
    assert not signed_in.is_fresh
    with pytest.raises(WrongSecondFactor):
        await factors.confirm(signed_in, token, "000000", "")
    opened = await factors.confirm(signed_in, token, phone.code(), "")
    assert await sign_in.find_session(token) is None
    assert (await anne.at(opened.token)).is_fresh


async def test_an_application_counts_once_its_first_code_was_right(
    factors: SecondFactors, clock: MovableClock, anne: Person, karim: Person
) -> None:
    token = await anne.enter()
    signed_in = await anne.at(token)
    offer = await factors.offer_totp(signed_in)
    with pytest.raises(WrongFirstCode):
        await factors.add_totp(signed_in, token, offer.step_token, "000000")
    assert isinstance(await anne.begin(), Opened), "nothing was linked"
    assert await factors.show_offer(signed_in, offer.step_token) == offer
    karims = await karim.enter()
    phone = Phone(offer.secret, clock)
    with pytest.raises(StepExpired):
        await factors.add_totp(await karim.at(karims), karims, offer.step_token, phone.code())
    late = await factors.offer_totp(signed_in)
    await factors.add_totp(signed_in, token, offer.step_token, phone.code())
    clock.advance(HALF_MINUTE)
    with pytest.raises(FactorExists):
        await factors.offer_totp(signed_in)
    with pytest.raises(FactorExists):
        other = Phone(late.secret, clock)
        await factors.add_totp(signed_in, token, late.step_token, other.code())


async def test_what_is_removed_is_gone_with_its_key_and_its_sheet(
    factors: SecondFactors, db: Database, keystore: KeyStore, clock: MovableClock, anne: Person
) -> None:
    _, _, token = await link(factors, anne, clock)
    uid = anne.account.uid
    async with db.snapshot() as tx:
        (row,) = (await tx.exec(select(TotpRow))).all()
    signed_in = await anne.at(token)
    await factors.remove_totp(signed_in)
    assert await factors.status(uid) == Factors(None, 0, 0)
    with pytest.raises(DataKeyDestroyed):
        await keystore.open(f"totp:{uid.hex()}", row.sealed, what="totp_secret")
    with pytest.raises(FactorMissing):
        await factors.remove_totp(signed_in)
    with pytest.raises(NoSecondFactor):
        await factors.make_codes(signed_in)
    assert isinstance(await anne.begin(), Opened)


async def test_an_operator_starts_somebody_over(
    factors: SecondFactors, sign_in: SignIn, accounts: Accounts, clock: MovableClock, anne: Person
) -> None:
    phone, codes, token = await link(factors, anne, clock)
    step, uid = await anne.asked(), anne.account.uid
    await factors.remove_all(uid, by="cli:olga")
    assert await factors.status(uid) == Factors(None, 0, 0)
    assert await sign_in.find_session(token) is None
    for code in (phone.code(), codes[0]):
        with pytest.raises(StepExpired):
            await factors.finish(step, code, Visit())
    newest = (await accounts.list_events(uid))[0]
    assert (newest.act, newest.by, newest.detail) == (Act.SECOND_FACTOR_REMOVED, "cli:olga", "all")
    with pytest.raises(FactorMissing):
        await factors.remove_all(uid, by="cli:olga")


async def test_neither_the_secret_nor_a_code_is_kept_in_the_open(
    factors: SecondFactors, db: Database, clock: MovableClock, anne: Person
) -> None:
    token = await anne.enter()
    signed_in = await anne.at(token)
    offer = await factors.offer_totp(signed_in)
    phone = Phone(offer.secret, clock)
    added = await factors.add_totp(signed_in, token, offer.step_token, phone.code())
    async with db.snapshot() as tx:
        kept = repr([(await tx.exec(select(table))).all() for table in (TotpRow, RecoveryCodeRow)])
    for secret in (offer.secret.replace(" ", ""), *added.recovery_codes):
        assert secret not in kept
    raw = pyotp.TOTP(offer.secret.replace(" ", "")).byte_secret()
    async with db.snapshot() as tx:
        (row,) = (await tx.exec(select(TotpRow))).all()
    assert raw not in row.sealed


async def test_a_new_password_ends_what_was_halfway(
    factors: SecondFactors, sign_in: SignIn, clock: MovableClock, anne: Person
) -> None:
    phone, _, token = await link(factors, anne, clock)
    step = await anne.asked()
    await sign_in.change_password(
        await anne.at(token), "quatre mots sans aucun rapport", "girafe lundi compas verglas", ""
    )
    with pytest.raises(StepExpired):
        await factors.finish(step, phone.code(), Visit())


def test_codes_are_those_of_rfc_6238(clock: MovableClock) -> None:
    """Appendix B, SHA-1, the last six of eight digits."""
    secret = b"12345678901234567890"
    for at_s, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        instant = clock.now().fromtimestamp(at_s, tz=clock.now().tzinfo)
        assert find_counter(secret, code, instant) == at_s // 30
        assert find_counter(secret, code, instant + timedelta(seconds=90)) is None
    assert looks_like_totp(" 287 082")
    assert not looks_like_totp("AB12-CD34-EF56")


def test_the_picture_says_what_an_application_reads() -> None:
    offer = compose_offer("t", b"12345678901234567890", "99900000011")
    assert offer.secret == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert offer.picture.startswith("data:image/svg+xml")
