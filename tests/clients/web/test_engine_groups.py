"""Conversations of the web client's engine in a real browser, with Python clients in them."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from miss.base.ids import AccountId, ConversationId
from miss.client import Client
from miss.client.events import TypingChanged
from miss.client.model import Member, Role
from miss.directory.sample.people import CLAIRE_TEMOIN, HUGO_FACTICE, PAUL_EXEMPLE
from miss.protocol.crypto.proof import parse_proof, verify_proof
from tests.clients.web.tabs import Refused, packed, unpacked
from tests.clients.web.ward import Ward, cid_of
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import until_true
from tests.miss.client.devices import texts

pytestmark = pytest.mark.browser

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 3000 + b"\xff\xd9"
PDF = b"%PDF-1.7\n" + b"lettre " * 400 + b"\n%%EOF\n"


async def test_a_group_with_two_python_clients(ward: Ward) -> None:
    """Text, edit, reaction, deletion, photograph, letter, receipts and an alarm, both ways."""
    paul_uid, hugo_uid = await ward.server.link_everybody(PAUL_EXEMPLE, HUGO_FACTICE)
    claire = await ward.link(CLAIRE_TEMOIN)
    async with ward.server.online(PAUL_EXEMPLE) as paul, ward.server.online(HUGO_FACTICE) as hugo:
        found = await claire.call("directory", "EXEMPLE", 10)
        assert [entry["uid"] for entry in found] == [paul_uid.hex()]
        cid = await claire.call("createConversation", [paul_uid.hex(), hugo_uid.hex()], "Plaie du talon")
        await claire.call("sendText", cid, "Bonjour à tous")
        for client in (paul, hugo):
            await until_true(client, partial(says_hello, client, cid_of(cid)))
        assert paul.conversation(cid_of(cid)).name == "Plaie du talon"

        paul.send_text(cid_of(cid), "Bonjour Claire")
        await claire.until_texts(cid, "Bonjour à tous", "Bonjour Claire")
        heard = asyncio.create_task(hear_typing(paul))
        await asyncio.sleep(0)
        await claire.call("typing", cid, True)
        assert (await heard).cid == cid_of(cid)
        hello = await claire.seq_of(cid, "Bonjour à tous")
        answer_seq = await claire.seq_of(cid, "Bonjour Claire")

        await claire.call("edit", cid, hello, "Bonjour à toutes et à tous")
        await claire.call("react", cid, answer_seq, "👍")
        await until_true(hugo, lambda: hugo.message(cid_of(cid), hello).text == "Bonjour à toutes et à tous")
        await until_true(hugo, lambda: bool(hugo.message(cid_of(cid), answer_seq).reactions))
        paul.react(cid_of(cid), hello, "🙏")

        async def has_reaction() -> bool:
            return bool((await claire.call("message", cid, hello))["reactions"])

        await claire.until(has_reaction)

        paul.mark_read(cid_of(cid), answer_seq)
        await claire.wait_for("readBy", lambda event: event["uid"] == paul_uid.hex())
        await claire.call("markRead", cid, answer_seq)
        await until_true(
            paul, lambda: paul.read_by(cid_of(cid)).values() and min(paul.read_by(cid_of(cid)).values()) > 0
        )

        await claire.call("delete", cid, hello)
        await until_true(hugo, lambda: hugo.message(cid_of(cid), hello).is_deleted)
        paul.delete(cid_of(cid), answer_seq)

        async def is_deleted() -> bool:
            return bool((await claire.call("message", cid, answer_seq))["isDeleted"])

        await claire.until(is_deleted)

        # Files
        options = {"thumbnail": packed(b"\xff\xd8\xff\xd9"), "width": 640, "height": 480}
        await claire.call("sendFile", cid, packed(JPEG), "patient.jpg", "Voici la photo", options)
        photo = await claire.seq_of(cid, "Voici la photo")
        await until_true(paul, lambda: any(one.text == "Voici la photo" for one in paul.messages(cid_of(cid))))
        shown = paul.message(cid_of(cid), photo)
        assert (shown.attachments[0].name, shown.attachments[0].width) == ("", 640)
        assert await paul.fetch_photo(shown) == JPEG
        await paul.send_file(cid_of(cid), PDF, "lettre.pdf", "La lettre")
        letter = await claire.seq_of(cid, "La lettre")
        assert (await claire.call("message", cid, letter))["attachments"][0]["name"] == "lettre.pdf"
        assert unpacked(await claire.call("fetchFile", cid, letter, 0)) == PDF
        assert unpacked(await claire.call("thumbnail", cid, photo, 0)) == b"\xff\xd8\xff\xd9"

        # An alarm, both ways
        deadline = await claire.page.evaluate("Date.now() + 3600e3")
        await claire.call("sendAlarm", cid, "Kaliémie 6,9", deadline, [paul_uid.hex()])
        alarm = await claire.seq_of(cid, "Kaliémie 6,9")
        await until_true(paul, lambda: any(one.seq == alarm for one in paul.open_alarms()))
        paul.acknowledge(cid_of(cid), alarm)

        async def is_acknowledged() -> bool:
            return bool((await claire.call("message", cid, alarm))["alarm"]["state"] == "acknowledged")

        await claire.until(is_acknowledged)
        assert await claire.call("openAlarms") == []
        paul.send_alarm(cid_of(cid), "Troponine positive", ack_by=datetime.now(UTC) + timedelta(hours=1))
        alarm = await claire.seq_of(cid, "Troponine positive")
        await claire.call("acknowledge", cid, alarm)
        await until_true(paul, lambda: not paul.open_alarms())

        # Proof of the letter and of one's own message, for the command line
        for seq in (letter, photo):
            proof = unpacked(await claire.call("exportProof", cid, seq))
            proven = verify_proof(parse_proof(proof), ward.server.signer.root_public)
            assert proven.seq == seq
    assert claire.complaints == []


def says_hello(client: Client, cid: ConversationId) -> bool:
    return texts(client, cid) == ["Bonjour à tous"]


async def hear_typing(client: Client) -> TypingChanged:
    async with asyncio.timeout(WAIT_S):
        async for event in client.events():
            if isinstance(event, TypingChanged):
                return event
    raise AssertionError


async def test_members_come_and_go(ward: Ward) -> None:
    """Added with history, removed, made admin, leaving: by the browser and by Python."""
    paul_uid, hugo_uid = await ward.server.link_everybody(PAUL_EXEMPLE, HUGO_FACTICE)
    claire = await ward.link(CLAIRE_TEMOIN)
    own = await claire.call("owner")
    async with ward.server.online(PAUL_EXEMPLE) as paul, ward.server.online(HUGO_FACTICE) as hugo:
        cid = await claire.call("createConversation", [paul_uid.hex()], "Équipe", {"history": "everything"})
        await claire.call("sendText", cid, "avant")
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["avant"])
        with pytest.raises(Refused, match="last_admin"):
            await claire.call("leave", cid)
        await claire.call("addMember", cid, hugo_uid.hex(), "member")
        await until_true(hugo, lambda: [one.cid for one in hugo.conversations()] == [cid_of(cid)])
        await until_true(hugo, lambda: texts(hugo, cid_of(cid)) == ["avant"])
        await claire.call("removeMember", cid, hugo_uid.hex())
        await until_true(hugo, lambda: not hugo.conversation(cid_of(cid)).is_member)
        await claire.call("setRole", cid, paul_uid.hex(), "admin")
        await until_true(paul, lambda: any(m.uid == paul_uid and m.role is Role.ADMIN for m in members(paul, cid)))
        paul.send_text(cid_of(cid), "je reste")
        await claire.until_texts(cid, "avant", "je reste")
        await claire.call("leave", cid)
        await until_true(paul, lambda: [member.uid for member in members(paul, cid)] == [paul_uid])

        async def is_out() -> bool:
            return not (await claire.call("conversation", cid))["isMember"]

        await claire.until(is_out)
        with pytest.raises(Refused, match="conversation_left"):
            await claire.call("sendText", cid, "trop tard")

        # The other way round: a Python admin lets the browser in, and a member leaves before its eyes
        second = await paul.create_conversation([AccountId(bytes.fromhex(own["uid"])), hugo_uid], name="Deuxième")
        await claire.wait_for("conversation", lambda event: event["cid"] == second.hex())
        await paul.set_role(second, AccountId(bytes.fromhex(own["uid"])), Role.ADMIN)

        async def is_admin() -> bool:
            conversation = await claire.call("conversation", second.hex())
            return any(m["uid"] == own["uid"] and m["role"] == "admin" for m in conversation["members"])

        await claire.until(is_admin)
        # Nobody but the browser may take the leaver out
        await paul.set_role(second, paul_uid, Role.MEMBER)
        hugo.leave(second)

        async def has_left() -> bool:
            conversation = await claire.call("conversation", second.hex())
            return len(conversation["members"]) == 2

        await claire.until(has_left)
    assert claire.complaints == []


def members(client: Client, cid: str) -> tuple[Member, ...]:
    return client.conversation(cid_of(cid)).members
