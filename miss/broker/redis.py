"""The broker of several processes: Redis (or Valkey) publish/subscribe.

Nothing is stored in Redis.  While it is away, publications are dropped and counted, and the subscription is taken
up again with a bounded, growing wait.
"""

import asyncio
import contextlib
from collections import defaultdict

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from miss.broker.base import Handler

log = structlog.get_logger("miss.broker")

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0
CONNECT_TIMEOUT_S = 2.0


class RedisBroker:
    """One connection publishes, one listens."""

    def __init__(self, url: str) -> None:
        """`url`: `redis://host:port/0`, or `unix:///path/to/socket`."""
        self._redis = Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_S, health_check_interval=10)
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._task: asyncio.Task[None] | None = None
        self._pubsub: PubSub | None = None
        self._settled = asyncio.Event()
        self.connected = False
        self.dropped = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._receive(), name="miss.broker.redis")
        await self._settled.wait()

    async def publish(self, channel: str, payload: bytes) -> None:
        try:
            await self._redis.publish(channel, payload)
        except (RedisError, OSError):
            self.dropped += 1

    async def listen(self, channel: str, handler: Handler) -> None:
        self._handlers[channel].append(handler)
        if self._pubsub is not None and self.connected:
            # A connection that breaks right here subscribes again to every channel when it comes back.
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.subscribe(channel)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self.connected = False
        await self._redis.aclose()

    async def _receive(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe("miss.alive", *self._handlers)
                    self._pubsub, self.connected, wait_s = pubsub, True, FIRST_WAIT_S
                    self._settled.set()
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            await self._hand_over(message["channel"].decode(), message["data"])
            except (RedisError, OSError) as error:
                if self.connected:
                    log.warning("broker.away", error=type(error).__name__)
            self.connected, self._pubsub = False, None
            self._settled.set()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _hand_over(self, channel: str, payload: bytes) -> None:
        for handler in tuple(self._handlers[channel]):
            try:
                await handler(payload)
            except Exception:
                log.exception("broker.handler_failed", channel=channel)
