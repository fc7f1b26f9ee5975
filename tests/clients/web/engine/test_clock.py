"""The machine's clock is set while the browser is connected, or the machine slept: the server tells the time again."""

from pathlib import Path

import pytest

from miss.base.clock import SystemClock, to_ms
from miss.client import Policy
from miss.directory.sample.people import ANNE_MODELE
from tests.clients.web.engine.browser_paul import Paul, enrol
from tests.clients.web.engine.browser_peer import peer
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts

pytestmark = pytest.mark.browser

DAY_MS = 86_400_000


def openings(paul: Paul) -> int:
    """How often he was connected."""
    return sum(event["kind"] == "connection" and event["state"] == "open" for event in paul.web.events)


@pytest.mark.parametrize("ahead_ms", [DAY_MS, -DAY_MS])
async def test_what_is_written_after_it_was_set_has_the_servers_time(
    server: ChatServer, program: Path, ahead_ms: int
) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web, server.online(ANNE_MODELE) as anne:
        paul = await enrol(web, server)
        cid = await anne.create_conversation([paul.uid], policy=Policy(ttl_s=3600))
        await say(anne, cid, "avant")
        await paul.shows(cid, "avant")
        before, opened = len(web.events), openings(paul)

        await web.ask("setClock", ahead_ms)
        await web.ask("sendText", cid.hex(), "entre-temps", {})
        await paul.synced(before)
        assert openings(paul) == opened + 1
        await paul.say(cid, "après")
        [last] = [one for one in await web.ask("messages", cid.hex(), None, 10) if one["text"] == "après"]
        assert abs(last["sentAtMs"] - to_ms(SystemClock().now())) < 10_000
        await until_true(anne, lambda: texts(anne, cid) == ["avant", "entre-temps", "après"])
        # Nothing is a day old.
        assert await paul.shown(cid) == ["avant", "entre-temps", "après"]


async def test_a_telephone_that_dozes_does_not_begin_anew_with_every_packet(server: ChatServer, program: Path) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web, server.online(ANNE_MODELE) as anne:
        paul = await enrol(web, server)
        cid = await anne.create_conversation([paul.uid])
        await say(anne, cid, "début")
        await paul.shows(cid, "début")
        before, opened = len(web.events), openings(paul)
        await web.ask("setClock", 25_000)
        await web.ask("hurry")
        await paul.synced(before)
        for naps in range(2, 6):
            await web.ask("setClock", naps * 25_000)
            await paul.say(cid, f"réveil {naps}")
            await say(anne, cid, f"vu {naps}")
            await paul.shows(cid, f"vu {naps}")
        assert openings(paul) == opened + 1
