"""Sends wake-ups that are due, many at once: a push service that is slow holds up none of the others.

The subscription's row is the outbox (`tables.py`): written before anything is sent, leased while it is sent, settled
after.  Whoever dies in between has it sent again once the lease is over, which replaces the first (`Topic`).
"""

import asyncio
import contextlib

import structlog
from prometheus_client import Counter

from miss.base.clock import Clock
from miss.chat.push import store
from miss.chat.push.model import REPEAT_AFTER, Answer, Due, Outcome, next_try
from miss.chat.push.wire.gateway import Gateway
from miss.chat.push.wire.keys import PushKeys
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

log = structlog.get_logger("miss.push")

MAX_UNDER_WAY = 200
POLL_S = 10.0
"""Between two looks for what nobody here has asked for: repetitions, tries again, a process that died."""


class Wakeups:
    """The sender of this process."""

    def __init__(self, db: Database, clock: Clock, gateway: Gateway, keys: PushKeys, counter: Counter) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._keys = keys
        self._stir = asyncio.Event()
        self._noting, self._taking = asyncio.Lock(), asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()
        self._counter = counter

    def stir(self) -> None:
        """Something may be due."""
        self._stir.set()

    async def run_forever(self) -> None:
        """Send what is due, as it comes; a database that is away is waited for."""
        while True:
            self._stir.clear()
            wait_s = POLL_S
            try:
                if await self.begin_due():
                    continue
                wait_s = await self._sleep_s()
            except DatabaseUnreachable:
                log.warning("push.database_unreachable")
            except Exception:
                # The next round may succeed; without this task nobody would be woken any more.
                log.exception("push.round_failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stir.wait(), wait_s)

    async def begin_due(self) -> int:
        """Begin to send what is due now, as far as there is room; how many."""
        async with self._taking:
            room = MAX_UNDER_WAY - len(self._under_way)
            if room <= 0:
                return 0  # the next one that ends stirs
            async with self._db.transaction() as tx:
                taken = await store.take_due(tx, self._clock.now(), limit=room)
            for due in taken:
                task = asyncio.create_task(self._send(due), name="miss.push.send")
                self._under_way.add(task)
                task.add_done_callback(self._ended)
            return len(taken)

    async def settle(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._stir.set()

    async def send(self, due: Due) -> Answer:
        """Send one wake-up and count it.  A subscription that is over, or whose key is gone, is forgotten."""
        subscription = due.subscription
        key = self._keys.find(subscription.key)
        answer = Answer(Outcome.GONE) if key is None else await self._gateway.send(subscription, key)
        self._counter.labels(answer.outcome.value).inc()
        if answer.outcome is Outcome.GONE:
            async with self._noting, self._db.transaction() as tx:
                await store.delete_device(tx, subscription.did, endpoint=subscription.endpoint)
        return answer

    async def _send(self, due: Due) -> None:
        try:
            answer = await self.send(due)
            if answer.outcome is not Outcome.GONE:
                await self._note(due, answer)
        except DatabaseUnreachable:
            log.warning("push.database_unreachable")  # sent again once the lease is over
        except Exception as error:
            log.error("push.failed", reason=type(error).__name__, exc_info=True)

    async def _note(self, due: Due, answer: Answer) -> None:
        now = self._clock.now()
        # One after the other: a hundred answers at once would take every connection of the pool.
        async with self._noting, self._db.transaction() as tx:
            if answer.outcome is Outcome.ACCEPTED:
                again_at = None if due.is_repeat else now + REPEAT_AFTER
                await store.settle(tx, due, next_at=again_at, is_repeat=again_at is not None, sent_at=now)
            else:
                tries = due.tries + 1
                next_at = next_try(answer, tries, now)
                await store.settle(tx, due, next_at=next_at, is_repeat=due.is_repeat, tries=tries if next_at else 0)

    async def _sleep_s(self) -> float:
        async with self._db.snapshot() as tx:
            due_at = await store.next_due_at(tx, self._clock.now())
        if due_at is None:
            return POLL_S
        return min(max((due_at - self._clock.now()).total_seconds(), 0.2), POLL_S)
