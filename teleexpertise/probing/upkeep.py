"""The probe's pool, and the end of its requests: nothing of them is left an hour later.

They hold a made-up patient and no clinical content, so that there is nothing to keep: the key is destroyed and the
rows are deleted, timeline included.
"""

from datetime import time, timedelta
from typing import Final

from miss.directory.practitioners import ANSWERING, ASKING
from miss.storage.jobs import Job, JobHandler, schedule
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Terms
from teleexpertise.probing import store
from teleexpertise.probing.form import FORM_ID
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.service import Requests

POOL: Final = "Sonde technique"
ZONE: Final = "Europe/Paris"
SWEEP: Final = "expertise.probes"
SWEEP_EVERY: Final = timedelta(hours=1)
KEPT: Final = timedelta(hours=1)
"""Longer than any probe takes; short enough that nobody wonders at them."""
SLICE: Final = 100


class ProbeUpkeep:
    """Prepares for probes and forgets them."""

    def __init__(self, parts: Parts, requests: Requests) -> None:
        self._parts = parts
        self._requests = requests

    async def prepare(self) -> None:
        """The pool in which one probe asks the other, open at every hour; nothing if there is one."""
        dispatch = self._parts.dispatch
        async with self._parts.db.snapshot() as tx:
            if await dispatch.list_pools(tx, questionnaire=FORM_ID):
                return
        days = tuple(WeeklySlot(day, time(0), time(23, 59), ZONE) for day in range(7))
        pool = await dispatch.create_pool(
            name=POOL,
            questionnaire=FORM_ID,
            coordinator_id=ASKING,
            hours=Availability(weekly=days, territory=None),
            zone=ZONE,
            answer_within=timedelta(days=7),
            accept_within=timedelta(days=1),
            answer_time=timedelta(minutes=5),
        )
        await dispatch.put_member(pool.id, ANSWERING, Terms())

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(SWEEP, self._run)

    async def start(self) -> None:
        """Plan the next sweep."""
        parts = self._parts
        async with parts.db.transaction() as tx:
            await schedule(tx, SWEEP, "all", parts.clock.now() + SWEEP_EVERY, random_bytes=parts.random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.forget()
        await self.start()

    async def forget(self) -> int:
        """Delete what probes asked and is over; how many requests.  One that a probe left open is taken back first."""
        parts, forgotten = self._parts, 0
        before = parts.clock.now() - KEPT
        while True:
            async with parts.db.snapshot() as tx:
                found = await store.list_over(tx, ASKING, before, SLICE)
            for request_id, is_open in found:
                if is_open:
                    await self._requests.revoke(request_id, ASKING)
                await parts.vault.destroy(request_id)
                async with parts.db.transaction() as tx:
                    await store.delete_whole(tx, request_id)
            forgotten += len(found)
            if len(found) < SLICE:
                return forgotten
