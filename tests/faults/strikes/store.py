"""Faults of the database, of the lines to it, and of the disk under it."""

import asyncio
import signal
from random import Random

from tests.faults.scene import Scene
from tests.faults.strikes.parts import database_line, every_server, last, one_server
from tests.faults.tally import now_s


async def restart_database(scene: Scene, _random: Random) -> float:
    """`pg_ctl -m immediate restart`: nothing is flushed that no commit had flushed."""
    assert scene.database is not None
    async with scene.locks["database"]:
        await scene.tally.more_acks(1)
        since_s = now_s()
        await scene.database.kill(signal.SIGQUIT)
        await scene.database.start()
    return await scene.served(since_s)


async def cut_database(scene: Scene, random: Random) -> float:
    """One server's connections to the database break, in the middle of commits."""
    async with one_server(scene, random) as wiring:
        await scene.tally.more_acks(1)
        since_s = now_s()
        database_line(wiring).cut()
    return await scene.served(since_s)


async def hold_database(scene: Scene, random: Random) -> float:
    """A partition between one server and the database: it heals, or ends in a reset."""
    async with one_server(scene, random) as wiring:
        line = database_line(wiring)
        line.hold()
        await last(scene, random)
        if random.random() < 0.5:
            line.cut()
        line.release()
        since_s = now_s()
    return await scene.served(since_s)


async def repeat_elsewhere(scene: Scene, random: Random) -> float:
    """A commit hangs; its senders lose their connections and repeat the same messages, some to the other server."""
    async with every_server(scene, random) as wirings:
        line = database_line(random.choice(wirings))
        await scene.tally.more_acks(1)
        line.hold()
        for member in scene.members:
            member.cut()
        await scene.tally.more_events("logins", len(scene.members) // 4)
        line.release()
        since_s = now_s()
    return await scene.served(since_s)


async def lose_database(scene: Scene, random: Random) -> float:
    """One server's connections to the database lead nowhere, in the middle of commits, and nobody says so."""
    async with one_server(scene, random) as wiring:
        await scene.tally.more_acks(1)
        since_s = now_s()
        database_line(wiring).lose()
    return await scene.served(since_s)


async def slow_database(scene: Scene, random: Random) -> float:
    """Thirty milliseconds more, each way."""
    async with one_server(scene, random) as wiring:
        line = database_line(wiring)
        since_s = now_s()
        line.delay_s = 0.03
        recovery_s = await scene.served(since_s)
        await last(scene, random)
        line.delay_s = 0.0
    return recovery_s


async def fill_disk(scene: Scene, random: Random) -> float:
    """No space for the database's files."""
    assert scene.disk is not None
    async with one_server(scene, random):
        await asyncio.to_thread(scene.disk.fill)
        await scene.tally.more_events("refused: database_unreachable")
        await last(scene, random)
        scene.disk.free()
        since_s = now_s()
    return await scene.served(since_s)


async def fail_writes(scene: Scene, random: Random) -> float:
    """Every write to the database's files fails."""
    async with one_server(scene, random) as wiring:
        wiring.server.refuse_writes(True)
        await scene.tally.more_events("refused: database_unreachable")
        await last(scene, random)
        wiring.server.refuse_writes(False)
        since_s = now_s()
    return await scene.served(since_s)
