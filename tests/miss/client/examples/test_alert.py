"""The alert: the prescriber answers, or the sampler does, or somebody has to telephone."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from miss.client.events import AlarmEscalated, AlarmRaised
from miss.client.examples import alert
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.crypto.acknowledgements import parse_acknowledgement
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer
from tests.miss.client.examples.running import linked_folder

HOUR, SOON = timedelta(hours=1), timedelta(seconds=0.5)


@pytest.mark.parametrize(("mmol_l", "alarming"), [(2.4, True), (2.5, False), (4.0, False), (6.0, False), (6.8, True)])
def test_limits(mmol_l: float, alarming: bool) -> None:
    assert alert.is_alarming(mmol_l) is alarming


async def test_the_prescriber_answers(server: ChatServer, tmp_path: Path) -> None:
    folder = await linked_folder(server, tmp_path / "laboratory", ANNE_MODELE)
    prescriber_uid, _ = await server.link_everybody(PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(PAUL_EXEMPLE) as prescriber, asyncio.timeout(WAIT_S):
        heard = prescriber.events()
        sending = asyncio.create_task(alert.main(folder, "EXEMPLE", "TEMOIN", 6.8, HOUR))
        while not isinstance(event := await anext(heard), AlarmRaised):
            pass
        assert "6.8 mmol/L" in event.message.text
        assert event.message.is_for(prescriber.uid)
        prescriber.acknowledge(event.message.cid, event.message.seq)
        assert await sending
    assert parse_acknowledgement((folder / "acknowledgement").read_bytes()).uid == prescriber_uid


async def test_else_the_sampler(server: ChatServer, tmp_path: Path) -> None:
    folder = await linked_folder(server, tmp_path / "laboratory", ANNE_MODELE)
    _, sampler_uid = await server.link_everybody(PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.working(), server.online(CLAIRE_TEMOIN) as sampler, asyncio.timeout(WAIT_S):
        heard = sampler.events()
        sending = asyncio.create_task(alert.main(folder, "EXEMPLE", "TEMOIN", 6.8, SOON))
        while not isinstance(event := await anext(heard), AlarmEscalated):
            pass
        assert event.uid == sampler_uid
        sampler.acknowledge(event.cid, event.seq)
        assert await sending
    assert parse_acknowledgement((folder / "acknowledgement").read_bytes()).uid == sampler_uid


async def test_nobody_answers(server: ChatServer, tmp_path: Path) -> None:
    folder = await linked_folder(server, tmp_path / "laboratory", ANNE_MODELE)
    await server.link_everybody(PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.working(), asyncio.timeout(WAIT_S):
        assert not await alert.main(folder, "EXEMPLE", "TEMOIN", 6.8, SOON)
    assert not (folder / "acknowledgement").exists()


async def test_a_name_that_finds_several_is_nobodys(server: ChatServer, tmp_path: Path) -> None:
    folder = await linked_folder(server, tmp_path / "laboratory", ANNE_MODELE)
    with pytest.raises(LookupError):
        await alert.main(folder, "EXEMPLE", "TEMOIN", 6.8, HOUR)  # nobody of them has a device
    assert await alert.main(folder, "EXEMPLE", "TEMOIN", 4.0, HOUR)  # nothing to say
