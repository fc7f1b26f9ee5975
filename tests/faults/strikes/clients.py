"""Faults of the clients and of their connections."""

import asyncio
from random import Random

from tests.faults.odd_sockets import dribble
from tests.faults.scene import Scene
from tests.faults.tally import now_s

LARGE_MESSAGES = 150
"""About 7 MB: more than the kernel and the server's queue hold for somebody who does not read."""


async def reconnect_all(scene: Scene, _random: Random) -> float:
    """Everybody loses the connection with a message on its way, three times: again as soon as half of them are back."""
    async with scene.locks["clients"]:
        for _ in range(3):
            since_s = now_s()
            for member in scene.members:
                member.write()
                member.cut()
            await scene.tally.more_events("logins", len(scene.members) // 2)
    return await scene.served(since_s)


async def vanish(scene: Scene, random: Random) -> float:
    """A conversation's members are gone without a word and come back elsewhere: their old connections stay, mute.

    Whole again: all were answered, and the servers have ended every connection that leads nowhere.
    """
    async with scene.locks["clients"]:
        group = scene.group_of(random.choice(scene.members))
        since_s = now_s()
        left = [member.vanish() for member in group if member.is_ready]
        await scene.served(since_s, [member for member in group if member.writes])
        await asyncio.gather(*left)
        return now_s() - since_s


async def read_slowly(scene: Scene, random: Random) -> float:
    """One reader takes a byte a second while megabytes come; seconds from reading again to having everything."""
    async with scene.locks["clients"]:
        victim = random.choice([one for one in scene.members if not one.writes])
        others = [one for one in scene.group_of(victim) if one is not victim]
        since_s = now_s()
        while not victim.is_ready:
            await scene.tally.more_events("logins")
        assert victim.socket is not None
        end_of_it = dribble(victim.socket)
        wanted = sum(one.answered for one in others) + LARGE_MESSAGES
        for one in others:
            one.write_large = True
        while sum(one.answered for one in others) < wanted:
            await scene.tally.more_acks(1)
        for one in others:
            one.write_large = False
        await scene.served(since_s)
        end_of_it()
        since_s, end = now_s(), max(one.shown.known_seq for one in others)
        while victim.shown.last_seq < end:
            await scene.tally.more_acks(1)
        return now_s() - since_s
