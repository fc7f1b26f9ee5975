"""What time it is by the server: devices are often minutes off, and signed dates have to make sense to others."""

from datetime import datetime, timedelta

from miss.base.clock import Clock, to_ms


class ServerTime:
    """The machine's clock, set by what the server last said of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.skew_ms = 0
        """How far the server is ahead; a person whose clock is wrong may be told."""

    def note(self, server_ts_ms: int) -> None:
        """The server has just said that it is `server_ts_ms` (milliseconds since 1970)."""
        self.skew_ms = server_ts_ms - to_ms(self._clock.now())

    def now(self) -> datetime:
        """The instant it is by the server, aware, in UTC."""
        return self._clock.now() + timedelta(milliseconds=self.skew_ms)

    def now_ms(self) -> int:
        """The same in milliseconds since 1970."""
        return to_ms(self.now())
