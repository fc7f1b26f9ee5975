"""Who puts something into an establishment's archive: the house, and each service that keeps something of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from miss.directory.establishments.model import Establishment
from miss.server.reversibility.archive import File


@dataclass(frozen=True, slots=True)
class Leaving:
    """What one room gives along."""

    files: Callable[[Establishment], AsyncIterator[File]]
    """One after the other, so that an establishment's whole past need not fit into memory."""


class Leavings:
    """Every room that has something to give along."""

    def __init__(self) -> None:
        self._all: list[Leaving] = []

    def add(self, leaving: Leaving) -> None:
        """After those that are there."""
        self._all.append(leaving)

    @property
    def all(self) -> Sequence[Leaving]:
        return self._all
