"""Everybody comes back at once: after an outage, or after a process is lost.  Second by second.  Pure.

A client that cannot connect waits, with jitter, for growing pauses of up to a minute (protocol §7), so after an outage
of some minutes the first attempts spread over one.  A login that is not over within `PATIENCE_S` is given up, its
work wasted, and tried again within another minute.
"""

from collections import deque
from dataclasses import dataclass

PAUSE_S = 60
PATIENCE_S = 10
"""The server's own limit for `auth` (protocol §7), and about the client's."""
ABANDONED = 0.3
"""Share of a login's work that was done when it was given up: assumed."""
LONGEST_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Storm:
    """How it went."""

    back_s: float | None
    """Until 99 % are back; None: not within a day."""
    given_up: float
    """Attempts that were in vain, for each device."""


def weather(devices: float, logins_per_s: float) -> Storm:
    """So many devices come back to servers that manage so many logins a second beside their other work."""
    if devices <= 0:
        return Storm(0.0, 0.0)
    coming = deque([devices / PAUSE_S] * PAUSE_S)
    queue: deque[tuple[int, float]] = deque()
    back = wasted = 0.0
    for second in range(LONGEST_S):
        arriving = coming.popleft() if coming else 0.0
        if arriving:
            queue.append((second, arriving))
        capacity = logins_per_s
        while queue and queue[0][0] < second - PATIENCE_S:
            _, late = queue.popleft()
            wasted += late
            capacity -= min(ABANDONED * late, capacity / 2)
            _spread(coming, late)
        while queue and capacity > 0:
            began, count = queue.popleft()
            served = min(count, capacity)
            capacity -= served
            back += served
            if count > served:
                queue.appendleft((began, count - served))
        if back >= 0.99 * devices:
            return Storm(float(second + 1), wasted / devices)
    return Storm(None, wasted / devices)


def _spread(coming: deque[float], devices: float) -> None:
    """They try again at some moment of the next minute."""
    while len(coming) < PAUSE_S:
        coming.append(0.0)
    for second in range(PAUSE_S):
        coming[second] += devices / PAUSE_S
