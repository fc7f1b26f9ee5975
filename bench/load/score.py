"""What is counted while the clients run: acceptances, deliveries, how long each took."""

from array import array
from collections import Counter
from collections.abc import Callable
from time import perf_counter

Next = Callable[[int, float], None]
"""Called with the user whose message was accepted, and the time."""


class Score:
    """One for all clients of a process.  Times are `perf_counter` seconds.

    A delivery is known by `key` (conversation and place in its log); it may arrive before the sender's ack says
    which message has that key, so both orders are joined here.
    """

    def __init__(self) -> None:
        self.accepted = 0
        self.delivered = 0
        self.sent = 0
        self.problems: Counter[str] = Counter()
        self.times_s = array("d")
        self.on_accept: Next | None = None
        self._placed: dict[bytes, list[float]] = {}
        self._early: dict[bytes, list[float]] = {}

    def begin(self) -> None:
        """Forget what was measured so far; what is under way stays under way."""
        self.times_s = array("d")

    def place(self, key: bytes, intended_s: float, readers: int) -> None:
        """The message meant to be sent at `intended_s` has this key, and `readers` timed clients receive it."""
        early = self._early.pop(key, ())
        for arrived_s in early:
            self.times_s.append(arrived_s - intended_s)
        if readers > len(early):
            self._placed[key] = [intended_s, readers - len(early)]

    def arrive(self, key: bytes, now_s: float) -> None:
        """A timed client has received the message with this key."""
        placed = self._placed.get(key)
        if placed is None:
            self._early.setdefault(key, []).append(now_s)
            return
        self.times_s.append(now_s - placed[0])
        placed[1] -= 1
        if not placed[1]:
            del self._placed[key]


def now_s() -> float:
    """The clock of every time here."""
    return perf_counter()
