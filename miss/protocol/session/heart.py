"""Whether the peer is still there: a ping now and then, and silence that has lasted too long.  protocol §7"""

from miss.protocol.session.limits import SessionLimits


class Heart:
    """Times of the last frame heard and the last ping sent, on a monotonic clock in seconds."""

    def __init__(self, limits: SessionLimits, now_s: float) -> None:
        self._limits = limits
        self._heard_at_s = now_s
        self._pinged_at_s = now_s

    def heard(self, now_s: float) -> None:
        """A frame came in: any frame is a sign of life."""
        self._heard_at_s = now_s

    def is_dead(self, now_s: float) -> bool:
        """True if nothing was heard for `dead_after_s`."""
        return now_s - self._heard_at_s >= self._limits.dead_after_s

    def take_ping(self, now_s: float) -> bool:
        """True if a ping is due; the next one is then due `ping_every_s` later."""
        if now_s - self._pinged_at_s < self._limits.ping_every_s:
            return False
        self._pinged_at_s = now_s
        return True

    def due_at_s(self, pings: bool) -> float:
        """When to look again; `pings`: whether this side pings yet."""
        dead_at_s = self._heard_at_s + self._limits.dead_after_s
        return min(dead_at_s, self._pinged_at_s + self._limits.ping_every_s) if pings else dead_at_s
