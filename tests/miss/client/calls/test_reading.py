"""Messages as they stand on each device of a person, pages of them, and what a lying server leaves behind."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from miss.client.events import MessageReceived
from miss.client.model import Message, SplitView
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.envelopes import Body, hash_envelope, seal_envelope
from miss.protocol.crypto.receipts import log_next, log_start
from miss.protocol.wire.frames import Frame, Head, Heads, Msg
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import join, linked_store, texts
from tests.miss.client.script import Script, bob_on, saying
from tests.miss.client.second_devices import pair
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, Stream, body, team

TEAM = team()
CID = TEAM.commit.core.cid


def seal(content: Body, seed: str) -> bytes:
    return seal_envelope(
        es=TEAM.es, commit=TEAM.commit, did=ALICE.did, ik=ALICE.keys.ik, body=content, random_bytes=Stream(seed)
    )


async def test_two_devices_of_one_person_show_the_same(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid], name="Plaie du talon")
        await alice.wait_sent(alice.send_text(cid, "amoxicilline 1 g"))
        await alice.wait_sent(alice.send_text(cid, "erreur"))
        await pair(server, alice, "tablette")
        async with server.online("tablette") as tablet:
            assert texts(tablet, cid) == ["amoxicilline 1 g", "erreur"]
            assert all(message.is_mine for message in tablet.messages(cid))
            # What one device wrote, the other edits, deletes and reacts to: the person is the author.
            await tablet.wait_sent(tablet.edit(cid, 2, "amoxicilline 2 g"))
            await tablet.wait_sent(tablet.delete(cid, 3))
            await bob.wait_sent(bob.react(cid, 2, "👍"))
            await tablet.wait_sent(tablet.send_text(cid, "de la tablette"))
            await until_true(alice, lambda: texts(alice, cid)[-1] == "de la tablette")
            await until_true(bob, lambda: texts(bob, cid)[-1] == "de la tablette")
            assert texts(alice, cid) == texts(bob, cid) == texts(tablet, cid)
            await until_true(tablet, lambda: _shown(tablet.messages(cid)) == _shown(alice.messages(cid)))
            tablet.mark_read(cid, 7)
            await until_true(bob, lambda: bob.read_by(cid).get(alice.uid) == 7)
            await until_true(tablet, lambda: not tablet._store.statements.list_())
        for client in (alice, bob):
            assert client.split_views(cid) == []


def _shown(messages: list[Message]) -> list[object]:
    return [(one.seq, one.text, one.versions, one.reactions, one.is_deleted, one.uid) for one in messages]


async def test_pages_forward_and_back(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        for number in range(1, 6):
            alice.send_text(cid, f"{number}")
        await until_true(alice, lambda: not alice.outgoing(cid))
        await alice.wait_sent(alice.react(cid, 2, "👍"))

        assert [message.text for message in alice.messages(cid, 1, 2)] == ["2", "3"]
        assert [message.text for message in alice.messages(cid, limit=2, before_seq=5)] == ["3", "4"]
        assert [message.text for message in alice.messages(cid, limit=2, before_seq=100)] == ["4", "5"]
        assert alice.messages(cid, after_seq=5) == []
        assert alice.messages(cid, 1, 1)[0].reactions != ()


async def test_a_type_of_a_later_version_stays_visible(tmp_path: Path) -> None:
    later = seal(msgspec.structs.replace(body("{}", 1), type="poll"), "a")
    script = Script(saying([Heads((Head(CID, 1, 0, 1),))]))
    script.log = {1: later}
    with linked_store(tmp_path / "bob.db", BOB, ALICE) as store:
        join(store, TEAM)
        async with bob_on(script, store) as bob:
            await bob.wait_synced()
            (message,) = bob.messages(CID)
            assert (message.type, message.is_supported, message.refused) == ("poll", False, "")
            assert bob.conversation(CID).unread == 1


FIRST, OTHER = seal(body("un", 1), "a"), seal(body("autre", 2), "b")
LOG = log_next(log_start(CID), hash_envelope(FIRST), 1)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([Heads((Head(CID, 0, 0, 1),))], SplitView(CID, 1, None, b"", LOG, b"")),
        (
            [Heads((Head(CID, 1, 0, 1),)), Msg(CID, 1, OTHER, NOW_MS)],
            SplitView(CID, 1, None, hash_envelope(OTHER), hash_envelope(FIRST), OTHER),
        ),
    ],
    ids=["a shorter log", "another message in its place"],
)
async def test_a_server_that_goes_back_is_found_out(tmp_path: Path, said: list[Frame], found: SplitView) -> None:
    with linked_store(tmp_path / "bob.db", BOB, ALICE) as store:
        join(store, TEAM)
        script = Script(saying([Heads((Head(CID, 1, 0, 1),))]))
        script.log = {1: FIRST}
        async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
            await bob.wait_synced()

        async with bob_on(Script(saying(said)), store) as bob, asyncio.timeout(WAIT_S):
            heard = bob.events()
            while (event := await anext(heard)) != found:
                assert not isinstance(event, MessageReceived | SplitView)
            assert bob.split_views(CID) == [found]
            assert texts(bob, CID) == ["un"]
