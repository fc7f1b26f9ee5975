"""Time as an argument.

Nothing in MiSS reads the machine's clock by itself: a `Clock` is handed in by the composition root
(`miss.server.app`), so that tests and the demonstration can move time without waiting for it.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the time of day comes from."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that runs at the machine's pace from a chosen start and can be moved forward.

    Used by the demonstration and the tests; it never goes back, as deadlines and logs rely on that.
    """

    def __init__(self, start: datetime) -> None:
        """`start`: aware instant at which this clock begins.  Raises ValueError for a naive one."""
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._offset = start.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        """Move forward.  Raises ValueError if `by` is negative."""
        if by < timedelta(0):
            raise ValueError("a clock does not go back")
        self._offset += by

    def advance_to(self, instant: datetime) -> None:
        """Move forward to `instant` (aware).  Does nothing if that instant has passed."""
        self._offset += max(instant - self.now(), timedelta(0))

    def release(self) -> None:
        """Follow the machine's clock from now on.  Does nothing if this clock is ahead of it."""
        self._offset = max(self._offset, timedelta(0))


def to_ms(instant: datetime) -> int:
    """Milliseconds since the Unix epoch: how an instant travels in frames and signed objects."""
    return round(instant.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The aware UTC instant of `ms` milliseconds since the Unix epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def monotonic_s() -> float:
    """Seconds on a clock that never jumps: for intervals inside one process only."""
    return time.monotonic()
