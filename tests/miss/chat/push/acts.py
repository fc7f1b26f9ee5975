"""What devices and processes do, for the tests of this room."""

import asyncio
from datetime import timedelta

from miss.base.clock import MovableClock
from miss.chat.push.wakeups import Wakeups
from miss.chat.push.wire.keys import PushKey
from miss.protocol.wire.frames import Ack
from tests.conditions import WAIT_S
from tests.miss.chat.kit import Member, Place, Process, ask
from tests.miss.chat.push.standin import Browser, StandIn
from tests.miss.chat.world import World


def said_by(browser: Browser, endpoint: str, key: PushKey, muted: list[bytes] | None = None) -> dict[str, object]:
    """What a client sends."""
    return {
        "endpoint": endpoint,
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "key": key.public,
        "muted": muted or [],
    }


async def subscribe(
    process: Process,
    service: StandIn,
    member: Member,
    key: PushKey,
    path: str = "/send/1",
    muted: list[bytes] | None = None,
) -> Browser:
    """As the web client does."""
    browser = Browser()
    await ask(process, "PUT", "push", said_by(browser, service.url(path), key, muted), member.token(process))
    return browser


async def flush(process: Process) -> None:
    """What rounds do each second."""
    await process.chat.push.presence.flush()


def wakeups(process: Process) -> Wakeups:
    found = process.chat.push.wakeups
    assert found is not None
    return found


async def rounds(process: Process, place: Place, after: timedelta = timedelta(seconds=4)) -> None:
    """Let time pass, then do what the tasks of the process do."""
    assert isinstance(place.clock, MovableClock)
    place.clock.advance(after)
    await flush(process)
    await process.chat.push.causes.look()
    await wakeups(process).begin_due()
    await wakeups(process).settle()


async def left(process: Process, member: Member) -> None:
    """Until the server has seen a socket's end."""
    async with asyncio.timeout(WAIT_S):
        while member.did in process.chat.desk.hub.dids():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)


async def say(process: Process, world: World, text: str = "Bonjour", by: Member | None = None) -> None:
    author = by or world.anne
    async with author.connected(process) as wire:
        assert isinstance(await wire.send(*world.team.write(author, text)), Ack)


def figure(process: Process, outcome: str) -> float:
    return process.metrics.get_sample_value("miss_push_wakeups_total", {"outcome": outcome}) or 0.0
