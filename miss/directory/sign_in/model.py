"""Sessions, their end, and how long to wait after wrong tries.  Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from miss.base.ids import AccountId, PractitionerId
from miss.base.network import network_of
from miss.base.retention import HOUSE
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner
from miss.directory.roles import Principal

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = HOUSE.period("sign_in.tries")
"""Wrong tries that nobody has added to for this long no longer count."""


class Method(StrEnum):
    """What opened a session."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    TOTP = "totp"
    """Password and one-time code."""
    RECOVERY_CODE = "recovery_code"
    """Password and a code from the sheet."""
    PASSKEY = "passkey"
    """A passkey that verified its user, alone or after the password."""
    PRO_SANTE_CONNECT = "pro_sante_connect"

    @property
    def is_strong(self) -> bool:
        """Two factors of different kinds."""
        return self is not Method.PASSWORD


class Standing(StrEnum):
    """What a session is good for."""

    OPEN = "open"
    LOCKED = "locked"
    """Its person is named; nothing is shown until they unlock it or somebody else signs in."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions last."""

    idle: timedelta
    """Unused for so long, a session is over."""
    absolute: timedelta
    """It is over anyway."""
    shared_idle: timedelta = timedelta(minutes=5)
    """Unused for so long, a session on a shared workstation is locked."""
    fresh: timedelta = timedelta(minutes=10)
    """How long a proof of identity is good for sensitive acts."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a browser that signs in."""

    user_agent: str = ""
    address: str = ""
    is_shared: bool = False
    """On a workstation that others use as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in; its token is known by hash only."""

    id: str
    uid: AccountId
    method: Method
    signed_in_at: datetime
    confirmed_at: datetime
    """When the person last proved who they are."""
    last_used_at: datetime
    ends_at: datetime
    """The absolute end, whatever happens."""
    locked_at: datetime | None
    visit: Visit
    acting_for: PractitionerId
    """Whom its person chose to act for; whether they may is asked anew each time."""

    def standing(self, account: Account, now: datetime, limits: Limits) -> Standing:
        """OVER once it has expired, or its account left the verified state at any time since sign-in."""
        if not account.is_active or account.verification_since > self.signed_in_at or now >= self.ends_at:
            return Standing.OVER
        is_idle = now >= self.last_used_at + self._idle(limits)
        if self.locked_at is not None or (is_idle and self.visit.is_shared):
            return Standing.LOCKED
        return Standing.OVER if is_idle else Standing.OPEN

    def expires_at(self, limits: Limits) -> datetime:
        """When it ends, or locks itself, if it is not used again."""
        return min(self.last_used_at + self._idle(limits), self.ends_at)

    def is_fresh(self, now: datetime, limits: Limits) -> bool:
        """True if the person proved who they are a short while ago."""
        return now < self.confirmed_at + limits.fresh

    def _idle(self, limits: Limits) -> timedelta:
        return limits.shared_idle if self.visit.is_shared else limits.idle


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who speaks, on a page."""

    account: Account
    practitioner: Practitioner
    principal: Principal
    """With the roles that are alive now."""
    session: Session
    expires_at: datetime
    is_fresh: bool
    """May do what is sensitive without another proof."""
    must_enrol: bool
    """The house asks for a second factor and the session was opened without: only what adds one is shown."""
    must_accept: bool = False
    """A text they agreed to has changed since: it is shown before anything else."""
    acting_for: Practitioner | None = None
    """For whom they act now, by a mandate that is alive: a practitioner, or an establishment in the place of one
    (`Practitioner.is_organization`); None: in their own name."""


@dataclass(frozen=True, slots=True)
class LockedSession:
    """Somebody's session that shows nothing for now."""

    account: Account
    practitioner: Practitioner
    session: Session


@dataclass(frozen=True, slots=True)
class Opened:
    """Signed in."""

    token: str
    """For the session's cookie; only its hash is kept."""


@dataclass(frozen=True, slots=True)
class SecondFactorAsked:
    """The password is right; a second factor is wanted."""

    token: str
    """For the step's cookie; only its hash is kept."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient sign-in is with one subject."""

    free_tries: int
    """Wrong tries in a row before one has to wait."""
    forgives_every: timedelta | None = None
    """One try less counts after each of these; None: they count until `FORGET_AFTER`, or until success."""
    parts: int = 1
    """How many a try counts for: what is forgiven little by little needs more than one."""


ACCOUNT_PACE = Pace(free_tries=5)
ADDRESS_PACE = Pace(free_tries=30, forgives_every=timedelta(minutes=2), parts=1000)
"""A whole hospital may share an address: thirty people may each mistype once, then one every two minutes."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong tries in a row under one name; a try counts before its password is looked at."""

    count: int
    """In parts of the subject's pace."""
    last_at: datetime

    def wait(self, now: datetime, pace: Pace = ACCOUNT_PACE) -> timedelta:
        """How long until the next try is allowed; zero if it is allowed now."""
        wait = wait_after(self._left(now, pace) // pace.parts, pace)
        # A free try is free even if the last one came from a machine whose clock is a little ahead.
        return max(self.last_at + wait - now, timedelta(0)) if wait else wait

    def add(self, now: datetime, pace: Pace = ACCOUNT_PACE) -> "Failures":
        """One more; old ones are forgotten."""
        return Failures(self._left(now, pace) + pace.parts, now)

    def _left(self, now: datetime, pace: Pace) -> int:
        """What still counts."""
        since = max(now - self.last_at, timedelta(0))
        if since >= FORGET_AFTER:
            return 0
        return max(self.count - since * pace.parts // pace.forgives_every, 0) if pace.forgives_every else self.count


def wait_after(tries: int, pace: Pace = ACCOUNT_PACE) -> timedelta:
    """Zero below the free tries, then twice as long each time, up to `LONGEST_WAIT`."""
    if tries < pace.free_tries:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(tries - pace.free_tries, 16)), LONGEST_WAIT)


def subject_of_address(address: str) -> str:
    """Under which wrong tries from a network are counted; no address is kept for it."""
    return "address:" + _digest(network_of(address), b"miss.address")


def subject_of_nobody(login: str) -> str:
    """Names that are in no directory are counted by hash: people type passwords into the wrong field."""
    return _digest("".join(login.split()).lower(), b"miss.nobody")


def hash_token(token: str) -> bytes:
    """Under which a session or a step is kept: a random token needs no salt."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=32, person=b"miss.session").digest()


def _digest(text: str, person: bytes) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=24, person=person).hexdigest()
