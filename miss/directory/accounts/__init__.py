"""Accounts: whom MiSS has verified, what they may do, and the codes that prove them again at install.

Identity is verified twice: by an operator (`Accounts.verify`), then by an activation code at the first device link or
the first sign-in of a browser.  Neither alone opens a session.
"""

from miss.directory.accounts.errors import (
    AccountExists,
    AccountNotActive,
    AccountNotFound,
    ActivationExpired,
    ActivationLocked,
    ActivationSpent,
    BrowserCodesOnly,
    RppsRequired,
    TicketNotTheirs,
    WrongActivationCode,
    WrongVerificationState,
)
from miss.directory.accounts.model import (
    Account,
    AccountEvent,
    Act,
    ActivationPurpose,
    EventPage,
    IssuedCode,
    Verification,
)
from miss.directory.accounts.service import Accounts

__all__ = [
    "Account",
    "AccountEvent",
    "AccountExists",
    "AccountNotActive",
    "AccountNotFound",
    "Accounts",
    "Act",
    "ActivationExpired",
    "ActivationLocked",
    "ActivationPurpose",
    "ActivationSpent",
    "BrowserCodesOnly",
    "EventPage",
    "IssuedCode",
    "RppsRequired",
    "TicketNotTheirs",
    "Verification",
    "WrongActivationCode",
    "WrongVerificationState",
]
