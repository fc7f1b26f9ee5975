"""One process's flusher as a queue: whatever waits is served together.  A discrete-event simulation.  Pure.

Messages arrive; when the flusher is free it takes all that wait (at most `MAX_BATCH`), is busy for as long as that
batch takes, and only then looks again (ADR 4); while many come in a second it first waits a moment for company, by the
server's own rule (`miss.chat.delivery.pace`).  A message's time runs from its arrival to the end of its batch, when it
is durable, acknowledged and written to the others' sockets.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from bench.figures import percentile
from miss.chat.delivery.pace import Pace
from miss.chat.delivery.service import COMPANY, MAX_BATCH
from miss.chat.limits import ChatLimits

Service = Callable[[int], float]
"""Seconds that a batch of so many takes."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a run showed."""

    messages: int
    flushes: int
    seconds: float
    busy_s: float
    times_s: tuple[float, ...]
    """Of each message, ascending."""

    @property
    def batch(self) -> float:
        """Mean size."""
        return self.messages / self.flushes

    @property
    def utilisation(self) -> float:
        return self.busy_s / self.seconds

    def ms(self, percent: float) -> float:
        """A percentile of the times."""
        return 1000 * (percentile(self.times_s, percent) or 0.0)


def serve(arrivals: Iterable[float], service: Service) -> Served:
    """Let these messages (times in seconds, ascending; at least one) pass through one flusher."""
    coming = _Coming(iter(arrivals))
    waiting: list[float] = []
    times: list[float] = []
    first_s = coming.next_s or 0.0
    free_s = busy_s = 0.0
    flushes = 0
    limits, pace = ChatLimits(), Pace(first_s)
    while waiting or coming.next_s is not None:
        if not waiting and coming.next_s is not None:
            free_s = max(free_s, coming.next_s)
        waiting += coming.until(free_s)
        if pace.per_s > limits.gather_above_per_s and len(waiting) < COMPANY:
            free_s += limits.gather_s
            waiting += coming.until(free_s)
        batch, waiting = waiting[:MAX_BATCH], waiting[MAX_BATCH:]
        pace.note(len(batch), free_s)
        taken_s = service(len(batch))
        free_s += taken_s
        busy_s += taken_s
        flushes += 1
        times += [free_s - arrived_s for arrived_s in batch]
    return Served(len(times), flushes, max(free_s - first_s, 1e-9), busy_s, tuple(sorted(times)))


class _Coming:
    """Messages that have not arrived yet."""

    def __init__(self, arrivals: Iterator[float]) -> None:
        self._arrivals = arrivals
        self.next_s = next(arrivals, None)
        """None: nobody writes any more."""

    def until(self, now_s: float) -> Iterator[float]:
        """Those that have arrived by then."""
        while self.next_s is not None and self.next_s <= now_s:
            yield self.next_s
            self.next_s = next(self._arrivals, None)


def evenly(per_s: float, count: int) -> Iterator[float]:
    """One message every 1/rate s, as the bench's load sends them."""
    return (number / per_s for number in range(count))


def at_random(per_s: float, count: int, random: Random) -> Iterator[float]:
    """As many people who know nothing of each other send them: a Poisson process."""
    now_s = 0.0
    for _ in range(count):
        now_s += random.expovariate(per_s)
        yield now_s
