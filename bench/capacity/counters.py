"""What a running installation has spent and done so far: CPU by role, the chat's own metrics, PostgreSQL's log."""

import asyncio
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

import asyncpg

from bench.capacity.costs import Window
from bench.machine import cpu_s, memory_kb

FLUSHES, STORED, FLUSH_S = (
    "miss_chat_batch_envelopes_count",
    "miss_chat_batch_envelopes_sum",
    "miss_chat_flush_seconds_sum",
)
_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Whose counters."""

    ports: tuple[int, ...]
    server_pids: tuple[int, ...]
    database_pid: int
    broker_pid: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the load counts itself."""

    accepted: int
    delivered: int
    acts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """One moment."""

    at_s: float
    server_s: float
    database_s: float
    broker_s: float
    metrics: dict[str, float]
    done: Done


async def read_wal(database: asyncpg.Connection) -> float:
    """Bytes that the cluster's log has grown to since it was made."""
    return float(await database.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))


async def read_counters(roles: Roles, done: Done) -> Counters:
    """Everything now."""
    metrics = await asyncio.to_thread(read_metrics, roles.ports)
    return Counters(
        at_s=perf_counter(),
        server_s=cpu_s(roles.server_pids),
        database_s=cpu_s([roles.database_pid]),
        broker_s=cpu_s([roles.broker_pid]) if roles.broker_pid else 0.0,
        metrics=metrics,
        done=done,
    )


def server_kb(roles: Roles) -> float:
    """Memory of MiSS."""
    return memory_kb(roles.server_pids)


def read_metrics(ports: tuple[int, ...]) -> dict[str, float]:
    """The chat's counters, summed over the processes."""
    texts = []
    for port in ports:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=_TIMEOUT_S) as answer:
            texts.append(answer.read().decode())
    return sum_metrics(texts)


def sum_metrics(texts: Iterable[str]) -> dict[str, float]:
    """The same, from what `/metrics` of each process said."""
    total = dict.fromkeys((FLUSHES, STORED, FLUSH_S), 0.0)
    for text in texts:
        for line in text.splitlines():
            name, _, value = line.rpartition(" ")
            if name in total:
                total[name] += float(value)
    return total


def window_between(first: Counters, last: Counters, wal_bytes: float, server_kb: float) -> Window:
    """What happened from one moment to another, while the log grew by `wal_bytes`; memory at the end."""
    return Window(
        seconds=last.at_s - first.at_s,
        server_cpu_s=last.server_s - first.server_s,
        database_cpu_s=last.database_s - first.database_s,
        broker_cpu_s=last.broker_s - first.broker_s,
        flushes=last.metrics[FLUSHES] - first.metrics[FLUSHES],
        flush_s=last.metrics[FLUSH_S] - first.metrics[FLUSH_S],
        messages=last.metrics[STORED] - first.metrics[STORED],
        deliveries=last.done.delivered - first.done.delivered,
        acts=last.done.acts - first.done.acts,
        wal_bytes=wal_bytes,
        server_kb=server_kb,
    )
