"""The model beside reality: what it foretells of the bench's own measurements, none of which it was made from.  Pure.

The bench runs everything on one core, so a flush lasts as long as the CPU of server and database and the disk's
answer together.  Closed loops settle at half of what is under way: while one half is stored, the other comes in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bench.capacity.flusher import Served, evenly, serve
from bench.capacity.units import Units, work_of
from bench.figures import medians
from bench.rows import Mode, Row

PEER = "miss"
SIMULATED = 5_000
WINDOW, UNDER_WAY = 2, 64
"""As `bench.load.spec`."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure, foretold and measured."""

    what: str
    unit: str
    foretold: float
    measured: float

    @property
    def factor(self) -> float:
        """How many times too much (or, under 1, too little) the model says."""
        return self.foretold / self.measured

    @property
    def off(self) -> float:
        """The same in either direction: at least 1."""
        return max(self.factor, 1 / self.factor)


def compare(units: Units, rows: Sequence[Row]) -> list[Check]:
    """Every figure of the bench that the model has an opinion on."""
    checks: list[Check] = []
    for (peer, mode, rate), row in medians(rows).items():
        if peer != PEER or row.server_cpu_s_per_1000_deliveries is None or not row.group:
            continue
        if mode == Mode.RATE:
            checks += _at_rate(units, row, rate)
        elif mode in (Mode.SATURATED, Mode.SPARSE):
            batch = (WINDOW * row.users if mode == Mode.SATURATED else UNDER_WAY) / 2
            checks.append(_cpu(f"CPU {mode}", units, batch, row, row.accepted_per_s or 1.0))
    return checks


def _at_rate(units: Units, row: Row, per_s: float) -> list[Check]:
    """CPU and times; nothing of a server that fell behind."""
    if row.p50_ms is None or row.p99_ms is None:
        return []
    served = serve_evenly(units, per_s, row.group, row.users)
    what = f"at {per_s:,.0f}/s"
    # Half of the messages wait for half a flush and their own, so the batches of the real server can be told from p50.
    real_batch = max(per_s * row.p50_ms / 1000 / 1.5, 1.0)
    return [
        _cpu(f"CPU {what}", units, served.batch, row, per_s),
        _cpu(f"CPU {what}, batches as p50 tells them", units, real_batch, row, per_s),
        Check(f"p50 {what}", "ms", served.ms(50), row.p50_ms),
        Check(f"p99 {what}", "ms", served.ms(99), row.p99_ms),
    ]


def _cpu(what: str, units: Units, batch: float, row: Row, per_s: float) -> Check:
    measured = row.server_cpu_s_per_1000_deliveries or 0.0
    return Check(what, "s per 1,000 deliveries", cpu_of(units, batch, row, per_s), measured)


def cpu_of(units: Units, batch: float, row: Row, per_s: float) -> float:
    """CPU seconds of server and database for 1,000 deliveries in flushes of that size."""
    messages = 1000 / (row.group - 1)
    work = work_of(messages, messages / batch, row.group, row.users // row.group)
    return units.server_s(work) + units.database_s(work) + units.idle_s * messages / per_s


def serve_evenly(units: Units, per_s: float, group: int, users: int) -> Served:
    """The flusher of the bench's server, when messages come at a rate."""
    random = Random(1)

    def service(batch: int) -> float:
        work = work_of(batch, 1, group, users // group)
        return units.server_s(work) + units.database_s(work) + units.fdatasync_s(random.random())

    return serve(evenly(per_s, SIMULATED), service)
