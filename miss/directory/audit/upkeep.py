"""What the log needs from time to time: its head signed, its old months closed.

One job does both, every `CHECK_EVERY`: an anchor once an hour or 1,000 entries have passed since the last one, and the
deletion of what is past its time, in slices so small that nobody who writes waits for them (ADR 11).
"""

from datetime import datetime, timedelta

import structlog
from nacl.signing import SigningKey

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.audit import store
from miss.directory.audit.anchors import Anchor, Mark, sign_anchor
from miss.directory.audit.model import first_kept
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, schedule

UPKEEP_JOB = "audit.upkeep"
CHECK_EVERY = timedelta(minutes=1)
ANCHOR_EVERY = timedelta(hours=1)
ANCHOR_ENTRIES = 1000
CLOSE_SLICE = 500
"""Entries deleted in one transaction."""

log = structlog.get_logger("miss.audit")


class AuditUpkeep:
    """Signs and closes; the only part of the log that holds the key."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, key: SigningKey, months: int) -> None:
        """`months`: no entry is kept longer; whole calendar months are closed."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._key = key
        self._months = months

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(UPKEEP_JOB, self._run)

    async def start(self) -> None:
        """Plan the first run."""
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + CHECK_EVERY
            await schedule(tx, UPKEEP_JOB, "all", due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.anchor_if_due()
        await self.close_months()
        await self.start()

    async def anchor_if_due(self) -> Anchor | None:
        """Sign the head if an hour or 1,000 entries have passed since the last anchor and there is something new."""
        now = self._clock.now()
        async with self._db.snapshot() as tx:
            head = await store.get_head(tx)
            last = await store.find_last_anchor(tx, Mark.HEAD)
        signed = last.number if last else 0
        is_due = last is None or head.number - signed >= ANCHOR_ENTRIES or now - last.signed_at >= ANCHOR_EVERY
        return await self.anchor() if head.number > signed and is_due else None

    async def anchor(self) -> Anchor | None:
        """Sign the head now; None if the log is empty or its head has been signed."""
        async with self._db.transaction() as tx:
            head = await store.get_head(tx)
            entry = await store.find(tx, head.number)
            if entry is None:
                return None
            anchor = sign_anchor(self._key, Mark.HEAD, entry, self._clock.now())
            return anchor if await store.insert_anchor(tx, anchor) else None

    async def close_months(self) -> int:
        """Delete the entries of months that are past their time; how many.  The log begins after them then.

        Each slice and the signed hash of its last entry are one transaction: whenever it is interrupted, what is left
        can be verified.
        """
        since = first_kept(self._clock.now(), self._months)
        deleted = 0
        while closed := await self._close_slice(since):
            deleted += closed
        if deleted:
            log.info("audit.closed", before=since, entries=deleted)
        return deleted

    async def _close_slice(self, since: datetime) -> int:
        async with self._db.transaction() as tx:
            page = await store.list_after(tx, 0, CLOSE_SLICE)
            old = []
            for entry in page:
                if entry.fact is None or entry.fact.at >= since:
                    break
                old.append(entry)
            if not old:
                return 0
            await store.insert_anchor(tx, sign_anchor(self._key, Mark.CLOSED, old[-1], self._clock.now()))
            await store.delete_through(tx, old[-1].number)
            return len(old)
