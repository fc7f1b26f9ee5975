"""The load against a real MiSS server: what it reports is what the server did."""

import re

from sqlalchemy import text

from bench.load.modes import measure
from bench.load.spec import Measured
from bench.rows import Mode
from bench.seed import Plan
from tests.bench.conftest import GROUP, Bench

WORLD = Plan(people=2 * GROUP, group=GROUP)


async def count(bench: Bench, query: str) -> int:
    async with bench.db.engine.connect() as connection:
        return int(await connection.scalar(text(query)) or 0)


async def exchange(bench: Bench, mode: Mode, **changes: object) -> Measured:
    """Measure, and check what holds in every mode that sends messages."""
    await bench.make(WORLD)
    measured = await measure(bench.spec(mode, **changes))
    assert measured.problems == ()
    assert measured.accepted > 0
    assert measured.samples > 0
    assert measured.p50_ms is not None
    assert measured.p999_ms is not None
    assert 0 < measured.p50_ms <= measured.p999_ms
    return measured


async def test_saturated_messages_are_stored_once_each_and_reach_everybody(bench: Bench) -> None:
    await bench.make(WORLD)
    measured = await measure(bench.spec(Mode.SATURATED))
    assert measured.problems == ()
    assert measured.accepted > 0
    # What is under way at the window's ends is counted on one side only.
    slack = bench.spec(Mode.SATURATED).window * 2 * GROUP * GROUP
    assert abs(measured.deliveries - measured.accepted * (GROUP - 1)) <= slack
    stored = await count(bench, "SELECT count(*) FROM chat_message")
    assert stored >= measured.accepted
    assert stored == await count(bench, "SELECT count(DISTINCT mid) FROM chat_message")
    assert stored == await count(bench, "SELECT sum(last_seq) FROM chat_conversation")


async def test_sparse_keeps_few_messages_under_way(bench: Bench) -> None:
    measured = await exchange(bench, Mode.SPARSE, under_way=2)
    stored = await count(bench, "SELECT count(*) FROM chat_message")
    assert measured.accepted <= stored


async def test_a_rate_is_kept_and_every_delivery_is_timed(bench: Bench) -> None:
    measured = await exchange(bench, Mode.RATE, offered_per_s=100.0, measure_s=0.5)
    assert 30 <= measured.accepted <= 80
    # Every member but the sender, those that arrived after the window included.
    assert measured.samples >= measured.deliveries - 2 * GROUP * GROUP


async def test_what_never_arrives_is_reported(bench: Bench) -> None:
    """One member of a group is not connected: its deliveries are missing, and that is said."""
    await bench.make(WORLD)
    measured = await measure(bench.spec(Mode.SATURATED, users=2 * GROUP - 1, drain_s=0.2))
    [problem] = measured.problems
    assert re.match(r"1 × [1-9]\d* deliveries missing", problem)


async def test_refusals_are_reported(bench: Bench) -> None:
    """The people are there, the conversation is not."""
    world = await bench.make(WORLD)
    async with bench.db.engine.begin() as connection:
        await connection.execute(text("UPDATE chat_conversation SET needs_rekey = true"))
    measured = await measure(bench.spec(Mode.SATURATED, drain_s=0.2))
    assert any("stale_epoch" in problem for problem in measured.problems)
    assert any("not acknowledged" in problem for problem in measured.problems)
    assert len(world.groups) == 2


async def test_connect_logs_in_again_and_again(bench: Bench) -> None:
    await bench.make(WORLD)
    measured = await measure(bench.spec(Mode.CONNECT))
    assert measured.accepted == measured.samples > 0
    assert measured.problems == ()


async def test_catch_up_fetches_everything_that_was_missed(bench: Bench) -> None:
    await bench.make(WORLD)
    measured = await measure(bench.spec(Mode.CATCHUP, missed=30, repeats=2))
    assert measured.samples == 2
    assert await count(bench, "SELECT max(last_seq) FROM chat_conversation") == 30


async def test_list_waits_for_every_conversation(bench: Bench) -> None:
    world = await bench.make(Plan(people=3, conversations_of_first=5))
    assert len(world.groups) == 5
    measured = await measure(bench.spec(Mode.LIST, users=1, repeats=2))
    assert measured.samples == 2


async def test_devices_report_how_far_they_received(bench: Bench) -> None:
    await exchange(bench, Mode.RATE, offered_per_s=50.0, measure_s=0.6, markers_every_s=0.1)
    assert await count(bench, "SELECT count(*) FROM chat_marker WHERE recv_seq > 0") > 0
