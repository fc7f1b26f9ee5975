"""An account, the states of its verification, and how an activation is judged.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Language
from miss.directory.accounts.errors import (
    AccountNotActive,
    ActivationExpired,
    ActivationLocked,
    ActivationSpent,
    WrongVerificationState,
)


class Verification(StrEnum):
    """How far somebody's identity is established with MiSS."""

    PENDING = "pending"
    """Asked for; no operator has checked it."""
    VERIFIED = "verified"
    """An operator has checked it against the register and the papers."""
    SUSPENDED = "suspended"
    """Closed for now: no sign-in, no device; may be verified again."""
    REVOKED = "revoked"
    """Closed for good."""


class ActivationPurpose(StrEnum):
    """What a code opens: each has a code of its own."""

    DEVICE = "device"
    """Linking a device of the chat."""
    BROWSER = "browser"
    """Choosing the password of the pages."""
    RECOVERY = "recovery"
    """Letting the recovery key bring in a new device: a ticket that people issue to themselves, for minutes."""
    RESET = "reset"
    """Starting a chain over when every device and the recovery key are lost."""


class Act(StrEnum):
    """What the story of an account is made of."""

    OPEN = "open"
    VERIFY = "verify"
    SUSPEND = "suspend"
    REVOKE = "revoke"
    CODE_ISSUED = "code_issued"
    CODE_WRONG = "code_wrong"
    CODE_USED = "code_used"
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105 - the name of an act
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    UNLOCKED = "unlocked"
    CONFIRMED = "confirmed"
    """Proved again who they are, before a sensitive act."""
    SESSION_REVOKED = "session_revoked"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RESET_ASKED = "reset_asked"
    ROLE_GRANTED = "role_granted"
    ROLE_TAKEN_BACK = "role_taken_back"
    DEVICE_LINKED = "device_linked"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_RECOVERED = "device_recovered"
    USER_KEY_CHANGED = "user_key_changed"
    RECOVERY_MADE = "recovery_made"
    RECOVERY_CHANGED = "recovery_changed"
    RECOVERY_TESTED = "recovery_tested"
    IDENTITY_RESET = "identity_reset"
    AGREEMENT_ACCEPTED = "agreement_accepted"
    """The charter or the general conditions, in a version."""
    ATTESTATION_ISSUED = "attestation_issued"
    RETIREMENT_ASKED = "retirement_asked"
    RETIREMENT_APPROVED = "retirement_approved"
    RETIREMENT_WITHDRAWN = "retirement_withdrawn"
    RETIREMENT_BEGUN = "retirement_begun"
    """What is sent goes to the successor from now on."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account."""

    uid: AccountId
    practitioner_id: PractitionerId
    """Of the person: somebody of the register, or a staff person (ADR 41).  `Practitioners` knows both."""
    verification: Verification
    verification_since: datetime
    """When it entered that state: sessions opened before are over."""
    language: Language

    @property
    def is_active(self) -> bool:
        """May sign in, link devices, be found by others."""
        return self.verification is Verification.VERIFIED


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One act: who did what to which account, and when.  Never health data."""

    at: datetime
    act: Act
    uid: AccountId | None
    """None: somebody tried a number or a name that has no account."""
    by: str
    """Who acted: a hex uid, `cli`, or empty for a stranger."""
    detail: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Part of an account's story, newest first."""

    events: tuple[AccountEvent, ...]
    cursor: str
    """Give it back for those that follow; empty: these are the last."""


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A fresh activation code: shown once, for the letter; only its hash is kept."""

    code: str
    """`XXXX-XXXX-XXXX`."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Activation:
    """What is kept of an issued code."""

    salt: bytes
    digest: bytes
    expires_at: datetime
    used_at: datetime | None


_ALLOWED: Mapping[Act, tuple[frozenset[Verification], Verification]] = MappingProxyType(
    {
        Act.VERIFY: (frozenset({Verification.PENDING, Verification.SUSPENDED}), Verification.VERIFIED),
        Act.SUSPEND: (frozenset({Verification.PENDING, Verification.VERIFIED}), Verification.SUSPENDED),
        Act.REVOKE: (
            frozenset({Verification.PENDING, Verification.VERIFIED, Verification.SUSPENDED}),
            Verification.REVOKED,
        ),
    }
)


def change_verification(
    account: Account, act: Act, *, by: str, now: datetime, reason: str = ""
) -> tuple[Account, AccountEvent]:
    """The account after VERIFY, SUSPEND or REVOKE, and the fact to record.

    Raises WrongVerificationState if the account's state does not allow it.
    """
    allowed_from, becomes = _ALLOWED[act]
    if account.verification not in allowed_from:
        raise WrongVerificationState(state=account.verification.value, act=act.value)
    changed = replace(account, verification=becomes, verification_since=now)
    return changed, AccountEvent(now, act, account.uid, by, reason)


def require_usable(account: Account, activation: Activation, *, is_locked: bool, now: datetime) -> None:
    """Judge an activation whose code was given right.

    Raises ActivationLocked, AccountNotActive, ActivationSpent or ActivationExpired.
    """
    if is_locked:
        raise ActivationLocked
    if not account.is_active:
        raise AccountNotActive
    if activation.used_at is not None:
        raise ActivationSpent
    if now >= activation.expires_at:
        raise ActivationExpired
