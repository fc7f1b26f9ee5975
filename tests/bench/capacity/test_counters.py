"""Counters are those of the chat, by their real names."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bench.capacity.counters import FLUSH_S, FLUSHES, STORED, Counters, Done, sum_metrics, window_between
from miss.chat.metrics import ChatMetrics


def served(*batches: int) -> str:
    registry = CollectorRegistry()
    metrics = ChatMetrics(registry)
    for batch in batches:
        metrics.flushed(batch, 0.25)
    return generate_latest(registry).decode()


def test_the_processes_add_up() -> None:
    assert sum_metrics([served(1, 10), served(5)]) == {FLUSHES: 3.0, STORED: 16.0, FLUSH_S: 0.75}


def test_a_window_is_what_happened_between() -> None:
    def at(second: float, *batches: int) -> Counters:
        metrics = sum_metrics([served(*batches)])
        done = Done(accepted=0, delivered=9 * sum(batches), acts=len(batches))
        return Counters(at_s=second, server_s=second, database_s=2.0, broker_s=0.0, metrics=metrics, done=done)

    window = window_between(at(1.0, 7), at(3.0, 7, 4, 4), wal_bytes=100.0, server_kb=5.0)
    assert (window.seconds, window.flushes, window.messages, window.deliveries) == (2.0, 2.0, 8.0, 72.0)
    assert (window.server_cpu_s, window.database_cpu_s, window.acts) == (2.0, 0.0, 2.0)
    assert window.flush_s == pytest.approx(0.5)
