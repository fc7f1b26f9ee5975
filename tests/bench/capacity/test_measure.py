"""The measuring itself, small: a real PostgreSQL, a real Valkey, real servers."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.capacity.costs import Costs
from bench.capacity.disk import Bulk
from bench.capacity.installation import Lab
from bench.capacity.measure import TASKS, Extent, Task, measure

TINY = Extent(
    people=10,
    warm_up_s=0.2,
    measure_s=0.5,
    publications=60,
    bulk=Bulk(messages=2_000, conversations=200, deposits=20),
    fsyncs=20,
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL can enter, which runs as somebody else if we are root."""
    with TemporaryDirectory(prefix="miss-costs-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.long
def test_everything_is_measured_once(place: Path) -> None:
    last_core = len(os.sched_getaffinity(0)) - 1
    tasks = (Task(name="8 under way", under_way=8),)
    costs = measure(Lab(place, place / "seeds", 0), place, last_core, tasks, TINY)
    (told,) = costs.points
    assert told.window.messages >= told.window.flushes > 0
    assert told.window.deliveries >= 8 * told.window.messages
    assert told.window.wal_bytes / told.window.messages > 700
    assert told.window.server_cpu_s > 0 < told.window.server_kb
    assert costs.hearing.payload_bytes > 700
    assert 0 < costs.hearing.told_s < costs.hearing.known_s < costs.hearing.unknown_s
    disk = costs.disk
    assert {table.table: table.rows for table in disk.tables}["chat_message"] == 2_000
    assert 800 < disk.sqlite_message_bytes < 2_500
    assert disk.wal_cold_bytes > disk.wal_warm_bytes > 700
    assert disk.person_bytes > 1_000
    assert list(costs.fdatasync_ms) == sorted(costs.fdatasync_ms)


def test_the_recorded_costs_have_every_point(costs: Costs) -> None:
    assert [point.name for point in costs.points] == [task.name for task in TASKS]
