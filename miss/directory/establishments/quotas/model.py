"""How much an establishment's programs may ask for, and its people keep and ask: what was chosen, what holds.  Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from miss.base.ids import OrganizationId
from miss.directory.establishments.quotas.errors import LimitRefused, QuotaRefused

LEAST: Final = 2
MOST: Final = 10_000_000
BYTES_PER_MB: Final = 1_000_000
_DAYS_OF: Final = ZoneInfo("Europe/Paris")
"""Requests are counted by the days that people write in their letters."""


@dataclass(frozen=True, slots=True)
class QuotaChoice:
    """What the operator chose for one establishment; None: the platform's own number holds, or no limit."""

    requests_per_min: int | None = None
    entries_per_day: int | None = None
    stored_mb: int | None = None
    advice_per_day: int | None = None

    def over(self, default: "Quota") -> "Quota":
        """What holds."""
        return Quota(
            self.requests_per_min or default.requests_per_min,
            self.entries_per_day or default.entries_per_day,
            self.stored_mb,
            self.advice_per_day,
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """Of all programs of one establishment together, then of all its people together."""

    requests_per_min: int
    """At every door that takes a token."""
    entries_per_day: int
    """Of the directory, shown in any 24 hours."""
    stored_mb: int | None = None
    """Millions of bytes of attachments; None: no limit."""
    advice_per_day: int | None = None
    """Requests for advice sent in a calendar day; None: no limit."""


@dataclass(frozen=True, slots=True)
class Used:
    """How much of it an establishment's people use."""

    stored_bytes: int = 0
    advice_today: int = 0

    @property
    def stored_mb(self) -> int:
        """Millions of bytes, rounded up: what is nearly full never looks empty."""
        return -(-self.stored_bytes // BYTES_PER_MB)


def parse_choice(
    requests_per_min: str, entries_per_day: str, stored_mb: str = "", advice_per_day: str = ""
) -> QuotaChoice:
    """What a form says; empty: the platform's own number, or no limit.  Raises QuotaRefused, LimitRefused."""
    return QuotaChoice(_number(requests_per_min), _number(entries_per_day), _limit(stored_mb), _limit(advice_per_day))


def counted_as(organization_id: OrganizationId, allowed: int) -> bytes:
    """What is counted.  A changed number is counted anew: a bucket keeps the size that it was made with."""
    return f"{organization_id}/{allowed}".encode()


def day_of(instant: datetime) -> date:
    """The calendar day in which requests sent at that instant are counted."""
    return instant.astimezone(_DAYS_OF).date()


def day_after(instant: datetime) -> datetime:
    """When the next one begins."""
    local = instant.astimezone(_DAYS_OF)
    midnight = datetime.combine(date.fromordinal(local.toordinal() + 1), datetime.min.time(), _DAYS_OF)
    return midnight.astimezone(instant.tzinfo)


def _number(text: str) -> int | None:
    digits = "".join(text.split())
    if not digits:
        return None
    if not _is_within(digits, LEAST):
        raise QuotaRefused(least=LEAST, most=MOST)
    return int(digits)


def _limit(text: str) -> int | None:
    digits = "".join(text.split())
    if digits and not _is_within(digits, 0):
        raise LimitRefused(most=MOST)
    return int(digits or 0) or None


def _is_within(digits: str, least: int) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 10 and least <= int(digits) <= MOST
