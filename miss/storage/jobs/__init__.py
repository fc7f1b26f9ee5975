"""Work to do later, remembered in the application's database: timers and the outbox in one table (ADR 6).

A job is scheduled in the same transaction as the state that asks for it, so neither exists without the other.
It runs at least once: a handler that talks to the world carries an identifier that makes a second run harmless.
"""

from miss.storage.jobs.model import Job, RetryPolicy
from miss.storage.jobs.runner import JobHandler, JobRunner
from miss.storage.jobs.store import cancel, cancelled, list_dead, revive, schedule, scheduled

__all__ = [
    "Job",
    "JobHandler",
    "JobRunner",
    "RetryPolicy",
    "cancel",
    "cancelled",
    "list_dead",
    "revive",
    "schedule",
    "scheduled",
]
