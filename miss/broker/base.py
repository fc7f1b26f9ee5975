"""What a broker promises, and what it does not."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from miss.broker.counts import Counts

Handler = Callable[[bytes], Awaitable[None]]
"""Receives one published payload.  It must be quick: the next payload of the process waits for it."""


class Broker(Protocol):
    """Carries opaque payloads to every process that listens to a channel, the publisher's own included.

    At most once: a payload may be lost (a connection that breaks, a broker that restarts), it is never repeated.
    Payloads of one publisher on one channel arrive in order; between publishers there is no order.  Callers publish
    after their commit and build nothing on arrival: losing everything costs latency only.
    """

    @property
    def counts(self) -> Counts:
        """What these processes count together."""
        ...

    async def start(self) -> None:
        """Connect and begin to receive; returns even if the broker is away (it is retried in the background)."""
        ...

    async def publish(self, channel: str, payload: bytes) -> None:
        """Have it sent to all listeners of `channel`; returns at once, whatever the broker does.

        Never raises: a payload that cannot be sent is counted and dropped.
        """
        ...

    async def listen(self, channel: str, handler: Handler) -> None:
        """Have `handler` called for each payload of `channel` from now on."""
        ...

    async def close(self) -> None:
        """Stop receiving; later publications are dropped."""
        ...

    @property
    def connected(self) -> bool:
        """False while the broker is away."""
        ...

    @property
    def dropped(self) -> int:
        """How many publications were lost on this side since the start."""
        ...
