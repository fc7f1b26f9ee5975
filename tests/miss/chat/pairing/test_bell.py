"""Waiting at a slot: rung, found by a look, given up, ended."""

import asyncio
import itertools

from miss.chat.pairing.bell import Bell

HERE, ELSEWHERE = b"h" * 16, b"e" * 16


async def nothing() -> bytes | None:
    return None


async def test_what_is_there_is_found_without_waiting() -> None:
    async def found() -> bytes | None:
        return b"x"

    async with asyncio.timeout(0.2):
        assert await Bell().wait(HERE, found, 60) == b"x"


async def test_who_waits_is_woken_by_the_bell_of_that_slot() -> None:
    bell, left = Bell(), asyncio.Event()
    looked = asyncio.Event()

    async def look() -> bytes | None:
        looked.set()
        return b"x" if left.is_set() else None

    waiting = asyncio.create_task(bell.wait(HERE, look, 60))
    await looked.wait()
    left.set()
    bell.ring(ELSEWHERE)
    bell.ring(HERE)
    async with asyncio.timeout(0.2):
        assert await waiting == b"x"


async def test_what_another_process_left_is_found_by_looking_again() -> None:
    looks = itertools.count(1)

    async def third_time() -> bytes | None:
        return b"x" if next(looks) == 3 else None

    async with asyncio.timeout(2):
        assert await Bell().wait(HERE, third_time, 60) == b"x"


async def test_a_wait_ends() -> None:
    bell = Bell()
    assert await bell.wait(HERE, nothing, 0) is None
    assert await bell.wait(HERE, nothing, 0.05) is None


async def test_nobody_waits_when_the_server_stops() -> None:
    bell, looked = Bell(), asyncio.Event()

    async def look() -> bytes | None:
        looked.set()
        return None

    waiting = asyncio.create_task(bell.wait(HERE, look, 60))
    await looked.wait()
    bell.close()
    async with asyncio.timeout(0.2):
        assert await waiting is None
        assert await bell.wait(HERE, nothing, 60) is None
