"""A lid is closed and opened: what was open is given up at once, and what came meanwhile is here."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clients.desktop.sync import wake
from miss.base.clock import SystemClock
from miss.client.events import ConnectionState
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.desk import Desk
from tests.clients.desktop.sync.test_trust import listening
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts

pytestmark = pytest.mark.desktop


class Lid:
    """This machine's clock, which goes on while the machine sleeps."""

    def __init__(self) -> None:
        self.slept = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.slept


class Road:
    """A road to the server that can be cut without either end hearing of it, as a network that went away is."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.is_cut = False
        self.travellers = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.travellers += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        mine = self.travellers

        async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                if self.is_cut and mine <= self.lost:
                    continue
                target.write(data)
            target.close()

        await asyncio.gather(pour(reader, back), pour(there, writer))

    def cut(self) -> None:
        """Whoever is on it is lost; who comes later passes."""
        self.is_cut, self.lost = True, self.travellers


async def test_after_a_sleep_one_is_connected_again_at_once(
    server: ChatServer, desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "LOOK_S", 0.05)
    await server.link_everybody(PAUL_EXEMPLE)
    lid, road = Lid(), Road(server.port)
    desk = desks("desk", clock=lid)
    async with listening(road.serve) as port, server.online(PAUL_EXEMPLE) as paul:
        straight, server.url = server.url, f"http://127.0.0.1:{port}"
        await desk.link(server, ANNE_MODELE)
        server.url = straight
        await desk.until(lambda: desk.state.is_synced and desk.state.connection is ConnectionState.OPEN)
        uids = [paul.uid]
        cid = await desk.ask(lambda account: account.begin(uids))
        await until_true(paul, lambda: paul.conversations())
        await desk.until(lambda: desk.state.rows)
        road.cut()
        paul.send_text(cid, "Pendant la nuit")
        await until_true(paul, lambda: "Pendant la nuit" in texts(paul, cid))
        assert desk.state.connection is ConnectionState.OPEN, "nobody has told it"
        assert desk.state.rows[0].unread == 0
        async with asyncio.timeout(20):  # the next ping, which finds it as well, would take longer
            lid.slept = timedelta(hours=8)
            await desk.until(lambda: desk.state.rows[0].unread == 1)


async def test_one_that_only_was_busy_has_not_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "LOOK_S", 0.0)
    lid, woken = Lid(), []

    async def note() -> None:
        woken.append(lid.slept)

    watching = asyncio.create_task(wake.Wake(lid, note).run())
    for minutes in (0.1, 0.1, 10, 0.1, 600):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        lid.slept += timedelta(minutes=minutes)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    watching.cancel()
    assert [one for one in woken if one > timedelta(minutes=1)] == [timedelta(minutes=10.2), timedelta(minutes=610.3)]
