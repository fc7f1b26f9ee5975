"""The master key renewed by itself, where the server may write its file: the embedded default (ADR 40)."""

from datetime import timedelta
from pathlib import Path

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.storage.database import Database
from miss.storage.jobs import Job, JobHandler, schedule
from miss.storage.sealed.renewal import renew_master_key, wrapping_since

RENEWAL_JOB = "keys.renew"
LOOK_EVERY = timedelta(days=1)

log = structlog.get_logger("miss.sealed")


class KeyUpkeep:
    """Looks once a day whether the master key is past its time."""

    def __init__(
        self, db: Database, keys: Database, path: Path, clock: Clock, random_bytes: RandomBytes, every: timedelta
    ) -> None:
        """`keys`: the key store's database; `path`: the key file; `every`: how long a master key serves."""
        self._db = db
        self._keys = keys
        self._path = path
        self._clock = clock
        self._random_bytes = random_bytes
        self._every = every

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(RENEWAL_JOB, self._run)

    async def start(self) -> None:
        """Plan the next look."""
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + LOOK_EVERY
            await schedule(tx, RENEWAL_JOB, "all", due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.renew_if_due()
        await self.start()

    async def renew_if_due(self) -> bool:
        """Renew a key that has served its time; whether it was.  Raises MasterKeyUnsafe, OSError."""
        since = await wrapping_since(self._keys)
        if since is None or self._clock.now() - since < self._every:
            return False
        await renew_master_key(self._keys, self._path, self._clock, self._random_bytes)
        return True
