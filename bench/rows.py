"""What one measurement says: the row of the result file.  Values only.

A figure that a mode does not have, or that an overloaded server makes meaningless, is null, never 0.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Figure = Annotated[float, Meta(ge=0)] | None


class Mode(StrEnum):
    """What the load does.  Each is defined in docs/performance.md."""

    SATURATED = "saturated"
    """Every person always has messages under way: the most a server accepts."""
    SPARSE = "sparse"
    """Many groups, few messages under way: hardly two of them ever go to the same socket at once."""
    RATE = "rate"
    """A fixed offered rate; latency counts from the moment each message was meant to be sent."""
    CONNECT = "connect"
    """Logins, one after the other."""
    CATCHUP = "catchup"
    """1,000 missed messages, fetched after the login."""
    LIST = "list"
    """The list of an account with 5,000 conversations, from the TCP connect to the last line."""
    IDLE = "idle"
    """Memory of connections on which nothing happens."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One peer, one mode, one run."""

    peer: Annotated[str, Meta(min_length=1)]
    mode: Mode
    run: Annotated[int, Meta(ge=1)]
    users: Count
    """Connections held open (catchup, list, connect: people who took turns)."""
    group: Count
    """Members of each conversation; 0 where nobody is in one."""
    payload_bytes: Count
    """Text of a message before anything is added to it."""
    offered_per_s: Figure = None
    """Messages a second the load meant to send (rate only)."""
    accepted_per_s: Figure = None
    """Messages a second acknowledged as stored; connect: logins a second."""
    deliveries_per_s: Figure = None
    """Messages a second that reached another member's socket; the sender's own copy does not count."""
    server_cpu_s_per_1000_deliveries: Figure = None
    """User + system seconds of the server's whole process tree, database included; connect: per 1,000 logins."""
    p50_ms: Figure = None
    p99_ms: Figure = None
    p999_ms: Figure = None
    """saturated, sparse, rate: from the intended sending to the arrival at each other member; else of the act."""
    kb_per_connection: Figure = None
    """Memory (PSS) of the server's tree, in kB, that the connections added, by connection."""
    versions: dict[str, str]
    durability: Annotated[str, Meta(min_length=1)]
    """What the server does to the disk before it acknowledges."""


_rows = msgspec.json.Decoder(list[Row])


def write_rows(file: Path, rows: Sequence[Row]) -> None:
    """A JSON list, one row a line."""
    lines = ",\n".join(msgspec.json.encode(row).decode() for row in rows)
    file.write_text(f"[\n{lines}\n]\n")


def read_rows(file: Path) -> list[Row]:
    """What `write_rows` wrote.  Raises msgspec.ValidationError for anything else."""
    return _rows.decode(file.read_bytes())
