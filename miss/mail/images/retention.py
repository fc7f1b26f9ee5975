"""Images are destroyed in their time: keys first, so that no backup of database or blobs says anything either.

A day's look; what is past its time was shown to nobody meanwhile.
"""

from datetime import timedelta
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.mail.images import store
from miss.mail.images.album import Album
from miss.mail.images.model import KEPT_FOR
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, schedule

KIND: Final = "mail.images"
KEY: Final = "all"
LOOK_EVERY: Final = timedelta(days=1)
SLICE: Final = 100

log = structlog.get_logger("miss.mail.images")


class ImageRetention:
    """Looks once a day for sendings that are over."""

    def __init__(self, db: Database, album: Album, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._album = album
        self._clock = clock
        self._random_bytes = random_bytes

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(KIND, self._run)

    async def start(self) -> None:
        """Plan the next look."""
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + LOOK_EVERY
            await schedule(tx, KIND, KEY, due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.destroy_past()
        await self.start()

    async def destroy_past(self) -> int:
        """Destroy what has had its time, and forget the traces that have had theirs; how many were destroyed."""
        now, destroyed = self._clock.now(), 0
        while True:
            async with self._db.snapshot() as tx:
                past = await store.list_to_destroy(tx, now, SLICE)
            for sending_id in past:
                await self.destroy(sending_id)
            destroyed += len(past)
            if len(past) < SLICE:
                break
        async with self._db.transaction() as tx:
            await store.delete_past(tx, now - KEPT_FOR)
        if destroyed:
            log.info("mail.images_destroyed", count=destroyed)
        return destroyed

    async def destroy(self, sending_id: str) -> None:
        """The content of one sending, at once; after a crash half-way the day's look does it again."""
        await self._album.destroy(sending_id)
        async with self._db.transaction() as tx:
            await store.blank(tx, sending_id, self._clock.now())
