"""When a session ends or locks itself, and how patient sign-in is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Language
from miss.directory.accounts import Account, Verification
from miss.directory.sign_in.model import (
    ADDRESS_PACE,
    FORGET_AFTER,
    LONGEST_WAIT,
    Failures,
    Limits,
    Method,
    Session,
    Standing,
    Visit,
    subject_of_address,
    wait_after,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = Limits(idle=30 * MINUTE, absolute=timedelta(hours=12), shared_idle=5 * MINUTE, fresh=10 * MINUTE)
UID = AccountId(b"a" * 16)
SESSION = Session(
    id="s1",
    uid=UID,
    method=Method.TOTP,
    signed_in_at=NOW,
    confirmed_at=NOW,
    last_used_at=NOW,
    ends_at=NOW + LIMITS.absolute,
    locked_at=None,
    visit=Visit(),
    acting_for=PractitionerId(""),
)
SHARED = replace(SESSION, visit=Visit(is_shared=True))
ACCOUNT = Account(
    UID,
    PractitionerId("p1"),
    Verification.VERIFIED,
    NOW - timedelta(days=1),
    Language.FR,
)


def test_an_unused_session_ends() -> None:
    assert SESSION.standing(ACCOUNT, NOW + 29 * MINUTE, LIMITS) is Standing.OPEN
    assert SESSION.standing(ACCOUNT, NOW + 30 * MINUTE, LIMITS) is Standing.OVER


def test_an_unused_session_on_a_shared_workstation_locks_itself() -> None:
    assert SHARED.standing(ACCOUNT, NOW + 4 * MINUTE, LIMITS) is Standing.OPEN
    assert SHARED.standing(ACCOUNT, NOW + 5 * MINUTE, LIMITS) is Standing.LOCKED
    assert SHARED.standing(ACCOUNT, SHARED.ends_at, LIMITS) is Standing.OVER
    assert SHARED.expires_at(LIMITS) == NOW + 5 * MINUTE


def test_a_locked_session_stays_locked_until_its_end() -> None:
    locked = replace(SESSION, locked_at=NOW)
    assert locked.standing(ACCOUNT, NOW, LIMITS) is Standing.LOCKED
    assert locked.standing(ACCOUNT, NOW + timedelta(hours=11), LIMITS) is Standing.LOCKED
    assert locked.standing(ACCOUNT, locked.ends_at, LIMITS) is Standing.OVER


def test_a_used_session_ends_anyway() -> None:
    used = replace(SESSION, last_used_at=SESSION.ends_at - MINUTE)
    assert used.expires_at(LIMITS) == SESSION.ends_at
    assert used.standing(ACCOUNT, SESSION.ends_at - timedelta(seconds=1), LIMITS) is Standing.OPEN
    assert used.standing(ACCOUNT, SESSION.ends_at, LIMITS) is Standing.OVER


@pytest.mark.parametrize("state", [Verification.PENDING, Verification.SUSPENDED, Verification.REVOKED])
@pytest.mark.parametrize("session", [SESSION, SHARED, replace(SESSION, locked_at=NOW)])
def test_a_session_ends_with_its_account(state: Verification, session: Session) -> None:
    assert session.standing(replace(ACCOUNT, verification=state), NOW, LIMITS) is Standing.OVER


def test_a_session_does_not_live_again_when_a_suspension_ends() -> None:
    account = replace(ACCOUNT, verification_since=NOW + MINUTE)
    assert SESSION.standing(account, NOW + 2 * MINUTE, LIMITS) is Standing.OVER


def test_a_proof_is_fresh_for_a_while() -> None:
    assert SESSION.is_fresh(NOW + 9 * MINUTE, LIMITS)
    assert not SESSION.is_fresh(NOW + 10 * MINUTE, LIMITS)


def test_only_a_password_alone_is_weak() -> None:
    assert [method for method in Method if not method.is_strong] == [Method.PASSWORD]


def test_the_waits() -> None:
    assert [wait_after(count).total_seconds() for count in range(12)] == [
        *[0] * 5,
        *[30, 60, 120, 240, 480, 900, 900],
    ]
    assert wait_after(10**9) == LONGEST_WAIT


def test_waiting_passes() -> None:
    failures = Failures(6, NOW)
    assert failures.wait(NOW) == MINUTE
    assert failures.wait(NOW + timedelta(seconds=45)) == timedelta(seconds=15)
    assert failures.wait(NOW + MINUTE) == timedelta(0)
    assert Failures(4, NOW).wait(NOW) == timedelta(0)
    assert Failures(4, NOW).wait(NOW - timedelta(seconds=1)) == timedelta(0)


def test_a_failure_counts_and_is_forgotten_after_a_day() -> None:
    assert Failures(3, NOW).add(NOW + MINUTE) == Failures(4, NOW + MINUTE)
    assert Failures(30, NOW).add(NOW + FORGET_AFTER) == Failures(1, NOW + FORGET_AFTER)


def test_a_network_bears_thirty_wrong_tries() -> None:
    failures = Failures(0, NOW)
    for _ in range(30):
        assert failures.wait(NOW, ADDRESS_PACE) == timedelta(0)
        failures = failures.add(NOW, ADDRESS_PACE)
    assert failures.wait(NOW, ADDRESS_PACE) == timedelta(seconds=30)
    assert failures.add(NOW, ADDRESS_PACE).wait(NOW, ADDRESS_PACE) == MINUTE
    assert failures.wait(NOW + 2 * MINUTE, ADDRESS_PACE) == timedelta(0)


def test_a_hospital_that_mistypes_once_every_two_minutes_never_waits() -> None:
    """Right tries in between, which are counted and taken back, do not stop the forgiving."""
    failures, now = Failures(0, NOW), NOW
    for _ in range(200):
        now += timedelta(seconds=10)
        for _ in range(11):
            assert failures.wait(now, ADDRESS_PACE) == timedelta(0)
            tried = failures.add(now, ADDRESS_PACE)
            failures = Failures(tried.count - ADDRESS_PACE.parts, now)
            now += timedelta(seconds=10)
        failures = failures.add(now, ADDRESS_PACE)


@given(st.integers(0, 10**6), st.timedeltas(-timedelta(minutes=5), timedelta(days=3)))
def test_no_wait_is_negative_or_longer_than_the_longest(count: int, passed: timedelta) -> None:
    failures = Failures(count, NOW)
    # A clock may be a little behind that of the machine that counted last.
    assert timedelta(0) <= failures.wait(NOW + passed, ADDRESS_PACE) <= LONGEST_WAIT + timedelta(minutes=5)
    assert 0 <= failures.add(NOW + passed, ADDRESS_PACE).count - ADDRESS_PACE.parts <= count


def test_a_network_is_counted_without_keeping_its_address() -> None:
    assert "203.0.113.9" not in subject_of_address("203.0.113.9")
    assert subject_of_address("2001:db8::1") == subject_of_address("2001:db8::ffff")
    assert subject_of_address("2001:db8::1") != subject_of_address("2001:db8:0:1::1")
    assert len(subject_of_address("203.0.113.9")) <= 64
