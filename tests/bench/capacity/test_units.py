"""Least squares without negative costs, and what is made of measured points."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.capacity.costs import Costs
from bench.capacity.units import READ, Units, derive_units, fit, work_of
from bench.rows import Mode, Row

COSTS = st.floats(1e-6, 1e-2)


@settings(deadline=None)
@given(st.lists(COSTS, min_size=3, max_size=3))
def test_exact_points_give_the_costs_back(true: list[float]) -> None:
    rows = [[1.0, 1.0, 9.0], [1.0, 64.0, 576.0], [1.0, 64.0, 64.0], [5.0, 5.0, 45.0], [2.0, 300.0, 1.0]]
    values = [sum(a * b for a, b in zip(row, true, strict=True)) for row in rows]
    assert fit(rows, values) == pytest.approx(true, rel=1e-3, abs=1e-9)


def test_no_cost_is_negative() -> None:
    # Taken at its word, the second column would save work.
    found = fit([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]], [3.0, 2.0, 1.5])
    assert min(found) >= 0
    assert found[1] == 0
    assert found[0] > 0


def test_a_column_that_repeats_another_shares_its_cost() -> None:
    found = fit([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], [2.0, 4.0, 6.0])
    assert found[0] + 2 * found[1] == pytest.approx(2.0)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="1 points do not determine 2 costs"):
        fit([[1.0, 2.0]], [1.0])


def test_one_message_touches_one_conversation_and_all_its_sockets() -> None:
    work = work_of(messages=30, flushes=30, group=10, conversations=20)
    assert work.logs == pytest.approx(30)
    assert work.writes == pytest.approx(300)
    assert work.deliveries == 270


def test_a_large_flush_touches_every_conversation_once() -> None:
    work = work_of(messages=4_000, flushes=10, group=10, conversations=20)
    assert work.logs == pytest.approx(200, rel=0.01)
    assert work.writes == pytest.approx(2_000, rel=0.01)


def test_the_recorded_points_are_explained(costs: Costs, units: Units) -> None:
    for point in costs.points:
        window = point.window
        if point.act or point.processes > 1 or not window.messages:
            continue
        work = work_of(window.messages, window.flushes, point.group, point.conversations)
        foretold_s = units.server_s(work) + units.idle_s * window.seconds
        assert foretold_s == pytest.approx(window.server_cpu_s, rel=0.35), point.name


def test_an_act_costs_what_the_messages_beside_it_do_not_explain(costs: Costs, rows: list[Row]) -> None:
    dearer = [
        msgspec.structs.replace(
            point,
            window=msgspec.structs.replace(
                point.window, server_cpu_s=point.window.server_cpu_s + 0.002 * point.window.acts
            ),
        )
        if point.name == READ
        else point
        for point in costs.points
    ]
    before = derive_units(costs, rows).acts[READ].server_s
    after = derive_units(msgspec.structs.replace(costs, points=tuple(dearer)), rows).acts[READ].server_s
    assert after - before == pytest.approx(0.002)


def test_the_weight_of_a_connection_must_be_known(costs: Costs, rows: list[Row]) -> None:
    with pytest.raises(ValueError, match="what a connection weighs is not known"):
        derive_units(costs, [row for row in rows if row.mode != Mode.IDLE])
