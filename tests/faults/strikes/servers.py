"""Faults of the servers themselves."""

import signal
from datetime import timedelta
from random import Random

from tests.faults.member import WRONG_TIME
from tests.faults.scene import Scene
from tests.faults.strikes.parts import last, one_server
from tests.faults.tally import now_s

CLOCK_JUMPS = (timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(seconds=-90))


async def kill_server(scene: Scene, random: Random) -> float:
    """SIGKILL while messages are being stored."""
    async with one_server(scene, random) as wiring:
        await scene.tally.more_acks(1)
        since_s = now_s()
        wiring.server.end(signal.SIGKILL)
        await wiring.server.ready.wait()
    return await scene.served(since_s)


async def restart_server(scene: Scene, random: Random) -> float:
    """SIGTERM: an upgrade."""
    async with one_server(scene, random) as wiring:
        since_s = now_s()
        wiring.server.end(signal.SIGTERM)
        await wiring.server.ready.wait()
    return await scene.served(since_s)


async def stall_server(scene: Scene, random: Random) -> float:
    """SIGSTOP for a while: with two processes, one that is neither dead nor alive, perhaps inside a transaction."""
    async with one_server(scene, random) as wiring:
        wiring.server.signal(signal.SIGSTOP)
        await last(scene, random)
        wiring.server.signal(signal.SIGCONT)
        since_s = now_s()
    return await scene.served(since_s)


async def move_clock(scene: Scene, random: Random) -> float:
    """The server's clock jumps, and back later."""
    async with one_server(scene, random) as wiring:
        since_s = now_s()
        wiring.server.clock.move(random.choice(CLOCK_JUMPS))
        await scene.tally.more_events(WRONG_TIME)
        recovery_s = await scene.served(since_s)
        await last(scene, random)
        wiring.server.clock.move(timedelta())
    return recovery_s
