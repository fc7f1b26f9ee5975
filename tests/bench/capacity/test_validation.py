"""The model is held against measurements it was not made from (recorded)."""

import msgspec
import pytest

from bench.capacity.costs import Costs
from bench.capacity.units import Spent, Units
from bench.capacity.validation import Check, compare
from bench.rows import Mode, Row

CPU_WITHIN = 1.5
"""A factor."""
P50_WITHIN = 1.5
"""The recorded session had the machine to itself; the tail depends on more than the model knows."""


def test_the_model_foretells_the_cpu_of_full_speed(units: Units, rows: list[Row]) -> None:
    checks = {check.what: check for check in compare(units, rows)}
    for mode in ("CPU saturated", "CPU sparse"):
        assert checks[mode].off < CPU_WITHIN, checks[mode]


def test_the_model_foretells_what_batches_cost_at_a_rate(units: Units, rows: list[Row]) -> None:
    checks = [check for check in compare(units, rows) if check.what.endswith("batches as p50 tells them")]
    assert checks
    for check in checks:
        assert check.off < CPU_WITHIN, check


def test_the_model_foretells_how_long_a_delivery_takes(costs: Costs, units: Units, rows: list[Row]) -> None:
    assert costs.is_quiet
    checks = {check.what: check for check in compare(units, rows)}
    for rate in ("500/s", "1,000/s"):
        assert checks[f"CPU at {rate}"].off < CPU_WITHIN
        assert checks[f"p50 at {rate}"].off < P50_WITHIN


def test_nothing_is_said_of_a_server_that_fell_behind(units: Units, rows: list[Row]) -> None:
    behind = [msgspec.structs.replace(row, p50_ms=None, p99_ms=None) for row in rows if row.mode == Mode.RATE]
    assert compare(units, behind) == []


def test_a_model_of_another_program_is_found_out(units: Units, rows: list[Row]) -> None:
    other = {name: getattr(units, name) for name in Units.__slots__}
    other["message"] = Spent(4 * units.message.server_s, 4 * units.message.database_s)
    checks = {check.what: check for check in compare(Units(**other), rows)}
    assert checks["CPU saturated"].off > CPU_WITHIN


def test_it_was_not_made_from_what_it_is_compared_with(costs: Costs, rows: list[Row]) -> None:
    # The bench's rates are not among the points; its idle row, which is in the model, is not among the checks.
    offered = {row.offered_per_s for row in rows if row.mode == Mode.RATE}
    measured = {round(point.window.messages / point.window.seconds) for point in costs.points if "/s" in point.name}
    assert offered.isdisjoint(measured)


def test_rows_of_others_are_left_alone(units: Units, rows: list[Row]) -> None:
    assert compare(units, [row for row in rows if row.peer != "miss"]) == []


@pytest.mark.parametrize("off", [0.5, 2.0])
def test_too_little_is_as_wrong_as_too_much(off: float) -> None:
    assert Check("", "", off, 1.0).off == 2.0
