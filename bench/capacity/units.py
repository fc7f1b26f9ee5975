"""Unit costs as coefficients: what one flush, message, delivery, write, frame, login or request takes.  Pure.

The CPU of the measured points is taken apart by least squares of the relative errors, with no negative coefficient:

    server   = idle × seconds + flush × flushes + message × messages + log × logs
               + delivery × deliveries + write × writes
    database = flush × flushes + message × messages + log × logs

A log is a conversation that a flush touches: it is locked, moved and announced once, however many messages it gets.
A write is one system call that gives a socket all its frames of one flush.  Nobody counts either; a flush touches as
many conversations as a draw with replacement gives, and reaches all their sockets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bench.capacity.costs import Costs, Point
from bench.rows import Mode, Row

NOTHING, RECEIVED, READ, TYPING = "nothing", "received", "read", "typing"
PRESENCE, LOGIN, PULL, DELETIONS = "presence", "login", "pull", "http deletions"
AT_LOGIN = (LOGIN, PRESENCE, PULL, DELETIONS)
"""What a client does when it connects: one conversation with news, in the mean."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of one act, by whose they are."""

    server_s: float
    database_s: float

    @property
    def total_s(self) -> float:
        return self.server_s + self.database_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Everything the model knows of the program.  CPU seconds, bytes."""

    idle_s: float
    """Of one process, every second, with few connections."""
    flush: Spent
    message: Spent
    log: Spent
    delivery_s: float
    write_s: float
    acts: Mapping[str, Spent]
    """Frames, logins, requests, by the name of their point."""
    publish_s: float
    """Of the broker, to give one publication to one process."""
    hear_known_s: float
    hear_unknown: Spent
    hear_told_s: float
    """To hear one marker, typing or presence that concerns nobody here."""
    publication_bytes: float
    fdatasync_ms: tuple[float, ...]
    """Percentiles 0 … 100."""
    connection_kb: float
    process_kb: float

    def fdatasync_s(self, fraction: float) -> float:
        """The disk's answer, drawn: `fraction` from 0 to 1."""
        return self.fdatasync_ms[min(round(100 * fraction), 100)] / 1000

    def server_s(self, work: "Work") -> float:
        """CPU seconds of the server for so much."""
        stored = self.flush.server_s * work.flushes + self.message.server_s * work.messages
        told = self.delivery_s * work.deliveries + self.write_s * work.writes
        return stored + self.log.server_s * work.logs + told

    def database_s(self, work: "Work") -> float:
        """CPU seconds of the database for so much."""
        stored = self.flush.database_s * work.flushes + self.message.database_s * work.messages
        return stored + self.log.database_s * work.logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be paid for."""

    flushes: float
    messages: float
    logs: float
    deliveries: float
    writes: float

    @property
    def columns(self) -> list[float]:
        """Those of the database first."""
        return [self.flushes, self.messages, self.logs, self.deliveries, self.writes]


OF_DATABASE = 3


def work_of(messages: float, flushes: float, group: int, conversations: int) -> Work:
    """So many messages in so many flushes, spread evenly over conversations of `group`, one device a member."""
    batch = messages / flushes
    logs = flushes * conversations * (1 - float(pow(1 - 1 / conversations, batch)))
    return Work(flushes=flushes, messages=messages, logs=logs, deliveries=messages * (group - 1), writes=logs * group)


def derive_units(costs: Costs, rows: Sequence[Row], ours: str = "miss") -> Units:
    """The coefficients.  `rows`: the bench's, for the memory of a connection.  Raises ValueError, KeyError."""
    points = [point for point in costs.points if not point.act and point.processes == 1 and point.window.messages]
    nothing = costs.point(NOTHING).window
    idle_s = nothing.server_cpu_s / nothing.seconds
    works = [_work(point) for point in points]
    server = fit(
        [work.columns for work in works],
        [max(point.window.server_cpu_s - idle_s * point.window.seconds, 0.0) for point in points],
    )
    database = fit([work.columns[:OF_DATABASE] for work in works], [point.window.database_cpu_s for point in points])
    plain = Units(
        idle_s=idle_s,
        flush=Spent(server[0], database[0]),
        message=Spent(server[1], database[1]),
        log=Spent(server[2], database[2]),
        delivery_s=server[3],
        write_s=server[4],
        acts={},
        publish_s=costs.hearing.broker_s,
        hear_known_s=costs.hearing.known_s,
        hear_unknown=Spent(costs.hearing.unknown_s, costs.hearing.unknown_database_s),
        hear_told_s=costs.hearing.told_s,
        publication_bytes=costs.hearing.payload_bytes,
        fdatasync_ms=costs.fdatasync_ms,
        connection_kb=_connection_kb(rows, ours),
        process_kb=nothing.server_kb,
    )
    acts = {point.name: _spent_on_act(plain, point) for point in costs.points if point.act}
    return Units(**{name: getattr(plain, name) for name in Units.__slots__ if name != "acts"}, acts=acts)


def _work(point: Point) -> Work:
    window = point.window
    return work_of(window.messages, window.flushes, point.group, point.conversations)


def _spent_on_act(units: Units, point: Point) -> Spent:
    """What the messages of the point do not explain, by act."""
    window = point.window
    server_s = window.server_cpu_s - units.idle_s * window.seconds
    database_s = window.database_cpu_s
    if window.flushes:
        work = _work(point)
        server_s -= units.server_s(work)
        database_s -= units.database_s(work)
    return Spent(max(server_s, 0.0) / window.acts, max(database_s, 0.0) / window.acts)


def _connection_kb(rows: Sequence[Row], ours: str) -> float:
    found = [row.kb_per_connection for row in rows if row.peer == ours and row.mode is Mode.IDLE]
    sizes = [size for size in found if size is not None]
    if not sizes:
        raise ValueError(f"the bench's rows have no {Mode.IDLE} of {ours}: what a connection weighs is not known")
    return sorted(sizes)[len(sizes) // 2]


# Least squares


def fit(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """Coefficients, none of them negative, with the least sum of squared relative errors.

    Every subset of the columns is solved: there are five at most.  Raises ValueError for fewer rows than columns.
    """
    width = len(rows[0]) if rows else 0
    if not width or len(rows) < width:
        raise ValueError(f"{len(rows)} points do not determine {width} costs")
    scaled = [[cell / value for cell in row] for row, value in zip(rows, values, strict=True) if value > 0]
    best, least = [0.0] * width, float(len(scaled))
    for size in range(1, width + 1):
        for columns in combinations(range(width), size):
            solved = _solve([[row[column] for column in columns] for row in scaled])
            if solved is None or min(solved) < 0:
                continue
            found = [0.0] * width
            for column, value in zip(columns, solved, strict=True):
                found[column] = value
            errors = (sum(a * b for a, b in zip(row, found, strict=True)) - 1 for row in scaled)
            if (error := sum(one * one for one in errors)) < least:
                best, least = found, error
    return best


def _solve(rows: Sequence[Sequence[float]]) -> list[float] | None:
    """The x for which every row · x comes closest to 1 (normal equations); None if columns depend on each other."""
    width = len(rows[0])
    # Columns differ by orders of magnitude: scaled to a like size first.
    sizes = [max(abs(row[column]) for row in rows) or 1.0 for column in range(width)]
    even = [[cell / size for cell, size in zip(row, sizes, strict=True)] for row in rows]
    matrix = [
        [sum(row[i] * row[j] for row in even) for j in range(width)] + [sum(row[i] for row in even)]
        for i in range(width)
    ]
    for pivot in range(width):
        swap = max(range(pivot, width), key=lambda row: abs(matrix[row][pivot]))
        matrix[pivot], matrix[swap] = matrix[swap], matrix[pivot]
        if abs(matrix[pivot][pivot]) < 1e-12:
            return None
        for row in range(width):
            if row != pivot:
                factor = matrix[row][pivot] / matrix[pivot][pivot]
                matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[pivot], strict=True)]
    return [matrix[row][width] / matrix[row][row] / sizes[row] for row in range(width)]
