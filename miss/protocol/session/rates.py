"""Token buckets: how often a frame of one kind may come.  protocol §7"""

from miss.protocol.session.limits import Rate


class TokenBucket:
    """Holds up to `rate.burst` tokens, refilled at `rate.per_s` a second."""

    __slots__ = ("_filled_at_s", "_rate", "_tokens")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._filled_at_s = now_s

    def take(self, now_s: float) -> float:
        """Take one token and return 0; if there is none, return in how many seconds there will be."""
        self._fill(now_s)
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate.per_s

    def lower(self, tokens: float, now_s: float) -> None:
        """Hold no more than `tokens`, which may be less than none: others have taken from the same bucket."""
        self._fill(now_s)
        self._tokens = min(self._tokens, tokens)

    def _fill(self, now_s: float) -> None:
        elapsed_s = max(0.0, now_s - self._filled_at_s)
        self._tokens = min(self._rate.burst, self._tokens + elapsed_s * self._rate.per_s)
        self._filled_at_s = now_s
