"""How much an establishment's programs may ask for: what the operator chose, and what holds.  Pure."""

from dataclasses import dataclass
from typing import Final

from miss.base.ids import OrganizationId
from miss.directory.establishments.quotas.errors import QuotaRefused

LEAST: Final = 2
MOST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class QuotaChoice:
    """What the operator chose for one establishment; None: the platform's own number holds."""

    requests_per_min: int | None = None
    entries_per_day: int | None = None

    def over(self, default: "Quota") -> "Quota":
        """What holds."""
        return Quota(
            self.requests_per_min or default.requests_per_min,
            self.entries_per_day or default.entries_per_day,
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """Of all programs of one establishment together."""

    requests_per_min: int
    """At every door that takes a token."""
    entries_per_day: int
    """Of the directory, shown in any 24 hours."""


def parse_choice(requests_per_min: str, entries_per_day: str) -> QuotaChoice:
    """What a form says; empty: the platform's own.  Raises QuotaRefused."""
    return QuotaChoice(_number(requests_per_min), _number(entries_per_day))


def counted_as(organization_id: OrganizationId, allowed: int) -> bytes:
    """What is counted.  A changed number is counted anew: a bucket keeps the size that it was made with."""
    return f"{organization_id}/{allowed}".encode()


def _number(text: str) -> int | None:
    digits = "".join(text.split())
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and LEAST <= int(digits) <= MOST):
        raise QuotaRefused(least=LEAST, most=MOST)
    return int(digits)
