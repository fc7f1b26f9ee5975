"""Faults of the broker and of the lines to it.

The writers must not notice: the time runs from the strike itself, and the fault lasts until all of them were served.
"""

import asyncio
import os
import signal
from random import Random

from bench.engines import LOOPBACK
from tests.faults.scene import Scene
from tests.faults.strikes.parts import broker_line, last, one_server
from tests.faults.tally import now_s


async def kill_broker(scene: Scene, random: Random) -> float:
    """SIGKILL; it comes back once every writer was answered without it."""
    assert scene.broker is not None
    async with scene.locks["broker"]:
        since_s = now_s()
        await scene.broker.kill(signal.SIGKILL)
        recovery_s = await scene.served(since_s)
        await last(scene, random)
        await scene.broker.start()
    return recovery_s


async def flush_broker(scene: Scene, _random: Random) -> float:
    """FLUSHALL."""
    assert scene.broker is not None
    async with scene.locks["broker"]:
        since_s = now_s()
        reader, writer = await asyncio.open_connection(LOOPBACK, scene.broker.port)
        writer.write(b"FLUSHALL\r\n")
        assert await reader.readline() == b"+OK\r\n"
        writer.close()
    return await scene.served(since_s)


async def cut_broker(scene: Scene, random: Random) -> float:
    """One server's connections to the broker break."""
    async with one_server(scene, random) as wiring:
        since_s = now_s()
        broker_line(wiring).cut()
    return await scene.served(since_s)


async def hold_broker(scene: Scene, random: Random) -> float:
    """A partition between one server and the broker: no error, no answer."""
    async with one_server(scene, random) as wiring, scene.locks["broker"]:
        line = broker_line(wiring)
        since_s = now_s()
        line.hold()
        recovery_s = await scene.served(since_s)
        await last(scene, random)
        if random.random() < 0.5:
            line.cut()
        line.release()
    return recovery_s


async def stall_broker(scene: Scene, random: Random) -> float:
    """SIGSTOP: it accepts connections and answers nothing."""
    assert scene.broker is not None
    async with scene.locks["broker"]:
        since_s = now_s()
        os.kill(scene.broker.pid, signal.SIGSTOP)
        try:
            recovery_s = await scene.served(since_s)
            await last(scene, random)
        finally:
            os.kill(scene.broker.pid, signal.SIGCONT)
    return recovery_s


async def lose_broker(scene: Scene, random: Random) -> float:
    """One server's connections to the broker lead nowhere, and nobody says so."""
    async with one_server(scene, random) as wiring:
        since_s = now_s()
        broker_line(wiring).lose()
    return await scene.served(since_s)
