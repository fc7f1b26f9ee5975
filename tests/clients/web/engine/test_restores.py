"""The web client's engine after its server was restored to an older point: what Python's does, test by test.

The model is `tests/miss/client/restoring/test_reconciling.py`; here a Python client is the other side.
"""

import asyncio
from pathlib import Path

import pytest

from miss.base.ids import AccountId, ConversationId
from miss.client.model import Role
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.web.engine.browser_paul import Paul, enrol
from tests.clients.web.engine.browser_peer import PeerError, peer
from tests.conditions import WAIT_S
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import ChatServer, Proxy, until_true
from tests.miss.client.restoring.restoring import Backup, declare, is_revoked, lost, pair_tablet, shows, texts
from tests.miss.client.second_devices import answer

pytestmark = pytest.mark.browser


async def test_own_messages_come_again_once_and_everybody_agrees(server: ChatServer, program: Path) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid])
            await say(anne, cid, "avant")
            await paul.shows(cid, "avant")
            backup = Backup(server)
            await say(anne, cid, "perdu d'Anne")
            await paul.shows(cid, "perdu d'Anne")
            await paul.say(cid, "perdu de Paul")
            await shows(anne, cid, "perdu de Paul")
        async with backup.restored():
            # Anne's message is shown as lost for as long as she is away.
            await paul.loses(cid, "perdu d'Anne")
            [restored] = await web.ask("restorations")
            assert (restored["number"], restored["lost"]) == (1, 1)
            assert [one["code"] for one in await web.ask("incidents")] == ["server_restored"]
            assert (await web.ask("conversation", cid.hex()))["lost"] == 1
            async with server.online(ANNE_MODELE) as anne:
                await paul.shows(cid, "perdu d'Anne")
                await shows(anne, cid, "perdu de Paul", "perdu d'Anne")
                await say(anne, cid, "après")
                await paul.shows(cid, "après")
                assert await paul.shown(cid) == texts(anne, cid)
                assert sorted(texts(anne, cid)) == sorted(["avant", "perdu d'Anne", "perdu de Paul", "après"])
                assert not await paul.lost(cid) + lost(anne, cid)
                assert not anne.split_views(cid)
                assert paul.accusations == []
                for message in anne.messages(cid):
                    await anne.export_proof(cid, message.seq)
                    await web.ask("exportProof", cid.hex(), message.seq)
        # What was brought together stays so when the page is loaded again.
        before = len(web.events)
        await web.ask("reload")
        assert sorted(await paul.shown(cid)) == sorted(["avant", "perdu d'Anne", "perdu de Paul", "après"])
        assert not [event for event in web.events[before:] if event["kind"] == "reconciled"]


async def test_without_the_operators_word_a_server_that_goes_back_is_caught(server: ChatServer, program: Path) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid])
            await say(anne, cid, "avant")
            await paul.shows(cid, "avant")
            backup = Backup(server)
            await paul.say(cid, "perdu")
        async with backup.restored(declared=False):
            await web.until(lambda event: event["kind"] == "splitView")
            assert await paul.shown(cid) == ["avant", "perdu"]
            assert not await paul.lost(cid)
            # Declared while he is connected: he is told at once, and what he was alarmed by is explained.
            before = len(web.events)
            await declare(server, backup.moment)
            await web.until(lambda event: event["kind"] == "reconciled", before)
            await web.until(lambda event: event["kind"] == "sent", before)
            assert await paul.shown(cid) == ["avant", "perdu"]
            assert not await paul.lost(cid)
            async with server.online(ANNE_MODELE) as anne:
                await shows(anne, cid, "perdu")
                assert texts(anne, cid) == ["avant", "perdu"]


async def test_a_conversation_begun_since_is_given_back_by_who_began_it(server: ChatServer, program: Path) -> None:
    [anne_uid] = await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web:
        paul = await enrol(web, server)
        backup = Backup(server)
        async with server.online(ANNE_MODELE) as anne:
            cid = ConversationId(bytes.fromhex(await web.ask("createConversation", [anne_uid.hex()], "Chambre 12")))
            await paul.say(cid, "bonjour")
            await shows(anne, cid, "bonjour")
            await say(anne, cid, "présent")
            await paul.shows(cid, "présent")
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            await paul.shows(cid, "bonjour")
            async with server.online(ANNE_MODELE) as anne:
                await shows(anne, cid, "bonjour", "présent")
                await paul.shows(cid, "bonjour", "présent")
                await until_true(anne, lambda: not lost(anne, cid))
                assert await paul.shown(cid) == texts(anne, cid)
                assert anne.conversation(cid).name == "Chambre 12"
            assert not await paul.lost(cid)
            assert paul.accusations == []


async def test_who_was_taken_out_since_is_out_again_before_anything_is_said(server: ChatServer, program: Path) -> None:
    _, claire_uid = await server.link_everybody(ANNE_MODELE, CLAIRE_TEMOIN)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid, claire_uid])
            await say(anne, cid, "à trois")
            await paul.shows(cid, "à trois")
            async with server.online(CLAIRE_TEMOIN) as claire:
                await shows(claire, cid, "à trois")
            backup = Backup(server)
            await anne.remove_member(cid, claire_uid)
            await say(anne, cid, "à deux")
            await paul.shows(cid, "à deux")
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            # Paul cannot take her out: what he writes waits rather than reach her.
            with pytest.raises(PeerError) as refused:
                await web.ask("sendText", cid.hex(), "entre nous", {})
            assert refused.value.code == "removed_member_back"
            async with server.online(CLAIRE_TEMOIN) as claire, server.online(ANNE_MODELE) as anne:
                await until_true(claire, lambda: not claire.conversation(cid).is_member)
                await paul.shows(cid, "à deux")
                await paul.say(cid, "entre nous")
                await shows(anne, cid, "entre nous", "à deux")
                assert texts(claire, cid) == ["à trois"]


async def test_an_admins_browser_takes_out_again_whose_removal_is_lost(server: ChatServer, program: Path) -> None:
    """Also when the author of that removal does not come back."""
    _, claire_uid = await server.link_everybody(ANNE_MODELE, CLAIRE_TEMOIN)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid, claire_uid])
            await anne.set_role(cid, paul.uid, Role.ADMIN)
            await say(anne, cid, "à trois")
            await paul.shows(cid, "à trois")
            backup = Backup(server)
            await anne.remove_member(cid, claire_uid)
            await say(anne, cid, "à deux")
            await paul.shows(cid, "à deux")
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            assert len((await web.ask("conversation", cid.hex()))["members"]) == 2
            await paul.say(cid, "entre nous")
            async with server.online(ANNE_MODELE) as anne:
                await shows(anne, cid, "entre nous", "à deux")
                assert len(anne.conversation(cid).members) == 2
            assert paul.accusations == []


async def test_a_browsers_own_removal_is_given_back(server: ChatServer, program: Path) -> None:
    anne_uid, claire_uid = await server.link_everybody(ANNE_MODELE, CLAIRE_TEMOIN)
    async with peer(program) as web:
        paul = await enrol(web, server)
        members = [anne_uid.hex(), claire_uid.hex()]
        cid = ConversationId(bytes.fromhex(await web.ask("createConversation", members, "")))
        await paul.say(cid, "à trois")
        async with server.online(CLAIRE_TEMOIN) as claire:
            await shows(claire, cid, "à trois")
        backup = Backup(server)
        await web.ask("removeMember", cid.hex(), claire_uid.hex())
        epoch = (await web.ask("conversation", cid.hex()))["epoch"]
        await paul.say(cid, "à deux")
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            await paul.shows(cid, "à deux")
            async with server.online(CLAIRE_TEMOIN) as claire, server.online(ANNE_MODELE) as anne:
                await shows(anne, cid, "à trois", "à deux")
                # The very commit, not another one that does the same.
                assert anne.conversation(cid).epoch == epoch
                assert not claire.conversation(cid).is_member
                assert texts(claire, cid) == ["à trois"]


async def test_a_revocation_is_put_back_by_a_browser_that_has_seen_it(server: ChatServer, program: Path) -> None:
    [anne_uid] = await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            tablet = await pair_tablet(server, anne)
            cid = await anne.create_conversation([paul.uid])
            await say(anne, cid, "avant")
            await paul.shows(cid, "avant")
            backup = Backup(server)
            await anne.devices.revoke(tablet)
            await say(anne, cid, "sans la tablette")
            await paul.shows(cid, "sans la tablette")
        before = len(web.events)
        async with backup.restored():
            # Paul's browser alone comes back; Anne's stolen tablet is shut out all the same.
            await paul.synced(before)
            assert await is_revoked(server, anne_uid, tablet)


async def test_who_lost_a_change_of_key_makes_it_once_more(server: ChatServer, program: Path) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid])
            await say(anne, cid, "avant")
            await paul.shows(cid, "avant")
        invitation = await web.ask("invite")
        answered = asyncio.create_task(answer(server, "tablette", server.url, invitation["code"]))
        await web.ask("inviteOffer")
        await web.ask("inviteAccept")
        await answered
        with server.store("tablette") as store:
            tablet = store.device.get().did
        backup = Backup(server)
        await web.ask("revokeDevice", tablet.hex())
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            # What came with that change of key is lost: it is changed once more.
            async with asyncio.timeout(WAIT_S):
                while await generation(server, paul.uid) < 3:  # noqa: ASYNC110  # nothing is announced of it
                    await asyncio.sleep(0.05)
            await paul.say(cid, "après")
            async with server.online(ANNE_MODELE) as anne:
                await shows(anne, cid, "après")


async def generation(server: ChatServer, uid: AccountId) -> int:
    """Of the user key in force, as the server knows it."""
    chain = await server.chat.devices.find_chain(uid)
    assert chain is not None
    return chain.uek_gen


async def test_a_browser_linked_since_is_let_in_again(server: ChatServer, program: Path) -> None:
    await server.link_everybody(ANNE_MODELE)
    code = await server.activate(PAUL_EXEMPLE)
    backup = Backup(server)
    async with peer(program) as web:
        uid = await web.ask("enrol", server.url, PAUL_EXEMPLE, code, server.signer.root_fingerprint)
        await web.until(lambda event: event["kind"] == "synced")
        paul = Paul(web, AccountId(bytes.fromhex(uid)))
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            async with server.online(ANNE_MODELE) as anne:
                cid = await anne.create_conversation([paul.uid])
                await say(anne, cid, "bonjour")
                await web.until(lambda event: event["kind"] == "message" and event["message"]["text"] == "bonjour")


async def test_a_deletion_is_said_again(server: ChatServer, program: Path) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid])
        await web.until(lambda event: event["kind"] == "conversation" and event["cid"] == cid.hex())
        seq = await paul.say(cid, "à effacer")
        backup = Backup(server)
        mid = await web.ask("delete", cid.hex(), seq)
        await web.until(lambda event: event["kind"] == "sent" and event["mid"] == mid)
        before = len(web.events)
        async with backup.restored():
            await paul.synced(before)
            async with server.online(ANNE_MODELE) as anne:
                await until_true(anne, lambda: anne.message(cid, seq).is_deleted)
            assert "à effacer" not in await paul.shown(cid)


async def test_it_goes_on_after_a_crash_in_between(server: ChatServer, program: Path) -> None:
    """The statement is pinned, and the page ends before anything was put back."""
    await server.link_everybody(ANNE_MODELE)
    async with peer(program) as web, Proxy(server) as proxy:
        paul = await enrol(web, server)
        async with server.online(ANNE_MODELE) as anne:
            cid = await anne.create_conversation([paul.uid])
            await say(anne, cid, "avant")
            await paul.shows(cid, "avant")
            tablet = await pair_tablet(server, anne)
            backup = Backup(server)
            await anne.devices.revoke(tablet)
            await say(anne, cid, "sans la tablette")
            await paul.shows(cid, "sans la tablette")
            await paul.say(cid, "perdu")
            anne_uid = anne.uid
        await web.ask("reload", proxy.url)
        proxy.lose_requests_with = b"/api/chat/restored-links"
        before = len(web.events)
        async with backup.restored():
            await web.until(lambda event: event["kind"] == "serverRestored", before)
            assert await paul.shown(cid) == ["avant", "sans la tablette", "perdu"]
            await web.ask("reload", server.url)
            await web.until(lambda event: event["kind"] == "reconciled", before)
            assert await is_revoked(server, anne_uid, tablet)
            async with server.online(ANNE_MODELE) as anne:
                await shows(anne, cid, "perdu", "sans la tablette")
                await paul.shows(cid, "sans la tablette", "perdu")
                assert await paul.shown(cid) == texts(anne, cid)
