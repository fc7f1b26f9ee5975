"""Signing in to the pages: passwords, sessions, and patience with wrong tries."""

from miss.directory.sign_in.errors import BadCredentials, PasswordTooLong, PasswordTooShort, SignInThrottled
from miss.directory.sign_in.model import SignedIn
from miss.directory.sign_in.passwords import PasswordCost
from miss.directory.sign_in.service import SignIn

__all__ = [
    "BadCredentials",
    "PasswordCost",
    "PasswordTooLong",
    "PasswordTooShort",
    "SignIn",
    "SignInThrottled",
    "SignedIn",
]
