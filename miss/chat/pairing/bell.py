"""Waiting for something to be left in a slot: woken at once in this process, by a look at the database elsewhere."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from miss.base.clock import monotonic_s

LOOK_EVERY_S = 0.25
"""Another process may have answered."""

T = TypeVar("T")


class Bell:
    """Rung when a slot changes."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, set[asyncio.Event]] = {}
        self._closed = False

    def ring(self, slot: bytes) -> None:
        """Have everybody who waits at `slot` in this process look again."""
        for event in self._waiting.get(slot, ()):
            event.set()

    def close(self) -> None:
        """End every wait: the server stops."""
        self._closed = True
        for slot in self._waiting:
            self.ring(slot)

    async def wait(self, slot: bytes, look: Callable[[], Awaitable[T | None]], wait_s: float) -> T | None:
        """What `look` finds, now or within `wait_s`; None if nothing came."""
        ends_s = monotonic_s() + wait_s
        event = asyncio.Event()
        self._waiting.setdefault(slot, set()).add(event)
        try:
            while True:
                event.clear()
                found = await look()
                left_s = ends_s - monotonic_s()
                if found is not None or left_s <= 0 or self._closed:
                    return found
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), min(LOOK_EVERY_S, left_s))
        finally:
            self._waiting[slot].discard(event)
            if not self._waiting[slot]:
                del self._waiting[slot]
