"""The feed of changes: every six hours the own entries are compared with what was published of each (ADR 36).

Comparing finds every change whatever its cause (an import, a suspension, a new mailbox, the red list), and asks
nothing of the rooms where they happen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.exports.entries import PAGE, OwnEntries
from miss.directory.exports.errors import CursorUnknown
from miss.directory.exports.feed import store
from miss.directory.exports.feed.model import Change, ChangePage, Published, digest_of, kind_of
from miss.directory.exports.model import Card
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler
from miss.storage.jobs.store import schedule

log = structlog.get_logger("miss.directory")

FEED_JOB: Final = "directory.feed"
EVERY = timedelta(hours=6)
FIRST = timedelta(minutes=1)
MAX_CHANGES = 200
"""On one page."""

Digests = Mapping[str, bytes | None]


class ChangeFeed:
    """What changed in the own entries."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, entries: OwnEntries) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._entries = entries

    def job_handler(self) -> JobHandler:
        """For the job runner."""
        return JobHandler(FEED_JOB, self._run)

    async def start(self) -> None:
        """Plan the first comparison."""
        await self._plan(FIRST)

    async def _run(self, _job: Job) -> None:
        await self.refresh()
        await self._plan(EVERY)

    async def _plan(self, wait: timedelta) -> None:
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + wait
            await schedule(tx, FEED_JOB, "all", due_at, random_bytes=self._random_bytes)

    async def refresh(self) -> int:
        """Compare every own entry with what was published of it; how many differed.

        Interrupted, it has published what it had found; the next one finds the rest.
        """
        after, found = "", 0
        async for cards in self._entries.pages():
            if cards:
                through = cards[-1].id
                found += await self._compare(after, through, cards)
                after = through
        found += await self._compare(after, None, ())
        if found:
            log.info("directory.feed_refreshed", changes=found)
        return found

    async def _compare(self, after: str, through: str | None, cards: Sequence[Card]) -> int:
        digests = {card.id: digest_of(card) for card in cards}
        async with self._db.snapshot() as tx:
            known = await store.list_range(tx, after, through)
        news = {
            one: digests.get(one) for one in sorted({*known, *digests}) if _is_news(known.get(one), digests.get(one))
        }
        found = 0
        for some in _slices(news):
            found += await self._publish(some)
        return found

    async def _publish(self, digests: Digests) -> int:
        """Give the next places to those entries that are still news; None: the entry is gone."""
        async with self._db.transaction() as tx:
            sequence = await store.lock_head(tx)
            # Read behind the lock: another process may have published the same meanwhile.
            known = await store.get_many(tx, digests)
            news = [one for one, digest in digests.items() if _is_news(known.get(one), digest)]
            now = self._clock.now()
            places = enumerate(news, sequence + 1)
            await store.replace_many(
                tx, [_next(known.get(one), one, digests[one], place, now) for place, one in places]
            )
            await store.set_head(tx, sequence + len(news))
        return len(news)

    async def list_(self, since: int, limit: int = MAX_CHANGES) -> ChangePage:
        """The changes after `since`, each entry once; from 0 on, everything that is published.

        Raises CursorUnknown for a cursor that lies ahead of the feed: of another installation, or before a restore.
        """
        size = max(1, min(limit, MAX_CHANGES))
        while True:
            async with self._db.snapshot() as tx:
                if not 0 <= since <= await store.get_head(tx):
                    raise CursorUnknown
                rows = await store.list_since(tx, since, size + 1)
            page = rows[:size]
            cards = await self._entries.get_many([row.id for row in page if not row.is_gone])
            vanished = [row.id for row in page if not row.is_gone and row.id not in cards]
            if not vanished:
                break
            # Nobody is shown once they are gone; it is published first, as whoever comes back has to be news again.
            await self._publish(dict.fromkeys(vanished))
        changes = [Change(row.sequence, kind_of(row, since), row.id, row.changed_at, cards.get(row.id)) for row in page]
        return ChangePage(changes, changes[-1].cursor if changes else since, has_more=len(rows) > size)


def _slices(news: Digests) -> Iterator[Digests]:
    """`news`, some hundreds at a time."""
    items = iter(news.items())
    while some := dict(islice(items, PAGE)):
        yield some


def _is_news(was: Published | None, digest: bytes | None) -> bool:
    """True if an entry is not what was published of it; `digest` None: it is gone."""
    if was is None or was.is_gone:
        return digest is not None
    return was.digest != digest


def _next(was: Published | None, of: str, digest: bytes | None, sequence: int, now: datetime) -> Published:
    """What is published from now on; `digest` None: nothing, the entry is gone."""
    if was is None or was.is_gone:
        return Published(of, digest or b"", sequence, sequence, now, is_gone=False)
    if digest is None:
        return replace(was, sequence=sequence, changed_at=now, is_gone=True)
    return replace(was, digest=digest, sequence=sequence, changed_at=now)
