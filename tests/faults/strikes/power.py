"""The machine loses its power."""

import asyncio
import signal

from tests.faults.drill import RECOVER_S, Record
from tests.faults.power import PoweredDisk
from tests.faults.scene import Scene

CUTS = 3


async def cut_power(scene: Scene, _record: Record) -> None:
    """In the midst of writing the disk is cut off; then all that ran starts again on what its blocks hold."""
    disk = scene.disk
    assert isinstance(disk, PoweredDisk)
    for _ in range(CUTS):
        async with asyncio.timeout(RECOVER_S):
            await scene.tally.more_acks(2 * len(scene.writers))
        disk.cut()
        # Mounted before anything is killed: who starts again finds these blocks, not the file system that stopped.
        await asyncio.to_thread(disk.power_on)
        for wiring in scene.wirings:
            wiring.server.end(signal.SIGKILL)
        if scene.database is not None:
            await scene.database.kill(signal.SIGQUIT)
            await scene.database.start()
        async with asyncio.timeout(RECOVER_S):
            for wiring in scene.wirings:
                await wiring.server.ready.wait()
        scene.tally.note_event("power cut")
    await scene.tally.more_acks(2 * len(scene.writers))
