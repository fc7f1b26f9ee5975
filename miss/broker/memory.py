"""The broker of a single process: a queue and one task."""

import asyncio
from collections import defaultdict

import structlog

from miss.broker.base import Handler
from miss.broker.memory_counts import MemoryCounts

log = structlog.get_logger("miss.broker")

QUEUE_PAYLOADS = 10_000
"""Payloads that wait at most; past that new ones are dropped, as a broker away would."""


class MemoryBroker:
    """Delivers inside the process, asynchronously, in order."""

    def __init__(self) -> None:
        self.counts = MemoryCounts()
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(QUEUE_PAYLOADS)
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0

    @property
    def connected(self) -> bool:
        return self._task is not None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._deliver(), name="miss.broker.memory")

    async def publish(self, channel: str, payload: bytes) -> None:
        if self._task is None or self._queue.full():
            self.dropped += 1
        else:
            self._queue.put_nowait((channel, payload))

    async def listen(self, channel: str, handler: Handler) -> None:
        self._handlers[channel].append(handler)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.counts.close()

    async def _deliver(self) -> None:
        while True:
            channel, payload = await self._queue.get()
            for handler in tuple(self._handlers[channel]):
                try:
                    await handler(payload)
                except Exception:
                    log.exception("broker.handler_failed", channel=channel)
