"""Tell people who look at a list that a request in it has moved: its number and a version, never what it says.

Every change of a request leaves a fact.  While somebody listens, one task per process looks for new facts, whoever
wrote them, so that no part of the service has to remember to say anything, several processes need no courier, and the
cost does not grow with the listeners.  A missed word costs a reload: lists are always read from the database.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from miss.base.clock import Clock, monotonic_s
from miss.base.ids import PractitionerId, new_row_id
from miss.storage import Database
from teleexpertise.board import store
from teleexpertise.board.errors import TooManyListeners
from teleexpertise.board.store import Moved

log = structlog.get_logger("teleexpertise.live")

LATE = timedelta(seconds=60)
"""A fact is keyed by when its transaction began, on whichever machine: how much later it may still appear."""
MOST_FACTS = 1_000
MOST_WAITING = 50
"""Words kept for a listener who reads slowly; then the oldest go, since each one only says: look again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLimits:
    """How many may listen to this process, how often it looks, how long a stream lasts."""

    listeners: int = 500
    per_person: int = 6
    poll_s: float = 1.0
    heartbeat_s: float = 15.0
    """Proxies close a connection that says nothing, after a minute for most."""
    lasts_s: float = 300.0
    """Then the browser asks again, and has to be signed in still."""


class Live:
    """Who listens, and what they are told."""

    def __init__(self, db: Database, clock: Clock, limits: LiveLimits | None = None) -> None:
        self._db = db
        self._clock = clock
        self._limits = limits or LiveLimits()
        self._queues: dict[PractitionerId, set[asyncio.Queue[Moved | None]]] = defaultdict(set)
        self._seen: set[str] = set()
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return sum(len(queues) for queues in self._queues.values())

    async def version(self) -> str:
        """What changes whenever any request does: a page that was made at another version looks again."""
        async with self._db.snapshot() as tx:
            return await store.last_fact(tx)

    def require_room(self, person: PractitionerId) -> None:
        """Raises TooManyListeners."""
        held = len(self._queues.get(person, ()))
        if self._closed or self.listeners >= self._limits.listeners or held >= self._limits.per_person:
            raise TooManyListeners(retry_after_s=60)

    async def stream(self, person: PractitionerId) -> AsyncIterator[bytes]:
        """Server-sent events (HTML §9.2) until `lasts_s` are over or the house closes.  Raises TooManyListeners."""
        ends_s = monotonic_s() + self._limits.lasts_s
        with self._seat(person) as queue:
            yield event("hello", await self.version())
            while (left_s := ends_s - monotonic_s()) > 0:
                try:
                    async with asyncio.timeout(min(self._limits.heartbeat_s, left_s)):
                        moved = await queue.get()
                except TimeoutError:
                    yield b": \n\n"
                    continue
                if moved is None:
                    return
                yield event("moved", moved.fact_id, moved.number)

    def close(self) -> None:
        """End every stream: the doors close."""
        self._closed = True
        for queues in self._queues.values():
            for queue in queues:
                _put(queue, None)

    @contextlib.contextmanager
    def _seat(self, person: PractitionerId) -> "Iterator[asyncio.Queue[Moved | None]]":
        self.require_room(person)
        queue: asyncio.Queue[Moved | None] = asyncio.Queue(MOST_WAITING)
        self._queues[person].add(queue)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="teleexpertise.live")
        try:
            yield queue
        finally:
            self._queues[person].discard(queue)
            if not self._queues[person]:
                del self._queues[person]
            if not self._queues and self._watching is not None:
                self._watching.cancel()
                self._watching = None

    async def _watch(self) -> None:
        # What is a minute old is said once more: better than a fact lost between a page and its stream.
        self._seen = set()
        while True:
            await asyncio.sleep(self._limits.poll_s)
            try:
                await self._tell()
            except Exception as error:
                # A database that is away comes back; lists are reloaded by hand meanwhile.
                log.warning("live.unreadable", reason=type(error).__name__)

    async def _look(self) -> "list[Moved]":
        after = new_row_id(self._clock.now() - LATE, bytes)
        async with self._db.snapshot() as tx:
            return list(await store.list_moved(tx, after, limit=MOST_FACTS))

    async def _tell(self) -> None:
        found = await self._look()
        for moved in found:
            if moved.fact_id not in self._seen:
                for person in moved.people & self._queues.keys():
                    for queue in self._queues[person]:
                        _put(queue, moved)
        self._seen = {moved.fact_id for moved in found}


def event(kind: str, version: str, number: str = "") -> bytes:
    """One event: what kind, which request, which version."""
    data = json.dumps({"request": number, "version": version} if number else {"version": version})
    return f"id: {version}\nevent: {kind}\ndata: {data}\n\n".encode()


def _put(queue: "asyncio.Queue[Moved | None]", moved: Moved | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(moved)
