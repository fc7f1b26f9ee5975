"""When a session ends, and how patient sign-in is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Language
from miss.directory.accounts import Account, Role, Verification
from miss.directory.sign_in.model import FORGET_AFTER, LONGEST_WAIT, Failures, Session, wait_after

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
IDLE = 30 * MINUTE
UID = AccountId(b"a" * 16)
SESSION = Session(UID, NOW, NOW, NOW + timedelta(hours=12))
ACCOUNT = Account(
    UID,
    PractitionerId("p1"),
    Verification.VERIFIED,
    NOW - timedelta(days=1),
    frozenset({Role.PRACTITIONER}),
    Language.FR,
)


def test_an_unused_session_ends() -> None:
    assert SESSION.is_alive(ACCOUNT, NOW + 29 * MINUTE, IDLE)
    assert not SESSION.is_alive(ACCOUNT, NOW + 30 * MINUTE, IDLE)


def test_a_used_session_ends_anyway() -> None:
    used = replace(SESSION, last_used_at=SESSION.ends_at - MINUTE)
    assert used.expires_at(IDLE) == SESSION.ends_at
    assert used.is_alive(ACCOUNT, SESSION.ends_at - timedelta(seconds=1), IDLE)
    assert not used.is_alive(ACCOUNT, SESSION.ends_at, IDLE)


@pytest.mark.parametrize("state", [Verification.PENDING, Verification.SUSPENDED, Verification.REVOKED])
def test_a_session_ends_with_its_account(state: Verification) -> None:
    assert not SESSION.is_alive(replace(ACCOUNT, verification=state), NOW, IDLE)


def test_a_session_does_not_live_again_when_a_suspension_ends() -> None:
    assert not SESSION.is_alive(replace(ACCOUNT, verification_since=NOW + MINUTE), NOW + 2 * MINUTE, IDLE)


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
