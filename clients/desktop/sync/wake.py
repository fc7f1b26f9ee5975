"""Notices that the machine has slept.

Asleep, a machine counts no time on most systems, and its sockets look open when it wakes: without this, a message
that came meanwhile would be shown a heartbeat later, or a minute.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from miss.base.clock import Clock

LOOK_S: Final = 5.0
SLEPT: Final = timedelta(seconds=15)
"""More than this between two looks: the machine slept, or its clock was set; either is worth a new connection."""


class Wake:
    """Looks at the clock every few seconds."""

    def __init__(self, clock: Clock, woken: Callable[[], Awaitable[None]]) -> None:
        """`woken`: called once for each sleep."""
        self._clock = clock
        self._woken = woken

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            before = self._clock.now()
            await asyncio.sleep(LOOK_S)
            if self._clock.now() - before > SLEPT + timedelta(seconds=LOOK_S):
                await self._woken()
