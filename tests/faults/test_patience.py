"""A wait ends and explains itself; a server that is asked says what its tasks wait for."""

import asyncio
import signal
import sys

import pytest

from bench.engines import OUR_PYTHON
from tests.conditions import WAIT_S
from tests.faults.patience import StoodStill, within
from tests.faults.told import END

STANDING = """
import asyncio
from tests.faults.told import answer_when_asked

async def waits_for_ever():
    print("ready", flush=True)
    await asyncio.Event().wait()

answer_when_asked()
asyncio.run(waits_for_ever())
"""


async def _explain() -> str:
    return "server 2 is away"


async def test_what_does_not_come_is_named_with_the_state_of_everybody() -> None:
    with pytest.raises(StoodStill, match=r"an answer: not within 0 s\nserver 2 is away"):
        async with within("an answer", _explain, seconds=0.01):
            await asyncio.Event().wait()


async def test_a_timeout_of_the_block_s_own_stays_what_it_is() -> None:
    with pytest.raises(TimeoutError):
        async with within("an answer", _explain):
            raise TimeoutError


async def test_a_process_that_is_asked_tells_what_its_tasks_wait_for_and_goes_on() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STANDING, env=OUR_PYTHON, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S):
            assert await process.stdout.readline() == b"ready\n"
            for _ in range(2):
                process.send_signal(signal.SIGUSR1)
                told = await process.stdout.readuntil(f"{END}\n".encode())
                assert b"waits_for_ever" in told
                assert b"Current thread" in told
        assert process.returncode is None
    finally:
        process.kill()
        await process.communicate()
