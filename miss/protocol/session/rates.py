"""Token buckets: how often a frame of one kind may come.  protocol §7"""

from miss.protocol.session.limits import Rate


class TokenBucket:
    """Holds up to `rate.burst` tokens, refilled at `rate.per_s` a second."""

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._filled_at_s = now_s

    def take(self, now_s: float) -> float:
        """Take one token and return 0; if there is none, return in how many seconds there will be."""
        elapsed_s = max(0.0, now_s - self._filled_at_s)
        self._tokens = min(self._rate.burst, self._tokens + elapsed_s * self._rate.per_s)
        self._filled_at_s = now_s
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate.per_s
