"""What the engine tells and what it keeps to itself: reading, availability; and a download that is stopped."""

import asyncio

import pytest
from playwright.async_api import Route

from miss.base.ids import AccountId
from miss.client import Client
from miss.client.events import PresenceChanged, ReadBy
from miss.client.model import Presence
from miss.directory.sample.people import CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.web.tabs import Refused, unpacked
from tests.clients.web.ward import Ward, cid_of
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import until_true
from tests.miss.client.devices import texts

pytestmark = pytest.mark.browser


async def test_reading_is_told_only_if_wanted_and_presence_as_chosen(ward: Ward) -> None:
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    claire = await ward.link(CLAIRE_TEMOIN)
    own = AccountId(bytes.fromhex((await claire.call("owner"))["uid"]))
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        cid = await claire.call("createConversation", [paul_uid.hex()], "")
        await claire.call("sendText", cid, "Bonjour")
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["Bonjour"])

        told = asyncio.create_task(presence_of(paul))
        await asyncio.sleep(0)
        await claire.call("setPresence", "on_duty")
        assert await told is Presence.ON_DUTY

        seen = asyncio.create_task(first_reading(paul, own))
        await asyncio.sleep(0)
        await claire.call("setTellsReading", False)
        paul.send_text(cid_of(cid), "Lu en silence")
        await claire.call("markRead", cid, await claire.seq_of(cid, "Lu en silence"))
        # One report tells both: once the reception of the next one is here, the reading would have been sent.
        paul.send_text(cid_of(cid), "Reçu après")
        silent = await claire.seq_of(cid, "Reçu après")
        await until_true(paul, lambda: paul.delivered_to(cid_of(cid)).get(own, 0) >= silent)

        # It begins with what is read from then on: what was read in silence is not told afterwards
        await claire.call("setTellsReading", True)
        assert await claire.call("tellsReading") is True
        await claire.call("sendText", cid, "Réponse")
        await until_true(paul, lambda: "Réponse" in texts(paul, cid_of(cid)))
        paul.send_text(cid_of(cid), "Lu pour tous")
        seq = await claire.seq_of(cid, "Lu pour tous")
        await claire.call("markRead", cid, seq)
        assert await seen == seq
    assert claire.complaints == []


async def test_a_stopped_download_goes_on_where_it_was(ward: Ward) -> None:
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    claire = await ward.link(CLAIRE_TEMOIN)
    asked: list[str] = []
    held = asyncio.Event()

    async def hold_the_second(route: Route) -> None:
        asked.append(route.request.headers["range"])
        if len(asked) == 2:
            held.set()
            return  # no answer
        await route.continue_()

    async with ward.server.online(PAUL_EXEMPLE) as paul:
        cid = await claire.call("createConversation", [paul_uid.hex()], "")
        await until_true(paul, lambda: [one.cid for one in paul.conversations()] == [cid_of(cid)])
        pdf = b"%PDF-1.7\n" + b"compte rendu " * 100_000 + b"\n%%EOF\n"
        await paul.send_file(cid_of(cid), pdf, "compte-rendu.pdf")
        seq = (await claire.wait_for("message", lambda event: bool(event["message"]["attachments"])))["message"]["seq"]
        await claire.page.route("**/api/chat/blobs/*", hold_the_second)
        fetching = asyncio.create_task(claire.call("fetchFile", cid, seq, 0))
        async with asyncio.timeout(WAIT_S):
            await held.wait()
        await claire.call("cancelFile", cid, seq, 0)
        with pytest.raises(Refused, match="stopped"):
            await fetching
        assert (await claire.events("download"))[-1]["sizeBytes"] == 0
        assert unpacked(await claire.call("fetchFile", cid, seq, 0)) == pdf
    assert len(asked) > 2
    assert asked[2] == asked[1], "what had come was kept"


async def first_reading(client: Client, uid: AccountId) -> int:
    """How far somebody had read when they first told."""
    async with asyncio.timeout(WAIT_S * 2):
        async for event in client.events():
            if isinstance(event, ReadBy) and event.uid == uid:
                return event.seq
    raise AssertionError


async def presence_of(client: Client) -> Presence:
    async with asyncio.timeout(WAIT_S):
        async for event in client.events():
            if isinstance(event, PresenceChanged):
                return event.presence
    raise AssertionError
