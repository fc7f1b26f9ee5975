"""When devices were last heard of: seldom written, never lost."""

from dataclasses import replace
from datetime import timedelta

from miss.chat.devices.last_seen import LAST_SEEN_STEP, LastSeen
from miss.chat.devices.model import LinkedDevice
from tests.miss.chat.kit import Place, Process
from tests.miss.chat.world import World


async def test_a_device_is_noted_once_a_quarter_of_an_hour(process: Process, place: Place, world: World) -> None:
    last_seen = LastSeen(place.db)

    async def anne() -> LinkedDevice:
        return next(each for each in await process.chat.devices.list_(world.anne.uid) if each.did == world.anne.did)

    now = place.clock.now()
    last_seen.note(replace(await anne(), last_seen=None), now)
    await last_seen.flush()
    assert (await anne()).last_seen == now
    last_seen.note(await anne(), now + LAST_SEEN_STEP - timedelta(seconds=1))
    await last_seen.flush()
    assert (await anne()).last_seen == now
    later = now + LAST_SEEN_STEP
    last_seen.note(await anne(), later)
    await last_seen.flush()
    assert (await anne()).last_seen == later
