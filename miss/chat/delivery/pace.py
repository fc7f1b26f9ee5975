"""How many envelopes come in a second, lately: what decides whether a flush waits for company.

A commit costs the same whatever it holds.  When few envelopes come, waiting for others only delays them; when many
come, a flush that waits a moment spares several others.
"""

MEMORY_S = 0.1
"""What came before is soon forgotten."""


class Pace:
    """A running mean, on a monotonic clock in seconds."""

    def __init__(self, now_s: float) -> None:
        self.per_s = 0.0
        self._noted_at_s = now_s

    def note(self, envelopes: int, now_s: float) -> None:
        """So many have come since the last time."""
        elapsed_s = now_s - self._noted_at_s
        if elapsed_s > 0:
            self.per_s += (envelopes / elapsed_s - self.per_s) * min(1.0, elapsed_s / MEMORY_S)
            self._noted_at_s = now_s
