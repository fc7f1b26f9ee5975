"""What waits for a technician: each room that makes people wait says here where, and how many."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from miss.base.text import Text


@dataclass(frozen=True, slots=True)
class Queue:
    """One line of the console's home."""

    path: str
    """The page where they are worked on."""
    label: Text
    count: Callable[[], Awaitable[int]]
    """How many wait now; asked at every visit, so it must be cheap."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue, counted."""

    queue: Queue
    count: int


class Queues:
    """Every queue of this installation, in the order in which the rooms moved in."""

    def __init__(self) -> None:
        self._all: list[Queue] = []

    def add(self, queue: Queue) -> None:
        """Show `queue` after those that are there."""
        self._all.append(queue)

    async def list_(self) -> Sequence[Waiting]:
        """Each queue with its count."""
        return [Waiting(queue, await queue.count()) for queue in self._all]
