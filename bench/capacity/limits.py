"""What breaks first: each limit of the installation that stands here, and how many accounts reach it.  Pure.

The installation is that of compose.yaml: one PostgreSQL with its defaults, one Valkey, one folder of blobs, any number
of processes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.capacity.demand import Hearing, Rates, rates_at
from bench.capacity.population import Population, peak_minute
from bench.capacity.sizing import BUSY, CORES, NETWORK_BYTES, WAL_BYTES, Model

CONNECTIONS, OF_A_PROCESS = 100, 20
"""PostgreSQL's default; `miss.storage.database`: ten, and ten more when they are all in use."""
TABLE_BYTES = 32 * 2**40
"""PostgreSQL's own limit of one table that is not partitioned, with pages of 8 kB."""
KEPT_YEARS = 2.0
"""`retention_days` is 730."""
FOLDER_BYTES = 100e12
"""Of one shared file system: assumed."""
FEWEST, MOST = 1_000, 10_000_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`share` says how much of it a population uses: 1 is all."""

    name: str
    remedy: str
    share: Callable[[Model, Population], float]


def _peak(model: Model, population: Population) -> Rates:
    return rates_at(peak_minute(), population, model.habits)


def _processes(model: Model, population: Population) -> int:
    """As many as there are, or would be if hearing cost nothing."""
    peak = _peak(model, population)
    found = model.processes(peak, Hearing.ALL) or model.processes(peak, Hearing.CONCERNED)
    return max(found or 1, 2)


def _hearing(model: Model, population: Population) -> float:
    peak = _peak(model, population)
    return model.need(peak, 10**6, Hearing.ALL).hearing / BUSY


def _connections(model: Model, population: Population) -> float:
    return _processes(model, population) * OF_A_PROCESS / CONNECTIONS


def _database(model: Model, population: Population) -> float:
    return model.need(_peak(model, population), _processes(model, population), Hearing.ALL).database / CORES


def _wal(model: Model, population: Population) -> float:
    return model.need(_peak(model, population), 2, Hearing.ALL).wal_bytes / WAL_BYTES


def _broker(model: Model, population: Population) -> float:
    return model.need(_peak(model, population), _processes(model, population), Hearing.ALL).broker / BUSY


def _network(model: Model, population: Population) -> float:
    asked = model.need(_peak(model, population), _processes(model, population), Hearing.ALL)
    return asked.broker_out_bytes / NETWORK_BYTES


def _table(model: Model, population: Population) -> float:
    rows = {table.table: table.table_bytes / table.rows for table in model.costs.disk.tables}
    a_year = population.accounts * model.habits.active * model.habits.messages * model.habits.working_days
    return KEPT_YEARS * a_year * rows["chat_message"] / TABLE_BYTES


def _folder(model: Model, population: Population) -> float:
    return KEPT_YEARS * model.year(population)[1] / FOLDER_BYTES


LIMITS = (
    Limit(
        "PostgreSQL's 100 connections",
        "`max_connections`, or smaller pools; PgBouncer in session mode",
        _connections,
    ),
    Limit("each process hears every publication", "channels by process or by conversation", _hearing),
    Limit("CPU of one Valkey", "sharded publish/subscribe on a cluster", _broker),
    Limit("10 Gbit/s out of one Valkey", "the same", _network),
    Limit("32 busy cores of one PostgreSQL", "shards by conversation", _database),
    Limit("200 MB/s of PostgreSQL's log", "shards by conversation; `wal_compression`", _wal),
    Limit("32 TiB in one table, two years kept", "partitions by hash of `cid`", _table),
    Limit("100 TB in one folder of blobs, two years kept", "object storage", _folder),
)


def reached_at(limit: Limit, model: Model) -> float:
    """The number of accounts that uses it up, to a hundredth; infinite if none does."""

    def is_reached(accounts: int) -> bool:
        return limit.share(model, Population(accounts, "", "")) >= 1

    if not is_reached(MOST):
        return float("inf")
    low, high = FEWEST, MOST
    while high > 1.01 * low:
        middle = int((low * high) ** 0.5)
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return float(high)


def in_order(model: Model) -> list[tuple[Limit, float]]:
    """The first to break first."""
    return sorted(((limit, reached_at(limit, model)) for limit in LIMITS), key=lambda pair: pair[1])
