"""Movements past their time: the key destroyed, then the row emptied; that somebody was told stays for the figures."""

from datetime import timedelta
from typing import Final

from miss.storage.jobs import Job, JobHandler, schedule
from movements import store
from movements.parts import Parts, key_of

SWEEP: Final = "movements.retention"
SWEEP_EVERY: Final = timedelta(days=1)
SLICE: Final = 200


class Retention:
    """Looks once a day."""

    def __init__(self, parts: Parts, keeps: timedelta) -> None:
        """`keeps`: how long a movement can be read here after it was received."""
        self._parts = parts
        self._keeps = keeps

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(SWEEP, self._run)

    async def start(self) -> None:
        """Plan the next sweep."""
        due_at = self._parts.clock.now() + SWEEP_EVERY
        async with self._parts.db.transaction() as tx:
            await schedule(tx, SWEEP, "all", due_at, random_bytes=self._parts.random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.destroy_past()
        await self.start()

    async def destroy_past(self) -> int:
        """Destroy what is past its time; how many movements.  A sweep that was cut is done again by the next one."""
        parts, destroyed = self._parts, 0
        before = parts.clock.now() - self._keeps
        while True:
            async with parts.db.snapshot() as tx:
                past = await store.list_past(tx, before, SLICE)
            if not past:
                return destroyed
            for movement_id in past:
                await parts.keystore.destroy(key_of(movement_id))
            async with parts.db.transaction() as tx:
                await store.blank(tx, past)
            destroyed += len(past)
