"""Percentiles, medians, ratios."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import medians, percentile, ratio
from bench.rows import Mode, Row
from tests.bench.test_rows import ROW


def test_percentiles_are_values_that_were_measured() -> None:
    thousand = [float(value) for value in range(1, 1001)]
    assert percentile(thousand, 50) == 500
    assert percentile(thousand, 99) == 990
    assert percentile(thousand, 99.9) == 999
    assert percentile([1.0, 2.0, 3.0], 50) == 2
    assert percentile([1.0, 2.0], 50) == 1
    assert percentile([4.0], 99.9) == 4
    assert percentile([], 50) is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([50.0, 99.0, 99.9, 100.0]))
def test_so_many_values_do_not_exceed_a_percentile(values: list[float], percent: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, percent)
    assert found is not None
    assert sum(value <= found for value in ordered) >= math.floor(percent / 100 * len(ordered))
    assert sum(value < found for value in ordered) < percent / 100 * len(ordered)


def run(number: int, **figures: float | None) -> Row:
    return msgspec.structs.replace(ROW, run=number, **{"p50_ms": None, **figures})


def test_each_figure_has_its_own_median() -> None:
    rows = [run(1, p50_ms=1.0, p99_ms=9.0), run(2, p50_ms=3.0, p99_ms=7.0), run(3, p50_ms=2.0, p99_ms=8.0)]
    [median] = medians(rows).values()
    assert (median.p50_ms, median.p99_ms, median.p999_ms, median.run) == (2.0, 8.0, None, 3)


def test_measurements_are_told_apart_by_peer_mode_and_rate() -> None:
    rows = [
        run(1, p50_ms=1.0),
        msgspec.structs.replace(run(1, p50_ms=2.0), peer="ejabberd"),
        msgspec.structs.replace(run(1, p50_ms=3.0), offered_per_s=1000.0),
        msgspec.structs.replace(run(1, p50_ms=4.0), mode=Mode.SPARSE, offered_per_s=None),
    ]
    assert [row.p50_ms for row in medians(rows).values()] == [2.0, 1.0, 3.0, 4.0]
    assert ("miss", Mode.SPARSE, 0.0) in medians(rows)


@pytest.mark.parametrize(
    ("values", "expected"), [([None, None, 5.0], None), ([None, 4.0, 5.0], 4.5), ([None, 4.0], None), ([4.0], 4.0)]
)
def test_a_figure_missing_in_half_of_the_runs_is_missing(values: list[float | None], expected: float | None) -> None:
    rows = [run(number, p50_ms=value) for number, value in enumerate(values, 1)]
    [median] = medians(rows).values()
    assert median.p50_ms == expected


def test_ratios() -> None:
    assert ratio(1.0, 4.0) == 0.25
    assert ratio(None, 4.0) is None
    assert ratio(1.0, None) is None
    assert ratio(1.0, 0.0) is None
