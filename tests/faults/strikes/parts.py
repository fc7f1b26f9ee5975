"""What the strikes share: one of the servers to themselves, how long a fault lasts, the lines."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

from tests.faults.proxy import Proxy
from tests.faults.scene import Scene, Wiring


@asynccontextmanager
async def one_server(scene: Scene, random: Random) -> AsyncIterator[Wiring]:
    """One of them, in nobody else's hands, ready, and serving enough people for a fault there to be felt."""
    number = random.randrange(len(scene.wirings))
    async with scene.locks[f"server {number}"]:
        wiring = scene.wirings[number]
        await wiring.server.ready.wait()
        await _bring_people(scene, wiring, random)
        yield wiring


@asynccontextmanager
async def every_server(scene: Scene, random: Random) -> AsyncIterator[Sequence[Wiring]]:
    """All of them, as `one_server`."""
    async with AsyncExitStack() as stack:
        for number in range(len(scene.wirings)):  # always in this order: two who want all of them never wait in a ring
            await stack.enter_async_context(scene.locks[f"server {number}"])
        for wiring in scene.wirings:
            await wiring.server.ready.wait()
            await _bring_people(scene, wiring, random)
        yield scene.wirings


async def _bring_people(scene: Scene, wiring: Wiring, random: Random) -> None:
    """Whoever was on a server that died is on the other ones now; some move, as a load balancer would make them."""
    port = wiring.server.port
    while 4 * sum(one.is_ready and one.port == port for one in scene.writers) < len(scene.writers):
        elsewhere = [one for one in scene.members if one.is_ready and one.port != port]
        moving = random.sample(elsewhere, len(elsewhere) // 2)
        for one in moving:
            one.cut()
        await scene.tally.more_events("logins", max(1, len(moving)))


async def last(scene: Scene, random: Random) -> None:
    """Let a fault last that has a length."""
    await asyncio.sleep(random.uniform(*scene.plan.lasting_s))


def database_line(wiring: Wiring) -> Proxy:
    assert wiring.to_database is not None
    return wiring.to_database


def broker_line(wiring: Wiring) -> Proxy:
    assert wiring.to_broker is not None
    return wiring.to_broker
