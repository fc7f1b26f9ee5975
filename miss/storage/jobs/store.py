"""Queries on the job table."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import bindparam, delete, func, or_, text, update
from sqlmodel import col, select

from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.storage.columns import JsonText, UtcDateTime
from miss.storage.database import Transaction
from miss.storage.direct import Change, PortableStatement, write
from miss.storage.jobs.model import Job
from miss.storage.jobs.tables import JobRow

LEASE = timedelta(minutes=2)
"""How long a worker may hold a job before another one takes it over."""

_SCHEDULE = PortableStatement(
    # Whoever runs the earlier version now loses its lease, so that its end cannot remove this new one.
    text(
        "INSERT INTO job (id, kind, key, payload, due_at, attempts, lease, last_error)"
        " VALUES (:id, :kind, :key, :payload, :due_at, 0, '', '')"
        " ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload, due_at = excluded.due_at,"
        " attempts = 0, dead_at = NULL, last_error = '', lease = '', leased_until = NULL"
    ).bindparams(bindparam("payload", type_=JsonText), bindparam("due_at", type_=UtcDateTime)),
    ("id", "kind", "key", "payload", "due_at"),
)
"""A row that is looked for first, then written, is written twice when two ask for it at once."""
_CANCEL = PortableStatement(
    delete(JobRow).where(col(JobRow.kind) == bindparam("kind"), col(JobRow.key) == bindparam("key")), ("kind", "key")
)


async def schedule(
    tx: Transaction,
    kind: str,
    key: str,
    due_at: datetime,
    *,
    random_bytes: RandomBytes,
    payload: Mapping[str, str] | None = None,
) -> None:
    """Have `kind` run for `key` at `due_at`.

    A job of that kind and key that is waiting is moved to the new instant; a dead one lives again.
    """
    await write(tx, scheduled(kind, key, due_at, random_bytes=random_bytes, payload=payload))


def scheduled(
    kind: str, key: str, due_at: datetime, *, random_bytes: RandomBytes, payload: Mapping[str, str] | None = None
) -> Change:
    """What `schedule` writes, to be written together with other changes."""
    said = msgspec.json.encode(payload or {}).decode()
    return Change(_SCHEDULE, (new_row_id(due_at, random_bytes), kind, key, said, due_at))


async def cancel(tx: Transaction, kind: str, key: str) -> None:
    """Forget a job; nothing happens if there is none."""
    await write(tx, cancelled(kind, key))


def cancelled(kind: str, key: str) -> Change:
    """What `cancel` writes, to be written together with other changes."""
    return Change(_CANCEL, (kind, key))


async def take_due(
    tx: Transaction, kinds: Collection[str], now: datetime, *, lease: str, limit: int = 20
) -> Sequence[Job]:
    """Lease up to `limit` due jobs of these kinds, oldest first; no two workers get the same one."""
    query = (
        select(JobRow)
        .where(
            col(JobRow.kind).in_(kinds),
            col(JobRow.dead_at).is_(None),
            col(JobRow.due_at) <= now,
            or_(col(JobRow.leased_until).is_(None), col(JobRow.leased_until) < now),
        )
        .order_by(col(JobRow.due_at), col(JobRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await tx.exec(query)).all()
    for row in rows:
        row.lease, row.leased_until = lease, now + LEASE
        tx.add(row)
    await tx.flush()
    return [_job(row) for row in rows]


async def finish(tx: Transaction, job: Job, *, lease: str) -> bool:
    """Remove a job that succeeded; False if somebody else holds it, or it was scheduled anew, meanwhile."""
    done = await tx.exec(delete(JobRow).where(col(JobRow.id) == job.id, col(JobRow.lease) == lease))
    return done.rowcount == 1


async def fail(tx: Transaction, job: Job, reason: str, due_at: datetime | None, now: datetime, *, lease: str) -> None:
    """Record a failure: again at `due_at`, or dead if None."""
    await tx.exec(
        update(JobRow)
        .where(col(JobRow.id) == job.id, col(JobRow.lease) == lease)
        .values(
            attempts=job.attempts + 1,
            last_error=reason[:400],
            leased_until=None,
            lease="",
            due_at=due_at or job.due_at,
            dead_at=None if due_at else now,
        )
    )


async def next_due_at(tx: Transaction, kinds: Collection[str]) -> datetime | None:
    """When the earliest living job of these kinds is due; None: nothing waits."""
    query = (
        select(JobRow.due_at)
        .where(col(JobRow.kind).in_(kinds), col(JobRow.dead_at).is_(None))
        .order_by(col(JobRow.due_at))
        .limit(1)
    )
    return (await tx.exec(query)).one_or_none()


async def count_by_fate(tx: Transaction) -> dict[str, int]:
    """How many jobs wait, and how many were given up."""
    query = select(col(JobRow.dead_at).is_not(None), func.count()).group_by(col(JobRow.dead_at).is_not(None))
    counts = dict((await tx.exec(query)).all())
    return {"waiting": counts.get(False, 0), "dead": counts.get(True, 0)}


async def oldest_due(tx: Transaction) -> datetime | None:
    """Since when the job that has waited longest is due; None: none waits.  It may lie ahead."""
    query = select(func.min(JobRow.due_at)).where(col(JobRow.dead_at).is_(None))
    return (await tx.exec(query)).one()


async def list_dead(tx: Transaction, limit: int = 100) -> Sequence[tuple[Job, str]]:
    """Jobs that were given up, with their last error, newest first."""
    query = select(JobRow).where(col(JobRow.dead_at).is_not(None)).order_by(col(JobRow.dead_at).desc()).limit(limit)
    return [(_job(row), row.last_error) for row in await tx.exec(query)]


async def revive(tx: Transaction, job_id: str, now: datetime) -> bool:
    """Give a dead job another life, due at once; False if there is no such dead job."""
    revived = await tx.exec(
        update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.dead_at).is_not(None))
        .values(dead_at=None, attempts=0, due_at=now, last_error="")
    )
    return revived.rowcount == 1


def _job(row: JobRow) -> Job:
    return Job(row.id, row.kind, row.key, dict(row.payload), row.due_at, row.attempts)
