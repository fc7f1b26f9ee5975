"""Signing in to the pages: passwords, second factors, sessions, and patience with wrong tries."""

from miss.directory.sign_in.errors import (
    AddressThrottled,
    BadCredentials,
    NoMandate,
    NothingToUnlock,
    PasswordPersonal,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooWeak,
    SessionNotFound,
    SignInThrottled,
    StepExpired,
)
from miss.directory.sign_in.model import (
    LockedSession,
    Method,
    Opened,
    SecondFactorAsked,
    Session,
    SignedIn,
    Visit,
)
from miss.directory.sign_in.passwords import PasswordCost
from miss.directory.sign_in.service import SignIn
from miss.directory.sign_in.sessions import Sessions
from miss.directory.sign_in.strength import ENOUGH_BITS, Strength

__all__ = [
    "ENOUGH_BITS",
    "AddressThrottled",
    "BadCredentials",
    "LockedSession",
    "Method",
    "NoMandate",
    "NothingToUnlock",
    "Opened",
    "PasswordCost",
    "PasswordPersonal",
    "PasswordTooLong",
    "PasswordTooShort",
    "PasswordTooWeak",
    "SecondFactorAsked",
    "Session",
    "SessionNotFound",
    "Sessions",
    "SignIn",
    "SignInThrottled",
    "SignedIn",
    "StepExpired",
    "Strength",
    "Visit",
]
