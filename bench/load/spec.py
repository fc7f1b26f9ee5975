"""What the load is told, and what it tells back.  Values only."""

from enum import StrEnum

import msgspec

from bench.rows import Mode


class Protocol(StrEnum):
    """What the server speaks."""

    MISS = "miss"
    XMPP = "xmpp"
    FANOUT = "fanout"


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement."""

    protocol: Protocol
    mode: Mode
    ports: tuple[int, ...]
    """On the loopback; clients spread over them in turn."""
    server_pids: tuple[int, ...]
    """Roots of the measured process tree; empty: the server's CPU and memory are not measured."""
    users: int
    group: int
    world: str = ""
    """miss: path of the `bench.world.World` whose first `users` people connect."""
    domain: str = ""
    """xmpp: the servers' domain."""
    rooms_domain: str = ""
    payload_bytes: int = 300
    window: int = 2
    """saturated: messages each person has under way."""
    under_way: int = 64
    """sparse: messages under way in all."""
    offered_per_s: float = 0.0
    """rate."""
    warm_up_s: float = 3.0
    measure_s: float = 10.0
    drain_s: float = 10.0
    """Time for the last messages to arrive, once nothing is sent any more."""
    missed: int = 1000
    """catchup."""
    repeats: int = 30
    """catchup, list: how often."""
    at_once: int = 16
    """connect: logins under way; everywhere: connections opened side by side."""
    markers_every_s: float = 0.0
    """miss: each device says this often how far it has received, as MiSS's client does every second; 0: never."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What came out."""

    measured_s: float = 0.0
    accepted: int = 0
    deliveries: int = 0
    server_cpu_s: float = 0.0
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    samples: int = 0
    kb_per_connection: float | None = None
    load_cpu_share: float = 0.0
    """How much of its core the load itself used: near 1, the load was the bottleneck."""
    problems: tuple[str, ...] = ()
    """What makes the figures doubtful; empty in a good run."""
