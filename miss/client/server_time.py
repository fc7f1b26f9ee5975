"""What time it is by the server: devices are often minutes off, and signed dates have to make sense to others."""

from datetime import datetime, timedelta
from typing import Final

from miss.base.clock import Clock, monotonic_s, to_ms

STEP_MS: Final = 10_000


class ServerTime:
    """The machine's clock, set by what the server last said of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.skew_ms = 0
        """How far the server is ahead; a person whose clock is wrong may be told."""
        self._noted: tuple[int, float] | None = None

    def note(self, server_ts_ms: int) -> None:
        """The server has just said that it is `server_ts_ms` (milliseconds since 1970)."""
        self.skew_ms = server_ts_ms - to_ms(self._clock.now())
        self._noted = server_ts_ms, monotonic_s()

    def now(self) -> datetime:
        """The instant it is by the server, aware, in UTC."""
        return self._clock.now() + timedelta(milliseconds=self.skew_ms)

    def now_ms(self) -> int:
        """The same in milliseconds since 1970."""
        return to_ms(self.now())

    def certain_ms(self) -> int:
        """The instant it is at least: a clock that somebody sets forward while this runs makes nothing old."""
        return self.now_ms() - max(0, self._step_ms())

    def has_stepped(self) -> bool:
        """True if the machine's clock was set since the server told the time, or the machine slept: only the server
        can tell which.  Asleep, the monotonic clock stands still on most systems."""
        return abs(self._step_ms()) > STEP_MS

    def _step_ms(self) -> int:
        """By how much the machine's clock ran ahead of its monotonic one meanwhile."""
        if self._noted is None:
            return 0
        server_ts_ms, noted_s = self._noted
        return self.now_ms() - server_ts_ms - round((monotonic_s() - noted_s) * 1000)
