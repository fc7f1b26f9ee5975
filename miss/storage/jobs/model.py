"""A job, and how long to wait before it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work; `(kind, key)` is unique among the jobs that are not done."""

    id: str
    kind: str
    """Which handler: `mail.send`, `dispatch.assign`."""
    key: str
    """What it is about: the identifier of a mail, of a request."""
    payload: Mapping[str, str]
    """Identifiers only, never health data: jobs are shown to operators."""
    due_at: datetime
    attempts: int
    """How often it was tried before this run."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential waits between tries, then the job is dead and shown to the operator."""

    first_wait: timedelta = timedelta(seconds=5)
    longest_wait: timedelta = timedelta(minutes=30)
    max_attempts: int = 12

    def next_due(self, attempts: int, now: datetime) -> datetime | None:
        """When to try again after `attempts` failures; None: give up."""
        if attempts >= self.max_attempts:
            return None
        return now + min(self.first_wait * (1 << min(max(attempts - 1, 0), 30)), self.longest_wait)
