"""How many processes and machines a population needs, how fast it is then, and what it fills in a year.  Pure."""

from dataclasses import dataclass
from math import ceil
from random import Random

from bench.capacity.costs import Costs
from bench.capacity.demand import (
    Day,
    Hearing,
    Need,
    Rates,
    chain_s_of,
    live_a_day,
    need,
    rates_at,
    seconds_of,
)
from bench.capacity.flusher import Served, at_random, serve
from bench.capacity.population import Habits, Population, peak_minute
from bench.capacity.storm import Storm, weather
from bench.capacity.units import AT_LOGIN, Units

BUSY = 0.6
"""Of its core, at most, at the busiest minute: room for a lost process, and for bursts within the minute."""
SOCKETS = 20_000
"""Of one process: `ChatLimits.sockets.per_process`."""
DATABASE_BUSY = 0.5
MOST_PROCESSES = 1_000_000
CORES, MEMORY_BYTES = 32, 128e9
"""Of one machine: assumed."""
WAL_BYTES = 200e6
"""A second, of one good disk: assumed."""
NETWORK_BYTES = 1.25e9
"""A second: ten gigabits."""
ROUND_TRIPS, ROUND_TRIP_S = 4, 0.0002
"""Of one flush to a database on another machine; assumed, within one data centre."""
SIMULATED = 20_000
"""Messages of one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One population on one program."""

    population: Population
    hearing: Hearing
    peak: Rates
    need: Need
    day: Day
    served: Served
    after_outage: Storm
    after_loss: Storm
    memory_bytes: float
    database_bytes: float
    """A year."""
    blob_bytes: float
    """A year."""

    @property
    def machines(self) -> tuple[int, int, int]:
        """For processes, PostgreSQL (each with a standby) and Valkey."""
        cores = self.need.own + self.need.processes * self.need.hearing
        processes = max(cores / (BUSY * CORES), self.memory_bytes / (BUSY * MEMORY_BYTES))
        shards = max(self.database_cores / CORES, self.need.wal_bytes / WAL_BYTES)
        brokers = max(self.need.broker / BUSY, self.need.broker_out_bytes / NETWORK_BYTES)
        # Never fewer than two for the processes: one of them may be lost.
        return max(ceil(processes), 2), 2 * max(ceil(shards), 1), max(ceil(brokers), 1)

    @property
    def database_cores(self) -> float:
        return self.need.database / DATABASE_BUSY


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything sizes follow from."""

    units: Units
    costs: Costs
    habits: Habits

    def need(self, rates: Rates, processes: int, hearing: Hearing) -> Need:
        return need(rates, self.units, self.costs, processes, hearing, self.habits)

    def processes(self, rates: Rates, hearing: Hearing) -> int | None:
        """The fewest that stay under `BUSY` and `SOCKETS`; None if no number does."""

        def suffices(processes: int) -> bool:
            asked = self.need(rates, processes, hearing)
            return asked.of_one_process <= BUSY and rates.connections / processes <= SOCKETS

        most = 1
        while not suffices(most):
            most *= 2
            if most > MOST_PROCESSES:
                return None
        least = most // 2
        while most - least > 1:
            middle = (least + most) // 2
            least, most = (least, middle) if suffices(middle) else (middle, most)
        return most

    def size(self, population: Population, hearing: Hearing) -> Size | None:
        """Everything about it; None if this program cannot carry it."""
        peak = rates_at(peak_minute(), population, self.habits)
        processes = self.processes(peak, hearing)
        if processes is None:
            return None
        # One process alone is no installation: its loss would be an outage.
        processes = max(processes, 2)
        asked = self.need(peak, processes, hearing)
        database_bytes, blob_bytes = self.year(population)
        return Size(
            population=population,
            hearing=hearing,
            peak=peak,
            need=asked,
            day=live_a_day(population, self.habits, self.units, self.costs, processes, hearing),
            served=self._serve(peak, asked),
            after_outage=weather(peak.connections, self.logins_per_s(peak, asked, hearing, processes)),
            after_loss=weather(peak.connections / processes, self.logins_per_s(peak, asked, hearing, processes - 1)),
            memory_bytes=1024 * (processes * self.units.process_kb + peak.connections * self.units.connection_kb),
            database_bytes=database_bytes,
            blob_bytes=blob_bytes,
        )

    def login_s(self, processes: int, hearing: Hearing) -> float:
        """CPU of the processes for one login with all it brings, what the others hear of it included."""
        chain_s = chain_s_of(self.costs)
        listeners = processes - 1 if hearing is Hearing.ALL else 1
        return (
            sum(self.units.acts[name].server_s for name in AT_LOGIN) + chain_s + 2 * self.units.hear_told_s * listeners
        )

    def logins_per_s(self, peak: Rates, asked: Need, hearing: Hearing, alive: int) -> float:
        """What `alive` of the processes manage beside the work of the busiest minute, its logins left out."""
        login_s = self.login_s(asked.processes, hearing)
        busy = asked.of_one_process * asked.processes - peak.logins * login_s
        return max(alive - max(busy, 0.0), 0.05 * alive) / login_s

    def _serve(self, peak: Rates, asked: Need) -> Served:
        """One process's messages in the busiest minute; everything else it does slows the flusher down."""
        per_s = peak.messages / asked.processes
        devices = peak.deliveries / peak.messages / (self.habits.group - 1)
        random = Random(9)
        plain_s = seconds_of(1, self.units, self.habits.group, 0.0, devices)
        beside = min(max(asked.of_one_process - per_s * plain_s, 0.0), 0.9)

        def service(batch: int) -> float:
            disk_s = self.units.fdatasync_s(random.random()) + ROUND_TRIPS * ROUND_TRIP_S
            cpu_s = seconds_of(batch, self.units, self.habits.group, 0.0, devices)
            return cpu_s / (1 - beside) + disk_s

        return serve(at_random(per_s, SIMULATED, random), service)

    def year(self, population: Population) -> tuple[float, float]:
        """Bytes in the database, bytes of blobs."""
        habits, rows = self.habits, {table.table: table.bytes_per_row for table in self.costs.disk.tables}
        messages = population.accounts * habits.active * habits.messages * habits.working_days
        begun = population.accounts * habits.active * habits.new_conversations * habits.working_days
        of_epoch = rows["chat_commit"] + habits.group * (rows["chat_box"] + rows["chat_vault_entry"])
        of_member = rows["chat_member"] + rows["chat_marker"]
        photos = messages * habits.photos
        database_bytes = (
            messages * rows["chat_message"]
            + begun * (rows["chat_conversation"] + habits.epochs * of_epoch + habits.group * of_member)
            + photos * (rows["chat_blob"] + rows["chat_blob_use"])
            + population.accounts * self.costs.disk.person_bytes
        )
        return database_bytes, photos * habits.photo_bytes
