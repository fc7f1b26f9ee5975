"""What is mailed to somebody who has forgotten their password.  Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner

LINK_VALIDITY = timedelta(minutes=30)


class ResetMailKind(StrEnum):
    """What a mail says."""

    LINK = "link"
    """Here is the way to a new password."""
    NO_SECOND_FACTOR = "no_second_factor"
    """Without one, only a code from the support opens the pages."""
    CHANGED = "changed"
    """It was changed; if that was not you, say so at once."""


@dataclass(frozen=True, slots=True)
class ResetMail:
    """One mail to compose."""

    kind: ResetMailKind
    reference: str
    """Names the mail; no secret."""
    token: str = ""
    """For the link; only its hash is kept."""

    def __repr__(self) -> str:
        """Without the token."""
        return f"ResetMail({self.kind.value}, {self.reference})"


class SendResetMail(Protocol):
    """Whoever can write to a practitioner's secure mailbox."""

    async def __call__(self, tx: Any, account: Account, practitioner: Practitioner, mail: ResetMail) -> bool:
        """Queue the mail in the caller's transaction; False for somebody without a mailbox that can be written to."""
        ...
