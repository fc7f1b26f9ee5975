"""The web client's engine and a Python client in one conversation, through the real server."""

import asyncio
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from miss.base.ids import AccountId, ConversationId
from miss.chat import ChatLimits
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.session import SessionLimits
from miss.protocol.session.limits import DEFAULT_RATES, Rate
from miss.protocol.wire.frames import Send
from tests.clients.web.engine.browser_peer import Peer, peer
from tests.miss.client.chat_server import ChatServer, Proxy, running, until_true
from tests.miss.client.devices import texts
from tests.miss.client.files.test_photo import jpeg

pytestmark = pytest.mark.browser

MANY = 1050
"""Messages: more than a page of 1,000."""


async def enrol(web: Peer, server: ChatServer, rpps: str = PAUL_EXEMPLE) -> AccountId:
    code = await server.activate(rpps)
    uid = await web.ask("enrol", server.url, rpps, code, server.signer.root_fingerprint)
    await web.until(lambda event: event["kind"] == "synced")
    return AccountId(bytes.fromhex(uid))


def says(text: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["kind"] == "message" and event["message"]["text"] == text


async def shown(web: Peer, cid: ConversationId) -> list[str]:
    """What the engine shows of a conversation."""
    messages = await web.ask("messages", cid.hex(), None, 1000)
    return [one["text"] or one["refused"] for one in messages if one["type"] == "text"]


async def sent(web: Peer, cid: ConversationId, text: str, **options: object) -> int:
    """The place of a message that the engine sent and the server took."""
    mid = await web.ask("sendText", cid.hex(), text, options)
    return int((await web.until(lambda event: event["kind"] == "sent" and event["mid"] == mid))["seq"])


async def test_both_ways(server: ChatServer, program: Path) -> None:
    [alice_uid] = await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web, server.online(ANNE_MODELE) as alice:
        web_uid = await enrol(web, server)
        found = await web.ask("directory", "MODELE", 10)
        assert alice_uid.hex() in [entry["uid"] for entry in found]

        cid = ConversationId(bytes.fromhex(await web.ask("createConversation", [alice_uid.hex()], "Plaie du talon")))
        first = await sent(web, cid, "Bonjour Anne")
        await until_true(alice, lambda: texts(alice, cid) == ["Bonjour Anne"])
        assert alice.conversation(cid).name == "Plaie du talon"

        # A photo each way, with its caption.
        photo = jpeg((400, 300))
        await web.ask("sendFile", cid.hex(), photo, "plaie.jpg", "la voici", {"width": 400, "height": 300})
        await until_true(alice, lambda: texts(alice, cid) == ["Bonjour Anne", "la voici"])
        assert await alice.fetch_photo(alice.messages(cid)[-1]) == photo
        await alice.send_photo(cid, jpeg((2000, 1500)), "et la mienne")
        told = (await web.until(says("et la mienne")))["message"]
        assert [one["mediaType"] for one in told["attachments"]] == ["image/jpeg"]
        fetched = await web.ask("fetchFile", cid.hex(), told["seq"], 0)
        assert Image.open(io.BytesIO(fetched)).size == (1600, 1200)

        # Receipts both ways.
        alice.mark_read(cid, told["seq"])
        read = await web.until(lambda event: event["kind"] == "readBy")
        assert (read["uid"], read["seq"]) == (alice_uid.hex(), told["seq"])
        assert await web.ask("deliveredTo", cid.hex()) == {alice_uid.hex(): told["seq"]}
        await web.ask("markRead", cid.hex(), told["seq"])
        await until_true(alice, lambda: alice.read_by(cid) == {web_uid: told["seq"]})

        # Edits, reactions and deletions both ways.
        await web.ask("edit", cid.hex(), first, "Bonsoir Anne")
        await until_true(alice, lambda: alice.message(cid, first).text == "Bonsoir Anne")
        alice.react(cid, first, "👍")
        changed = await web.until(lambda event: event["kind"] == "messageChanged" and event["how"] == "reaction")
        assert changed["message"]["reactions"] == [{"emoji": "👍", "uids": [alice_uid.hex()]}]
        await alice.wait_sent(alice.edit(cid, told["seq"], "et la mienne, de face"))
        changed = await web.until(
            lambda event: (
                event["kind"] == "messageChanged" and event["how"] == "edit" and event["by"] == alice_uid.hex()
            )
        )
        assert changed["message"]["text"] == "et la mienne, de face"
        await web.ask("delete", cid.hex(), first)
        await until_true(alice, lambda: alice.message(cid, first).is_deleted)
        alice.delete(cid, told["seq"])
        gone = await web.until(
            lambda event: (
                event["kind"] == "messageChanged" and event["how"] == "delete" and event["by"] == alice_uid.hex()
            )
        )
        assert (gone["message"]["isDeleted"], gone["message"]["text"]) == (True, "")
        assert [event for event in web.events if event["kind"] in {"serverLied", "splitView", "commitRefused"}] == []
        assert alice.incidents() == []


async def talking(web: Peer, server: ChatServer) -> tuple[AccountId, ConversationId]:
    """Anne, linked, and a conversation that the engine has begun with her."""
    [alice_uid] = await server.link_everybody(ANNE_MODELE)
    await enrol(web, server)
    cid = ConversationId(bytes.fromhex(await web.ask("createConversation", [alice_uid.hex()], "")))
    await sent(web, cid, "début")
    return alice_uid, cid


async def test_the_server_restarts(server: ChatServer, program: Path) -> None:
    async with peer(program) as web:
        _, cid = await talking(web, server)
        before = len(web.events)
        await server.stop()
        await web.until(lambda event: event["kind"] == "connection" and event["state"] == "waiting", before)
        mids = [await web.ask("sendText", cid.hex(), text, {}) for text in ("un", "deux", "trois")]
        assert [entry["mid"] for entry in await web.ask("outgoing", cid.hex())] == mids
        await server.start()
        async with server.online(ANNE_MODELE) as alice:
            await until_true(alice, lambda: texts(alice, cid) == ["début", "un", "deux", "trois"])
            await alice.wait_sent(alice.send_text(cid, "reçu"))
            await web.until(says("reçu"), before)
        assert await web.ask("outgoing", cid.hex()) == []
        assert await shown(web, cid) == ["début", "un", "deux", "trois", "reçu"]
        assert [event["mid"] for event in web.events[before:] if event["kind"] == "sent"] == mids


async def test_the_page_is_loaded_again(server: ChatServer, program: Path) -> None:
    async with peer(program) as web:
        _, cid = await talking(web, server)
        await server.stop()
        await web.ask("saveDraft", cid.hex(), {"text": "à finir", "reply": None, "mentions": [], "urgent": True})
        await web.ask("setMarks", cid.hex(), {"pinned": True})
        waiting = await web.ask("sendText", cid.hex(), "écrit sans réseau", {})
        await web.ask("reload")
        assert await shown(web, cid) == ["début"]
        [listed] = await web.ask("conversations")
        assert (listed["draft"]["text"], listed["draft"]["urgent"], listed["pinned"]) == ("à finir", True, True)
        assert (listed["waiting"], listed["failed"], listed["last"]["text"]) == (1, 0, "début")
        await server.start()
        async with server.online(ANNE_MODELE) as alice:
            await until_true(alice, lambda: texts(alice, cid) == ["début", "écrit sans réseau"])
        await web.until(lambda event: event["kind"] == "sent" and event["mid"] == waiting)


async def test_an_answer_is_lost(server: ChatServer, program: Path) -> None:
    async with peer(program) as web, Proxy(server) as proxy:
        _, cid = await talking(web, server)
        before = len(web.events)
        await web.ask("reload", proxy.url)
        await web.until(lambda event: event["kind"] == "synced", before)
        async with server.online(ANNE_MODELE) as alice:
            proxy.quiet = True
            mid = await web.ask("sendText", cid.hex(), "déposé", {})
            await until_true(alice, lambda: texts(alice, cid) == ["début", "déposé"])
            assert [entry["mid"] for entry in await web.ask("outgoing", cid.hex())] == [mid]  # it does not know yet
            proxy.cut()
            proxy.quiet = False
            await web.until(lambda event: event["kind"] == "sent" and event["mid"] == mid, before)
            assert await sent(web, cid, "suite") == 3
            await until_true(alice, lambda: texts(alice, cid) == ["début", "déposé", "suite"])
        assert await shown(web, cid) == ["début", "déposé", "suite"]


async def test_what_was_missed_is_fetched(server: ChatServer, program: Path) -> None:
    """A gap, with a deletion of something that is held already."""
    async with peer(program) as web, Proxy(server) as proxy:
        _, cid = await talking(web, server)
        before = len(web.events)
        async with server.online(ANNE_MODELE) as alice:
            kept = await alice.wait_sent(alice.send_text(cid, "à retirer"))
            await web.until(says("à retirer"), before)
            await web.ask("reload", proxy.url)
            proxy.cut()
            proxy.quiet = True
            await alice.wait_sent(alice.delete(cid, kept))
            for number in range(40):
                alice.send_text(cid, f"n° {number}")
            await until_true(alice, lambda: not alice.outgoing(cid))
            proxy.cut()
            proxy.quiet = False
            await web.until(says("n° 39"), before)
        gone = lambda event: event["kind"] == "messageChanged" and event["how"] == "delete"  # noqa: E731
        await web.until(gone, before)
        assert await shown(web, cid) == ["début", "", *(f"n° {number}" for number in range(40))]
        [listed] = await web.ask("conversations")
        assert listed["unread"] == 41
        found = await web.ask("search", "N° 32", None, 10)
        assert [one["excerpt"] for one in found] == ["n° 32"]


async def test_more_than_a_page_was_missed(tmp_path: Path, program: Path) -> None:
    """Sealed under several epochs, since a secret is renewed after 500 messages."""
    fast = dataclasses.replace(SessionLimits(), rates={**DEFAULT_RATES, Send: Rate(burst=5000, per_s=5000)})
    async with running(tmp_path, ChatLimits(session=fast)) as server, peer(program) as web:
        _, cid = await talking(web, server)
        await server.stop()
        await web.ask("close")
        await server.start()
        async with server.online(ANNE_MODELE) as alice:
            mids = [alice.send_text(cid, f"n° {number}") for number in range(MANY)]
            async with asyncio.timeout(180):
                await alice.wait_sent(mids[-1])
        before = len(web.events)
        await web.ask("reload")
        await web.until(lambda event: event["kind"] == "synced", before)
        messages = await web.ask("messages", cid.hex(), None, 2 * MANY)
        assert [one["text"] for one in messages] == ["début", *(f"n° {number}" for number in range(MANY))]
        assert [one["refused"] for one in messages if one["refused"]] == []
        assert (await web.ask("conversation", cid.hex()))["epoch"] > 2
        assert [event for event in web.events if event["kind"] in {"serverLied", "splitView", "commitRefused"}] == []
