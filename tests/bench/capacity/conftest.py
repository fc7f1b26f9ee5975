"""A recorded session and recorded costs: of 2026-11-22, on two cores shared with others."""

from pathlib import Path

import pytest

from bench.capacity.costs import Costs, read_costs
from bench.capacity.population import HABITS
from bench.capacity.sizing import Model
from bench.capacity.units import Units, derive_units
from bench.rows import Row, read_rows

RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture(scope="session")
def costs() -> Costs:
    return read_costs(RECORDED / "costs.json")


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    return read_rows(RECORDED / "bench.json")


@pytest.fixture(scope="session")
def units(costs: Costs, rows: list[Row]) -> Units:
    return derive_units(costs, rows)


@pytest.fixture(scope="session")
def model(costs: Costs, units: Units) -> Model:
    return Model(units=units, costs=costs, habits=HABITS)
