"""The outbox of the web client's engine in a real browser: in order and once, whatever is lost on the way."""

import asyncio

import pytest
from playwright.async_api import Route

from miss.base.ids import AccountId
from miss.directory.sample.people import CLAIRE_TEMOIN, HUGO_FACTICE, PAUL_EXEMPLE
from tests.clients.web.tabs import packed, unpacked
from tests.clients.web.ward import ACK, EPOCH, Ward, Wire, cid_of
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import until_true
from tests.miss.client.devices import texts

pytestmark = pytest.mark.browser


async def test_what_was_written_arrives_once_whatever_happens(ward: Ward) -> None:
    """The answer to a deposit is lost, then the page; the same bytes go again and the server knows them."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    machine = await ward.machine()
    claire = await ward.link(CLAIRE_TEMOIN, machine=machine)
    cid = await claire.call("createConversation", [paul_uid.hex()], "")
    await claire.page.close()

    wire = Wire()
    await machine.context.route_web_socket("**/api/chat/socket", wire.connect)
    wire.swallows = ACK
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        tab = await machine.open("claire")
        await tab.start()
        await tab.call("sendText", cid, "un")
        await tab.call("sendText", cid, "deux")
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["un"])
        assert [one["text"] for one in await tab.call("outgoing", cid)] == ["un", "deux"]
        await tab.page.close()
        wire.swallows = 0
        # As after a lost connection just before the answer, and a crash: the same page of the log is not asked for.
        again = await machine.open("claire")
        await again.start()
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["un", "deux"])
        await again.until_texts(cid, "un", "deux")
        assert await again.call("outgoing", cid) == []
        assert len({bytes(env) for _, _, mid, _, env in wire.deposits}) == 2


async def test_a_large_file_goes_on_where_it_was_cut(ward: Ward) -> None:
    """The network dies after the first part, then the page: the upload goes on, and so does a download."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    machine = await ward.machine()
    claire = await ward.link(CLAIRE_TEMOIN, machine=machine)
    large = b"%PDF-1.7\n" + bytes(range(256)) * 6000 + b"\n%%EOF\n"
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        cid = await claire.call("createConversation", [paul_uid.hex()], "")
        offsets: list[str] = []
        has_broken = asyncio.Event()

        async def cut(route: Route) -> None:
            if route.request.method != "PATCH":
                await route.continue_()
                return
            offsets.append(route.request.headers["upload-offset"])
            if len(offsets) < 3:
                await route.continue_()
            else:
                await route.abort()
                has_broken.set()

        await claire.page.route("**/api/chat/blobs/**", cut)
        await claire.call("sendFile", cid, packed(large), "grande.pdf", "La grande")

        async with asyncio.timeout(WAIT_S):
            await has_broken.wait()
        await claire.page.close()
        again = await machine.open("claire")
        await again.start()
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["La grande"])
        sent = await again.events("upload")
        assert sent[0]["sentBytes"] > 256 * 1024  # it did not begin anew
        seq = await again.seq_of(cid, "La grande")
        assert await paul.fetch_file(paul.message(cid_of(cid), seq)) == large
        assert unpacked(await again.call("fetchFile", cid, seq, 0)) == large


async def test_a_message_under_an_old_secret_is_sealed_anew(ward: Ward) -> None:
    """The browser does not hear of a new member: the server refuses what it sent, and the newcomer reads it anyway."""
    paul_uid, hugo_uid = await ward.server.link_everybody(PAUL_EXEMPLE, HUGO_FACTICE)
    machine = await ward.machine()
    claire = await ward.link(CLAIRE_TEMOIN, machine=machine)
    own = AccountId(bytes.fromhex((await claire.call("owner"))["uid"]))
    await claire.page.close()
    async with ward.server.online(PAUL_EXEMPLE) as paul, ward.server.online(HUGO_FACTICE) as hugo:
        cid = await paul.create_conversation([own])
        wire = Wire()
        wire.swallows = EPOCH
        await machine.context.route_web_socket("**/api/chat/socket", wire.connect)
        tab = await machine.open("claire")
        await tab.start()
        await tab.wait_for("synced")
        await paul.add_member(cid, hugo_uid)
        assert (await tab.call("conversation", cid.hex()))["epoch"] == 1
        await tab.call("sendText", cid.hex(), "bonjour Hugo")
        await until_true(hugo, lambda: texts(hugo, cid) == ["bonjour Hugo"])
        assert (await tab.call("conversation", cid.hex()))["epoch"] == 2
        # Who was revoked elsewhere makes the secret stale without a commit: the next sender renews it
        await paul.devices.rotate()
        await tab.call("sendText", cid.hex(), "sous un nouveau secret")
        await until_true(hugo, lambda: texts(hugo, cid) == ["bonjour Hugo", "sous un nouveau secret"])
        assert hugo.conversation(cid).epoch >= 3
        assert paul_uid in {member.uid for member in hugo.conversation(cid).members}


async def test_the_outbox_waits_for_the_server_and_keeps_its_order(ward: Ward) -> None:
    """Forty messages written while the server is away, the page opened again meanwhile: all there, in order."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    machine = await ward.machine()
    claire = await ward.link(CLAIRE_TEMOIN, machine=machine)
    cid = await claire.call("createConversation", [paul_uid.hex()], "")
    await claire.wait_for("conversation")
    await ward.server.stop()
    written = [f"message {number}" for number in range(40)]
    for text in written[:20]:
        await claire.call("sendText", cid, text)
    await claire.page.close()
    again = await machine.open("claire")
    await again.start()
    for text in written[20:]:
        await again.call("sendText", cid, text)
    assert [one["text"] for one in await again.call("outgoing", cid)] == written
    assert (await again.call("conversation", cid))["waiting"] == 40
    await ward.server.start()
    await again.call("hurry")
    await again.until_texts(cid, *written)
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == written)


async def test_a_deposit_that_the_server_does_not_prove_is_not_taken_for_sent(ward: Ward) -> None:
    """Its receipt names another place than its answer: the message stays, and says why, until the log shows it."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    machine = await ward.machine()
    wire = Wire()
    await machine.context.route_web_socket("**/api/chat/socket", wire.connect)
    claire = await ward.link(CLAIRE_TEMOIN, machine=machine)
    cid = await claire.call("createConversation", [paul_uid.hex()], "")
    wire.shifts_acks = True
    await claire.call("sendText", cid, "où donc ?")
    assert (await claire.wait_for("sendFailed"))["code"] == "receipt_forged"
    assert [one["failed"] for one in await claire.call("outgoing", cid)] == ["receipt_forged"]
    assert (await claire.call("conversation", cid))["failed"] == 1
    wire.shifts_acks = False
    await claire.call("retry", (await claire.call("outgoing", cid))[0]["mid"])
    await claire.until_texts(cid, "où donc ?")
    assert await claire.call("outgoing", cid) == []
    assert len({bytes(env) for *_, env in wire.deposits}) == 1
    # What is given up does not leave any more
    wire.shifts_acks = True
    await claire.call("sendText", cid, "à jeter")
    await claire.wait_for("sendFailed", lambda event: event["mid"] != wire.deposits[0][2].hex())
    await claire.call("discard", (await claire.call("outgoing", cid))[0]["mid"])
    assert await claire.call("outgoing", cid) == []
