"""What mails said is destroyed in its time: their keys first, so that backups of the database say nothing either.

The row stays as a trace (who, when, what the relay answered), without a word of the mail.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.mail.inbound import store as inbound
from miss.mail.outbound import store as outbound
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, schedule
from miss.storage.sealed import KeyStore

SWEEP = "mail.retention"
SWEEP_EVERY = timedelta(days=1)
SLICE = 100

ListPast = Callable[[Transaction, datetime, int], Awaitable[Sequence[str]]]

log = structlog.get_logger("miss.mail")


class MailRetention:
    """Looks once a day for mails past their time, those that came and those that left."""

    def __init__(
        self, db: Database, keystore: KeyStore, clock: Clock, random_bytes: RandomBytes, keeps: timedelta
    ) -> None:
        """`keeps`: how long after it came, or was settled, a mail can be read."""
        self._db = db
        self._keystore = keystore
        self._clock = clock
        self._random_bytes = random_bytes
        self._keeps = keeps

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(SWEEP, self._run)

    async def start(self) -> None:
        """Plan the next sweep."""
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + SWEEP_EVERY
            await schedule(tx, SWEEP, "all", due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.destroy_past()
        await self.start()

    async def destroy_past(self) -> int:
        """Destroy what is past its time; how many mails."""
        before = self._clock.now() - self._keeps
        destroyed = 0
        for direction in (inbound, outbound):
            while past := await self._list_past(direction.list_past, before):
                # The key first: after a crash here the row is found again, and nobody can read it meanwhile.
                for mail_id in past:
                    await self._keystore.destroy(f"mail:{mail_id}")
                async with self._db.transaction() as tx:
                    await direction.blank(tx, past)
                destroyed += len(past)
        if destroyed:
            log.info("mail.destroyed", count=destroyed)
        return destroyed

    async def _list_past(self, list_past: ListPast, before: datetime) -> Sequence[str]:
        async with self._db.snapshot() as tx:
            return await list_past(tx, before, SLICE)
