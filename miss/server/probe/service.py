"""One run: the doors, two devices, a message from one to the other, then what each service tries.

Nothing clinical is ever said.  A step that fails ends the run, as those after it would say nothing new.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final, Protocol

from miss.base.ids import ConversationId
from miss.base.text import Text
from miss.client import Client
from miss.client.events import MessageReceived
from miss.directory.practitioners.probes import ANSWERING, ASKING
from miss.server.probe.devices import Devices, ProbeFolder
from miss.server.probe.door import Door, open_door
from miss.server.probe.errors import NotHealthy
from miss.server.probe.model import Run, StepStopped, Watch

if TYPE_CHECKING:
    from miss.server.house import House

STEP_S: Final = 30.0
"""What takes longer has failed, for whoever waits."""
HEALTH: Final = Text(fr="Le serveur répond", en="The server answers")
SIGNED_ON: Final = Text(fr="Deux appareils se connectent", en="Two devices sign on")
STORED: Final = Text(fr="Un message est enregistré", en="A message is stored")
DELIVERED: Final = Text(fr="Il arrive chez l’autre, déchiffré", en="It arrives at the other, deciphered")


class ServiceProbe(Protocol):
    """What a service tries in a probe (`miss.server.service.Service.probe`)."""

    async def prepare(self, house: "House") -> None:
        """Make what the probe needs of the service, once, on its rooms; again changes nothing."""
        ...

    async def play(self, asking: Door, answering: Door, watch: Watch) -> None:
        """Try it at the doors, a step at a time, and leave nothing open.  Raises StepStopped."""
        ...


async def probe(folder: ProbeFolder, server_url: str, services: Sequence[ServiceProbe], watch: Watch) -> Run:
    """Try everything once.  Raises ProbeNotPrepared, StoreInUse: then nothing is known."""
    at = folder.clock.now()
    folder.server_url()
    async with AsyncExitStack() as stack:
        with suppress(StepStopped):
            await _try(folder, server_url, services, watch, stack)
    return Run(at, watch.steps)


async def _try(
    folder: ProbeFolder, server_url: str, services: Sequence[ServiceProbe], watch: Watch, stack: AsyncExitStack
) -> None:
    with watch.step("health", HEALTH):
        async with asyncio.timeout(STEP_S), open_door(server_url, folder.trust) as anybody:
            found = await anybody.get("/health")
            if found.get("status") not in {"ok", "degraded"}:
                raise NotHealthy(status=str(found.get("status"))[:20])
    with watch.step("sign_on", SIGNED_ON):
        async with asyncio.timeout(STEP_S):
            devices = await stack.enter_async_context(folder.online(server_url))
            doors = [
                await stack.enter_async_context(open_door(server_url, folder.trust, await device.http_token(), person))
                for device, person in ((devices.asking, ASKING), (devices.answering, ANSWERING))
            ]
    await _send_message(devices, f"{folder.clock.now():%Y-%m-%dT%H:%M:%S.%fZ}", watch)
    for service in services:
        await service.play(doors[0], doors[1], watch)


async def _send_message(devices: Devices, text: str, watch: Watch) -> None:
    with watch.step("message_stored", STORED):
        async with asyncio.timeout(STEP_S):
            mid = devices.asking.send_text(devices.conversation, text)
            seq = await devices.asking.wait_sent(mid)
    with watch.step("message_delivered", DELIVERED):
        async with asyncio.timeout(STEP_S):
            await _wait_for(devices.answering, devices.conversation, seq)
            devices.answering.mark_read(devices.conversation, seq)


async def _wait_for(client: Client, cid: ConversationId, seq: int) -> None:
    """Until that message is there; the stream is opened first, so that nothing slips between."""
    stream = client.events()
    if client.messages(cid, seq - 1, 1):
        return
    async for event in stream:
        if isinstance(event, MessageReceived) and event.message.cid == cid and event.message.seq == seq:
            return
