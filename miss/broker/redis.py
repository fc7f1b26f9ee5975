"""The broker of several processes: Redis (or Valkey) publish/subscribe.

No payload is stored in Redis, only counts (`redis_counts`).  Whoever publishes waits for nothing: one task sends what
waits, and drops it if the broker does not take it within `ANSWER_TIMEOUT_S`.  A broker that is away, or that has fallen
silent without closing its connections, is taken up again with a bounded, growing wait.
"""

import asyncio
import contextlib
from collections import defaultdict
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from miss.broker.base import Handler
from miss.broker.redis_counts import RedisCounts

log = structlog.get_logger("miss.broker")

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0
ANSWER_TIMEOUT_S = 2.0
SILENCE_S = 5.0
"""After so long without a payload the broker is asked whether it is still there."""
QUEUE_BYTES = 16 << 20
"""Payloads that wait to be sent, at most; past that new ones are dropped."""


class RedisBroker:
    """One connection publishes, one listens."""

    def __init__(self, url: str) -> None:
        """`url`: `redis://host:port/0`, or `unix:///path/to/socket`."""
        # The library would send a command again after an error, ten times over: a payload is never repeated.
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=ANSWER_TIMEOUT_S,
            socket_timeout=ANSWER_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self.counts = RedisCounts(url)
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._waiting: list[tuple[str, bytes]] = []
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._receiver: asyncio.Task[None] | None = None
        self._pubsub: PubSub | None = None
        self._settled = asyncio.Event()
        self.connected = False
        self.dropped = 0

    async def start(self) -> None:
        self._sender = asyncio.create_task(self._send(), name="miss.broker.redis.send")
        self._receiver = asyncio.create_task(self._receive(), name="miss.broker.redis.receive")
        await self._settled.wait()

    async def publish(self, channel: str, payload: bytes) -> None:
        if self._sender is None or self._waiting_bytes + len(payload) > QUEUE_BYTES:
            self.dropped += 1
            return
        self._waiting.append((channel, payload))
        self._waiting_bytes += len(payload)
        self._wake.set()

    async def listen(self, channel: str, handler: Handler) -> None:
        self._handlers[channel].append(handler)
        if self._pubsub is not None and self.connected:
            # A connection that breaks right here subscribes again to every channel when it comes back.
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.subscribe(channel)

    async def close(self) -> None:
        sender, self._sender = self._sender, None
        self._wake.set()
        if sender is not None:
            await sender  # what waits is sent, or dropped
        if self._receiver is not None:
            self._receiver.cancel()
            await asyncio.gather(self._receiver, return_exceptions=True)
            self._receiver = None
        self.connected = False
        await self.counts.close()
        await self._redis.aclose()

    async def _send(self) -> None:
        """In order, everything that waits in one go; until closed."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                sending, self._waiting, self._waiting_bytes = self._waiting, [], 0
                try:
                    async with self._redis.pipeline(transaction=False) as pipeline:
                        for channel, payload in sending:
                            pipeline.publish(channel, payload)
                        await pipeline.execute()
                except (RedisError, OSError):
                    self.dropped += len(sending)
            if self._sender is None:
                return

    async def _receive(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe("miss.alive", *self._handlers)
                    self._pubsub, self.connected, wait_s = pubsub, True, FIRST_WAIT_S
                    self._settled.set()
                    while True:
                        message = await _next(pubsub)
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


async def _next(pubsub: PubSub) -> dict[str, Any]:
    """What the broker says next.  Raises TimeoutError if it does not even say that it is there."""
    message = await pubsub.get_message(timeout=SILENCE_S)
    if message is None:
        await pubsub.ping()
        message = await pubsub.get_message(timeout=ANSWER_TIMEOUT_S)
    if message is None:
        raise TimeoutError
    found: dict[str, Any] = message
    return found
