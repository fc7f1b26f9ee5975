"""What `/metrics` says of the house itself when it is read: queues, their age, the last backup."""

from collections.abc import Awaitable, Callable, Mapping
from math import inf

from miss.server.backup.service import last_taken
from miss.server.house import House
from miss.server.service import Level


def house_levels(house: House) -> tuple[Level, ...]:
    """Each of them, over every process: they come from the database."""
    return (
        Level("miss_mails_out", "Outgoing mails, by state.", _counts(house.outbox.count_by_state), "state"),
        Level("miss_mails_oldest_seconds", "Age of the mail that waits longest.", _alone(house.outbox.age_s)),
        Level("miss_jobs", "Jobs that wait, and jobs given up.", _counts(house.jobs.count_by_fate), "fate"),
        Level("miss_jobs_late_seconds", "How late the job is that waits longest.", _alone(house.jobs.lateness_s)),
        Level("miss_backup_age_seconds", "Age of the last backup; infinite if there is none.", _backup_age(house)),
    )


def _counts(count: Callable[[], Awaitable[Mapping[str, int]]]) -> Callable[[], Awaitable[Mapping[str, float]]]:
    async def measure() -> Mapping[str, float]:
        return {label: float(number) for label, number in (await count()).items()}

    return measure


def _alone(height: Callable[[], Awaitable[float]]) -> Callable[[], Awaitable[Mapping[str, float]]]:
    async def measure() -> Mapping[str, float]:
        return {"": await height()}

    return measure


def _backup_age(house: House) -> Callable[[], Awaitable[Mapping[str, float]]]:
    async def measure() -> Mapping[str, float]:
        last = last_taken(house.settings)
        return {"": (house.clock.now() - last).total_seconds() if last else inf}

    return measure
