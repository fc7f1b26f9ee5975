"""Percentiles, medians of runs, ratios.  Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil
from statistics import median

import msgspec

from bench.rows import Mode, Row

FIGURES = (
    "accepted_per_s",
    "deliveries_per_s",
    "server_cpu_s_per_1000_deliveries",
    "p50_ms",
    "p99_ms",
    "p999_ms",
    "kb_per_connection",
)
Key = tuple[str, Mode, float]
"""Peer, mode, offered rate (0: none)."""


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least `percent` % of `ordered` (ascending) do not exceed; None of nothing.

    Nearest rank: every figure shown was really measured, and p99.9 of a hundred values is the largest of them.
    """
    if not ordered:
        return None
    # Rounded first: 99.9 % of 1,000 is 999, not the 999.0000000000001 of binary fractions.
    rank = ceil(round(percent / 100 * len(ordered), 9))
    return ordered[max(rank, 1) - 1]


def key_of(row: Row) -> Key:
    """What makes two rows runs of the same measurement."""
    return row.peer, row.mode, row.offered_per_s or 0.0


def medians(rows: Iterable[Row]) -> dict[Key, Row]:
    """One row for each measurement, each figure the median of its runs; `run` then says how many there were.

    A figure that is null in half of the runs or more is null.
    """
    ordered = sorted(rows, key=key_of)
    return {key: _median_row(list(runs)) for key, runs in groupby(ordered, key=key_of)}


def _median_row(runs: Sequence[Row]) -> Row:
    figures = {}
    for name in FIGURES:
        values = [value for row in runs if (value := getattr(row, name)) is not None]
        figures[name] = median(values) if 2 * len(values) > len(runs) else None
    return msgspec.structs.replace(runs[0], run=len(runs), **figures)


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """How many times `theirs` is `ours`; None if either is missing or `theirs` is 0."""
    if ours is None or not theirs:
        return None
    return ours / theirs
