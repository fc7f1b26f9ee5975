"""The mass reconnection: thousands of people lose their connections in the same moment and come back.  protocol §7"""

import asyncio
import resource
from collections.abc import Sequence

from tests.faults.member import Member
from tests.faults.scene import Scene
from tests.faults.tally import now_s

ARRIVING = 250
"""So many at a time come in at first, so that only the return is a storm."""
WITHIN_S = 600.0
THINK_S = 1.0
"""Of the writers meanwhile."""


def allow_many_connections() -> None:
    """As many open files as the machine lets us have, here and in what we start."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def reconnect_crowd(scene: Scene) -> float:
    """Seconds from the moment the whole crowd is cut off until the last of them is let in again.

    The writers go on, slowly: a storm is not measured by what else the machine is made to do.
    """
    crowd, style = scene.crowd, scene.platform.style
    style.window, style.think_s = 1, THINK_S
    for first in range(0, len(crowd), ARRIVING):
        arriving = crowd[first : first + ARRIVING]
        for member in arriving:
            member.start()
        await _all_in(scene, arriving)
    since_s = now_s()
    for member in crowd:
        member.cut()
    await _all_in(scene, crowd)
    taken_s = now_s() - since_s
    await asyncio.gather(*(member.close() for member in crowd))
    return taken_s


async def _all_in(scene: Scene, members: Sequence[Member]) -> None:
    """Until everybody is; a problem if it takes too long."""
    try:
        async with asyncio.timeout(WITHIN_S):
            while missing := sum(not member.is_ready for member in members):
                await scene.tally.more_events("logins", missing)
    except TimeoutError:
        scene.tally.problems[f"not let in within {WITHIN_S:.0f} s"] += sum(not member.is_ready for member in members)
