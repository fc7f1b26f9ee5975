"""What `python3 run.py bench costs` measured: the file's shape.  Values only.

Counts are those of one window of `seconds`; CPU is user + system seconds of that window, by who used it.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

LOAD = "load"
"""In `Costs.machine`: how many processes wanted a core in the minute before, ours not yet among them."""
Figure = Annotated[float, Meta(ge=0)]


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened in one stretch of time on a running installation."""

    seconds: Annotated[float, Meta(gt=0)]
    server_cpu_s: Figure
    """All processes of MiSS together."""
    database_cpu_s: Figure
    broker_cpu_s: Figure = 0.0
    flushes: Figure = 0.0
    """Transactions that stored messages."""
    flush_s: Figure = 0.0
    """How long they took in all, by the clock."""
    messages: Figure = 0.0
    deliveries: Figure = 0.0
    """To other devices than the sender's."""
    acts: Figure = 0.0
    """Frames of `Point.act`, logins or HTTP requests, whichever the point is about."""
    wal_bytes: Figure = 0.0
    server_kb: Figure = 0.0
    """Memory (PSS) of MiSS at the end."""


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to use a server, and what it cost."""

    name: str
    group: int
    """Members of each conversation."""
    conversations: int
    processes: int = 1
    act: str = ""
    """What `Window.acts` counts; empty: messages alone."""
    window: Window


class TableSize(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table on PostgreSQL after a bulk of rows in random order of their keys."""

    table: str
    rows: int
    table_bytes: int
    index_bytes: int

    @property
    def bytes_per_row(self) -> float:
        return (self.table_bytes + self.index_bytes) / self.rows


class Disk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes on disk."""

    tables: tuple[TableSize, ...]
    person_bytes: Figure
    """Account, register entry, device, chain, links, boxes: all tables of a seeded world, by person (page rounding
    included)."""
    wal_cold_bytes: Figure
    """WAL of one message in a conversation that nobody touched since the last checkpoint: pages are logged whole."""
    wal_warm_bytes: Figure
    """The same once its pages have been logged."""
    sqlite_message_bytes: Figure


class Hearing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CPU seconds to hear one publication of one message that concerns nobody here."""

    known_s: Figure
    """Its members are remembered."""
    unknown_s: Figure
    """They are looked up: in the listening process."""
    unknown_database_s: Figure
    """They are looked up: in the database."""
    told_s: Figure
    """One marker instead of a message, among many in one publication."""
    broker_s: Figure
    """Of the broker's CPU, to hand one publication to one process."""
    payload_bytes: Figure


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of the command."""

    machine: dict[str, str]
    points: tuple[Point, ...]
    disk: Disk
    hearing: Hearing
    primitives_us: dict[str, Figure]
    """Microseconds of cryptographic operations and the like, median."""
    fdatasync_ms: tuple[Figure, ...]
    """Percentiles 0 … 100 of making 4 kB durable."""

    @property
    def is_quiet(self) -> bool:
        """True if nobody else used the machine: only then do times mean something, and the size of batches."""
        return float(self.machine[LOAD]) < 1.0

    def point(self, name: str) -> Point:
        """Raises KeyError."""
        for point in self.points:
            if point.name == name:
                return point
        raise KeyError(name)


_costs = msgspec.json.Decoder(Costs)


def write_costs(file: Path, costs: Costs) -> None:
    """As JSON, indented: people read it."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(costs), indent=1) + b"\n")


def read_costs(file: Path) -> Costs:
    """What `write_costs` wrote.  Raises msgspec.ValidationError for anything else."""
    return _costs.decode(file.read_bytes())
