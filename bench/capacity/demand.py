"""What a population asks of an installation at one moment, and over a day.  Pure.

Two programs can be asked: the one that stands here, in which every process hears every publication (`miss.chat.fanout`
listens to one channel), and one in which a publication goes only to processes that hold somebody it concerns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.capacity.costs import Costs
from bench.capacity.population import MINUTES, Habits, Population, online_at, share_of
from bench.capacity.units import AT_LOGIN, READ, RECEIVED, TYPING, Units, Work

BATCH_OF_TOLD = 50.0
"""Markers and the like in one publication, about: they are merged for 0.2 s (`miss.chat.delivery.markers`)."""
MERGE_S = 0.2
TOLD_BYTES = 250.0
EXCHANGES = 1_916 / 5_492
"""Of the messages of a clinical team, those that began an exchange (Ellanti et al., Cureus 2017)."""
EXCHANGE_S = 60.0
"""Between two messages of an exchange, about: assumed."""
REMEMBERED = 20_000
"""Conversations whose members a process remembers (`miss.chat.conversations.members`)."""
CHAIN_US = "chain of a person with 2 devices"
PHOTO_UP, PHOTO_DOWN = "http photo up", "http photo down"


class Hearing(StrEnum):
    """Who hears a publication."""

    ALL = "every process"
    CONCERNED = "those concerned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Per second, in the whole installation."""

    connections: float
    messages: float
    deliveries: float
    received: float
    reads: float
    typing: float
    logins: float
    photos_up: float
    photos_down: float

    @property
    def markers(self) -> float:
        return self.received + self.reads


def rates_at(minute: int, population: Population, habits: Habits) -> Rates:
    """The means of one minute of a working day."""
    active = population.accounts * habits.active
    online = online_at(minute, habits)
    messages = active * habits.messages * share_of(minute) / 60
    readers = habits.group - 1
    reached = habits.devices * online
    return Rates(
        connections=active * habits.devices * online,
        messages=messages,
        deliveries=messages * (readers * reached + (habits.devices - 1) * online),
        received=messages * readers * reached,
        reads=messages * readers * habits.reads,
        typing=messages * habits.typing,
        logins=active * habits.devices * habits.logins * share_of(minute) / 60,
        photos_up=messages * habits.photos,
        photos_down=messages * habits.photos * readers * reached,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """CPU, in cores, and bytes a second, of a number of processes."""

    processes: int
    own_by: Mapping[str, float]
    """Cores of the processes for what they do themselves: messages, receipts, logins, photos, the rest."""
    hearing: float
    """Cores of one process for what the others publish."""
    database: float
    broker: float
    broker_out_bytes: float
    wal_bytes: float
    flushes: float

    @property
    def own(self) -> float:
        """All of it."""
        return sum(self.own_by.values())

    @property
    def of_one_process(self) -> float:
        return self.own / self.processes + self.hearing


def need(rates: Rates, units: Units, costs: Costs, processes: int, hearing: Hearing, habits: Habits) -> Need:
    """What these rates cost with so many processes, on which people are spread evenly."""
    flushes = rates.messages / batch_of(rates.messages / processes, units, habits)
    work = Work(
        flushes=flushes,
        messages=rates.messages,
        logs=rates.messages,
        deliveries=rates.deliveries,
        writes=rates.deliveries + rates.messages,
    )
    others = (processes - 1) / processes
    concerned = min(others, _concerned(rates, processes) / processes) if hearing is Hearing.CONCERNED else others
    heard = rates.messages if hearing is Hearing.ALL else rates.messages * (1 / processes + concerned)
    forgotten = forgotten_of(heard)
    look_up_s = max(units.hear_unknown.server_s - units.hear_known_s, 0.0)
    heard_s = units.hear_known_s + forgotten * look_up_s
    looked_up = forgotten * rates.messages
    told = rates.markers + rates.typing + rates.logins
    copies = processes * concerned if processes > 1 else 0.0
    published = flushes + told / min(BATCH_OF_TOLD, max(told / processes * MERGE_S, 1.0))

    def server(act: str, per_s: float) -> float:
        return per_s * units.acts[act].server_s

    return Need(
        processes=processes,
        own_by={
            "messages": units.server_s(work) + looked_up * look_up_s,
            "receipts": server(RECEIVED, rates.received) + server(READ, rates.reads),
            "logins": rates.logins * (sum(units.acts[name].server_s for name in AT_LOGIN) + chain_s_of(costs)),
            "photos": server(PHOTO_UP, rates.photos_up) + server(PHOTO_DOWN, rates.photos_down),
            "rest": server(TYPING, rates.typing) + processes * units.idle_s,
        },
        hearing=concerned * (rates.messages * heard_s + told * units.hear_told_s),
        database=units.database_s(work)
        + sum(count * units.acts[name].database_s for name, count in _acts(rates).items())
        + (1 + copies) * looked_up * units.hear_unknown.database_s,
        broker=copies * published * units.publish_s,
        broker_out_bytes=copies * (rates.messages * units.publication_bytes + told * TOLD_BYTES),
        wal_bytes=rates.messages * costs.disk.wal_cold_bytes + rates.markers * wal_of_marker(costs),
        flushes=flushes,
    )


def chain_s_of(costs: Costs) -> float:
    """CPU seconds to verify the chain of somebody who logs in where they are not known."""
    return costs.primitives_us[CHAIN_US] / 1e6


def _acts(rates: Rates) -> dict[str, float]:
    """How often a second everything happens that is not a message."""
    return {
        RECEIVED: rates.received,
        READ: rates.reads,
        TYPING: rates.typing,
        PHOTO_UP: rates.photos_up,
        PHOTO_DOWN: rates.photos_down,
        **dict.fromkeys(AT_LOGIN, rates.logins),
    }


def forgotten_of(messages_per_s: float) -> float:
    """Share of the messages whose members a process that sees so many has to look up: those that begin an exchange,
    and the more of the others the sooner its memory has been filled with other conversations."""
    kept_s = REMEMBERED / messages_per_s if messages_per_s else EXCHANGE_S
    return EXCHANGES + (1 - EXCHANGES) * max(0.0, 1 - kept_s / EXCHANGE_S)


def _concerned(rates: Rates, processes: int) -> float:
    """Processes other than the sender's that hold a device which is told of a message."""
    told = rates.deliveries / rates.messages if rates.messages else 0.0
    return (processes - 1) * (1 - float(pow(1 - 1 / processes, told)))


def batch_of(per_s: float, units: Units, habits: Habits) -> float:
    """Messages that one flush of a process takes when so many come to it each second: what comes while the one
    before is stored, at least one."""
    batch = 1.0
    for _ in range(50):
        batch = max(1.0, per_s * seconds_of(batch, units, habits.group, units.fdatasync_s(0.5)))
    return min(batch, 500.0)


def seconds_of(batch: float, units: Units, group: float, disk_s: float, devices: float = 1.0) -> float:
    """How long a flusher is busy with a batch, each message in another conversation: CPU of server and database, the
    disk, the frames."""
    told = (group - 1) * devices
    work = Work(flushes=1, messages=batch, logs=batch, deliveries=batch * told, writes=batch * (told + 1))
    return units.server_s(work) + units.database_s(work) + disk_s


def wal_of_marker(costs: Costs) -> float:
    """Bytes of log for one marker that moves, what the messages of the point wrote taken off."""
    window = costs.point(RECEIVED).window
    plain = costs.point("100/s").window
    return max(window.wal_bytes - window.messages * plain.wal_bytes / plain.messages, 0.0) / window.acts


# A day


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a simulated working day adds up to."""

    messages: float
    cpu_hours: float
    """Of processes and database together."""
    wal_bytes: float


def live_a_day(
    population: Population, habits: Habits, units: Units, costs: Costs, processes: int, hearing: Hearing
) -> Day:
    """Minute by minute, with that many processes."""
    messages = cpu_s = wal_bytes = 0.0
    for minute in range(MINUTES):
        rates = rates_at(minute, population, habits)
        asked = need(rates, units, costs, processes, hearing, habits)
        messages += 60 * rates.messages
        cpu_s += 60 * (asked.own + asked.processes * asked.hearing + asked.database)
        wal_bytes += 60 * asked.wal_bytes
    return Day(messages=messages, cpu_hours=cpu_s / 3600, wal_bytes=wal_bytes)
