"""How many lines there are, whose turn it is, and when a mail is given up.  Pure.

One recipient's domain must not occupy every line, as one sender must not occupy every line of ours
(RFC 5321 §4.5.4): a line serves a domain for a few mails, then the domain that waited longest is served.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from miss.base.ids import MailId
from miss.storage.jobs import RetryPolicy

GIVE_UP_AFTER: Final = timedelta(days=5)
"""RFC 5321 §4.5.4.1: four or five days."""
FIRST_REST: Final = timedelta(seconds=15)
LONGEST_REST: Final = timedelta(minutes=5)
LEASE: Final = timedelta(minutes=5)
"""How long a line, and the mail on it, stay with a process that may have died."""


@dataclass(frozen=True, slots=True)
class LineLimits:
    """How many at once."""

    per_domain: int = 2
    """Connections toward one recipient's domain, counted over every process."""
    total: int = 10
    """Of this process."""
    mails_per_turn: int = 20
    """Sent over one line before others have their turn."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A domain with mails that are due and on no line."""

    domain: str
    mails: int
    oldest_due: datetime


@dataclass(frozen=True, slots=True, repr=False)
class QueuedMail:
    """A mail on a line."""

    id: MailId
    sender: str
    """Empty: a report, sent from nobody."""
    recipient: str
    sealed: bytes
    attempts: int
    queued_at: datetime


def whose_turn(
    waiting: Iterable[Waiting], served: Mapping[str, int], busy: Collection[str], limits: LineLimits
) -> list[str]:
    """The domains to open a line to now, one item a line.

    `served`: when each had its last turn, in turns; `busy`: one item for each line that is open.
    """
    queue = sorted(waiting, key=lambda one: (served.get(one.domain, 0), one.oldest_due))
    lines = list(busy)
    chosen: list[str] = []
    # Everybody has a line before anybody has a second one.
    for rank in range(limits.per_domain):
        for one in queue:
            is_worth_it = rank == 0 or one.mails > rank * limits.mails_per_turn
            if len(lines) < limits.total and lines.count(one.domain) <= rank and is_worth_it:
                chosen.append(one.domain)
                lines.append(one.domain)
    return chosen


def rest_after(failures: int) -> timedelta:
    """How long a domain is left alone once no relay could be asked, `failures` times in a row."""
    return min(FIRST_REST * (1 << min(max(failures - 1, 0), 10)), LONGEST_REST)


def next_try(retry: RetryPolicy, attempts: int, queued_at: datetime, now: datetime) -> datetime | None:
    """When a mail that was put off `attempts` times is tried again; None: it is given up."""
    return None if now - queued_at >= GIVE_UP_AFTER else retry.next_due(attempts, now)
