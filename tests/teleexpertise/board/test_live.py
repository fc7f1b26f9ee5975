"""Who is told that something moved, what they are told, and how many may listen."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from teleexpertise.board.errors import TooManyListeners
from teleexpertise.board.live import Live, LiveLimits
from tests.conditions import WAIT_S
from tests.teleexpertise.office import Office

QUICK = LiveLimits(listeners=3, per_person=2, poll_s=0.01, heartbeat_s=0.05, lasts_s=20)


async def next_event(stream: AsyncIterator[bytes]) -> tuple[str, dict[str, str]]:
    """The next event that is no heartbeat."""
    async with asyncio.timeout(WAIT_S):
        async for said in stream:
            lines = dict(line.split(": ", 1) for line in said.decode().strip().splitlines() if line[0] != ":")
            if lines:
                return lines["event"], json.loads(lines["data"])
    raise EOFError


async def test_those_whom_it_concerns_are_told_a_number_and_a_version(office: Office) -> None:
    live = Live(office.house.db, office.house.clock, QUICK)
    paul, marc, claire = (live.stream(one.id) for one in (office.paul, office.marc, office.claire))
    for stream in (paul, marc, claire):
        assert await next_event(stream) == ("hello", {"version": ""})
    await office.deliver(office.letter())
    number = (await office.request()).number
    for stream in (paul, marc):
        kind, data = await next_event(stream)
        assert kind == "moved"
        assert data == {"request": number, "version": data["version"]}
    assert await anext(claire) == b": \n\n", "it does not concern her: only the heartbeat"
    assert await live.version() >= data["version"]
    for stream in (paul, marc, claire):
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    assert live.listeners == 0


async def test_there_is_room_for_so_many(office: Office) -> None:
    live = Live(office.house.db, office.house.clock, QUICK)
    streams = [live.stream(one) for one in (office.paul.id, office.paul.id, office.marc.id)]
    for stream in streams[:2]:
        await next_event(stream)
    with pytest.raises(TooManyListeners):
        live.require_room(office.paul.id)
    live.require_room(office.marc.id)
    await next_event(streams[2])
    with pytest.raises(TooManyListeners):
        live.require_room(office.claire.id)
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    live.require_room(office.paul.id)


async def test_a_stream_ends_by_itself_and_with_the_house(office: Office) -> None:
    limits = LiveLimits(poll_s=0.01, heartbeat_s=0.01, lasts_s=0.03)
    brief = [said async for said in Live(office.house.db, office.house.clock, limits).stream(office.paul.id)]
    assert brief[0].startswith(b"id: \nevent: hello")
    assert set(brief[1:]) == {b": \n\n"}

    live = Live(office.house.db, office.house.clock, LiveLimits(heartbeat_s=30))
    stream = live.stream(office.paul.id)
    await next_event(stream)
    live.close()
    async with asyncio.timeout(WAIT_S):
        assert [said async for said in stream] == []
    with pytest.raises(TooManyListeners):
        live.require_room(office.paul.id)
