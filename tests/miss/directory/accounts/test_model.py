"""The states of a verification, and the judgement of a right code."""

from datetime import UTC, datetime, timedelta

import pytest

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Language
from miss.directory.accounts.errors import (
    AccountNotActive,
    ActivationExpired,
    ActivationLocked,
    ActivationSpent,
    WrongVerificationState,
)
from miss.directory.accounts.model import (
    Account,
    AccountEvent,
    Act,
    Activation,
    Verification,
    change_verification,
    require_usable,
)

OPENED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PENDING, VERIFIED, SUSPENDED, REVOKED = Verification
TRANSITIONS = {
    (PENDING, Act.VERIFY): VERIFIED,
    (PENDING, Act.SUSPEND): SUSPENDED,
    (PENDING, Act.REVOKE): REVOKED,
    (VERIFIED, Act.SUSPEND): SUSPENDED,
    (VERIFIED, Act.REVOKE): REVOKED,
    (SUSPENDED, Act.VERIFY): VERIFIED,
    (SUSPENDED, Act.REVOKE): REVOKED,
}
ACTIVATION = Activation(b"salt", b"digest", NOW + timedelta(days=1), None)


def an_account(verification: Verification) -> Account:
    return Account(AccountId(b"a" * 16), PractitionerId("p1"), verification, OPENED, Language.FR)


@pytest.mark.parametrize("state", Verification)
@pytest.mark.parametrize("act", [Act.VERIFY, Act.SUSPEND, Act.REVOKE])
def test_every_state_meets_every_act(state: Verification, act: Act) -> None:
    account = an_account(state)
    if (state, act) in TRANSITIONS:
        changed, event = change_verification(account, act, by="cli", now=NOW, reason="papers seen")
        assert (changed.verification, changed.verification_since) == (TRANSITIONS[state, act], NOW)
        assert changed.uid == account.uid
        assert event == AccountEvent(NOW, act, account.uid, "cli", "papers seen")
    else:
        with pytest.raises(WrongVerificationState) as caught:
            change_verification(account, act, by="cli", now=NOW)
        assert caught.value.params == {"state": state.value, "act": act.value}


def test_only_verified_accounts_are_active() -> None:
    assert [state for state in Verification if an_account(state).is_active] == [VERIFIED]


def test_a_right_code_opens_a_verified_account() -> None:
    require_usable(an_account(VERIFIED), ACTIVATION, is_locked=False, now=NOW)


@pytest.mark.parametrize("state", [PENDING, SUSPENDED, REVOKED])
def test_a_right_code_does_not_open_another(state: Verification) -> None:
    with pytest.raises(AccountNotActive):
        require_usable(an_account(state), ACTIVATION, is_locked=False, now=NOW)


def test_a_right_code_has_an_end() -> None:
    require_usable(an_account(VERIFIED), ACTIVATION, is_locked=False, now=NOW + timedelta(hours=23))
    with pytest.raises(ActivationExpired):
        require_usable(an_account(VERIFIED), ACTIVATION, is_locked=False, now=ACTIVATION.expires_at)


def test_a_used_code_is_told_apart_from_an_expired_one() -> None:
    used = Activation(b"salt", b"digest", NOW, NOW)
    with pytest.raises(ActivationSpent):
        require_usable(an_account(VERIFIED), used, is_locked=False, now=NOW)


def test_a_lock_comes_before_everything() -> None:
    with pytest.raises(ActivationLocked):
        require_usable(an_account(SUSPENDED), ACTIVATION, is_locked=True, now=NOW)
