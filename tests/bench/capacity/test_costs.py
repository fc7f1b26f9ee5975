"""The file of costs."""

from pathlib import Path

import msgspec
import pytest

from bench.capacity.costs import Costs, read_costs, write_costs


def test_a_file_is_read_as_it_was_written(costs: Costs, tmp_path: Path) -> None:
    write_costs(tmp_path / "costs.json", costs)
    assert read_costs(tmp_path / "costs.json") == costs


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "costs.json").write_text('{"points": []}')
    with pytest.raises(msgspec.ValidationError):
        read_costs(tmp_path / "costs.json")


def test_a_point_is_found_by_its_name(costs: Costs) -> None:
    assert costs.point("read").act == "read"
    with pytest.raises(KeyError):
        costs.point("dance")
