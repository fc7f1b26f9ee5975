"""What the session asks of a server it measures."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.load.spec import Protocol as Wire
from bench.rows import Mode
from bench.scale import Scale


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer may put files, and the core its processes run on."""

    folder: Path
    core: int
    seeds: Path
    """Kept from one session to the next: worlds that take minutes to make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running server, and how the load reaches it."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]
    world: str = ""
    domain: str = ""
    rooms_domain: str = ""


class Peer(Protocol):
    """One server in one configuration."""

    name: str
    wire: Wire
    modes: frozenset[Mode]
    """Those it can be measured in."""
    durability: str
    markers_every_s: float

    def versions(self) -> Mapping[str, str]:
        """Name and version of each program of the server."""
        ...

    def prepare(self, scale: Scale, modes: tuple[Mode, ...]) -> None:
        """Make accounts and conversations for these modes.  Raises NotStarted if something is not installed."""
        ...

    def serving(self, mode: Mode) -> AbstractContextManager[Served]:
        """A fresh server on fresh data until the block ends."""
        ...
