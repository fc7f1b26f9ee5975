"""One process's flusher as a queue: whatever waits is served together.  A discrete-event simulation.  Pure.

Messages arrive; when the flusher is free it takes all that wait (at most `MAX_BATCH`), is busy for as long as that
batch takes, and only then looks again (ADR 4).  A message's time runs from its arrival to the end of its batch, when
it is durable, acknowledged and written to the others' sockets.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from bench.figures import percentile

MAX_BATCH = 500
"""As `miss.chat.delivery.service`."""
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
    coming = iter(arrivals)
    upcoming = next(coming, None)
    waiting: list[float] = []
    times: list[float] = []
    free_s = busy_s = 0.0
    first_s = upcoming or 0.0
    flushes = 0
    while waiting or upcoming is not None:
        if not waiting and upcoming is not None:
            free_s = max(free_s, upcoming)
        while upcoming is not None and upcoming <= free_s:
            waiting.append(upcoming)
            upcoming = next(coming, None)
        batch, waiting = waiting[:MAX_BATCH], waiting[MAX_BATCH:]
        taken_s = service(len(batch))
        free_s += taken_s
        busy_s += taken_s
        flushes += 1
        times += [free_s - arrived_s for arrived_s in batch]
    return Served(len(times), flushes, max(free_s - first_s, 1e-9), busy_s, tuple(sorted(times)))


def evenly(per_s: float, count: int) -> Iterator[float]:
    """One message every 1/rate s, as the bench's load sends them."""
    return (number / per_s for number in range(count))


def at_random(per_s: float, count: int, random: Random) -> Iterator[float]:
    """As many people who know nothing of each other send them: a Poisson process."""
    now_s = 0.0
    for _ in range(count):
        now_s += random.expovariate(per_s)
        yield now_s
