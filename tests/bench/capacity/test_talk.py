"""Everything that is measured is really done: on a small server, each act and each request."""

import asyncio

import pytest

from bench.capacity.calls import Call
from bench.capacity.talk import Act, Room, Talk
from bench.rows import Mode
from bench.seed import Plan
from miss.base.clock import MovableClock
from tests.bench.conftest import GROUP, Bench

PATIENCE_S = 10.0


async def talk(bench: Bench, **changes: object) -> Talk:
    await bench.make(Plan(people=2 * GROUP, group=GROUP))
    spec = bench.spec(Mode.RATE)
    asked: dict[str, object] = {
        "ports": spec.ports,
        "world": spec.world,
        "database_url": "",
        "server_pids": (),
        "database_pid": 0,
        "broker_pid": None,
        "users": 2 * GROUP,
        "every_s": 0.05,
    }
    return Talk(**(asked | changes))  # type: ignore[arg-type]


async def done(room: Room, enough: int) -> None:
    """Until so many acts were counted.  Raises TimeoutError, and what a task failed with."""
    tasks = await room.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while room.done.acts + room.done.accepted < enough:
                assert not room.problems
                await asyncio.gather(*(task for task in tasks if task.done()))
                await asyncio.sleep(0.01)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await room.close()
    assert not room.problems


@pytest.mark.parametrize("act", list(Act))
async def test_devices_tell_and_log_in(bench: Bench, clock: MovableClock, act: Act) -> None:
    room = Room(await talk(bench, act=act, per_s=100.0), clock)
    await done(room, 20)
    assert room.done.acts


@pytest.mark.parametrize("call", list(Call))
async def test_requests_are_answered(bench: Bench, clock: MovableClock, call: Call) -> None:
    room = Room(await talk(bench, act=call), clock)
    await done(room, 3)
    assert room.done.acts >= 3


async def test_messages_under_way_are_counted(bench: Bench, clock: MovableClock) -> None:
    room = Room(await talk(bench, under_way=3), clock)
    await done(room, 30)
    assert room.done.accepted >= 30
    assert room.done.delivered
