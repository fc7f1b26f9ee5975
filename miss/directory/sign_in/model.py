"""Sessions, their end, and how long to wait after wrong tries.  Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from miss.base.ids import AccountId
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner

FREE_TRIES = 5
"""Wrong tries in a row before one has to wait."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(days=1)
"""Wrong tries that nobody has added to for this long no longer count."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in; known by the hash of its token."""

    uid: AccountId
    signed_in_at: datetime
    last_used_at: datetime
    ends_at: datetime
    """The absolute end, whatever happens."""

    def expires_at(self, idle: timedelta) -> datetime:
        """When it ends if it is not used again."""
        return min(self.last_used_at + idle, self.ends_at)

    def is_alive(self, account: Account, now: datetime, idle: timedelta) -> bool:
        """False once it has expired, or its account left the verified state at any time since sign-in."""
        return account.is_active and account.verification_since <= self.signed_in_at and now < self.expires_at(idle)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who speaks, on a page."""

    account: Account
    practitioner: Practitioner
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong tries in a row under one name; a try counts before its password is looked at."""

    count: int
    last_at: datetime

    def wait(self, now: datetime) -> timedelta:
        """How long until the next try is allowed; zero if it is allowed now."""
        wait = wait_after(self.count)
        # A free try is free even if the last one came from a machine whose clock is a little ahead.
        return max(self.last_at + wait - now, timedelta(0)) if wait else wait

    def add(self, now: datetime) -> "Failures":
        """One more; old ones are forgotten."""
        return Failures(1 if now - self.last_at >= FORGET_AFTER else self.count + 1, now)


def wait_after(count: int) -> timedelta:
    """Zero below `FREE_TRIES`, then twice as long each time, up to `LONGEST_WAIT`."""
    if count < FREE_TRIES:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(count - FREE_TRIES, 16)), LONGEST_WAIT)
