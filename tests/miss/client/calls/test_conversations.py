"""Members, roles and rules, through the real server: who may, who has left, what each device makes of it."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.clock import to_ms
from miss.client import HistoryPolicy, Policy, Role
from miss.client.errors import LastAdmin, NotAMember, NotInConversation, ServerRefused
from miss.client.events import MessagesExpired
from miss.client.model import LEAVE
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.errors import CommitNotAllowed
from tests.miss.client.chat_server import CLOCK, ChatServer, until_true
from tests.miss.client.devices import texts


def admins(client, cid) -> set[bytes]:  # type: ignore[no-untyped-def]
    return {member.uid for member in client.conversation(cid).members if member.role is Role.ADMIN}


async def test_roles(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await until_true(bob, lambda: bob.conversations())
        with pytest.raises(CommitNotAllowed):
            await bob.add_member(cid, carol_uid)
        with pytest.raises(LastAdmin):
            await alice.set_role(cid, alice.uid, Role.MEMBER)
        with pytest.raises(NotAMember):
            await alice.set_role(cid, carol_uid, Role.ADMIN)

        await alice.set_role(cid, bob_uid, Role.ADMIN)
        epoch = alice.conversation(cid).epoch
        await alice.set_role(cid, bob_uid, Role.ADMIN)
        assert alice.conversation(cid).epoch == epoch  # nothing to do
        await until_true(bob, lambda: admins(bob, cid) == {alice.uid, bob.uid})
        await bob.add_member(cid, carol_uid)
        await bob.set_role(cid, alice.uid, Role.MEMBER)
        await until_true(alice, lambda: admins(alice, cid) == {bob.uid})


async def test_who_leaves_is_taken_out_by_an_admins_device(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(PAUL_EXEMPLE) as bob:
        async with server.online(ANNE_MODELE) as alice:
            cid = await alice.create_conversation([bob_uid, carol_uid])
            with pytest.raises(LastAdmin):
                alice.leave(cid)
            await until_true(bob, lambda: bob.conversations())
        # No admin is there: it waits.
        await bob.wait_sent(bob.leave(cid))
        assert bob.conversation(cid).is_leaving
        assert bob.conversation(cid).is_member
        with pytest.raises(NotInConversation):
            bob.send_text(cid, "encore un mot")

        async with server.online(ANNE_MODELE) as alice:
            await until_true(bob, lambda: not bob.conversation(cid).is_member)
            await until_true(alice, lambda: alice.conversation(cid).epoch == 2)
            assert [message.type for message in alice.messages(cid)] == [LEAVE]
            assert not bob.conversation(cid).is_leaving
            # Taken in again, they are in: the goodbye was of before.
            await alice.add_member(cid, bob_uid)
            await until_true(bob, lambda: bob.conversation(cid).is_member)
            await bob.wait_sent(bob.send_text(cid, "de retour"))
    async with server.online(CLAIRE_TEMOIN) as carol:
        assert carol.conversation(cid).epoch == 3
        assert {member.uid for member in carol.conversation(cid).members} == {alice.uid, bob_uid, carol_uid}


async def test_two_admins_take_one_out_once(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with (
        server.online(ANNE_MODELE) as alice,
        server.online(PAUL_EXEMPLE) as bob,
        server.online(CLAIRE_TEMOIN) as carol,
    ):
        cid = await alice.create_conversation([bob_uid, carol_uid])
        await alice.set_role(cid, bob_uid, Role.ADMIN)
        await until_true(carol, lambda: carol.conversations() and carol.conversation(cid).epoch == 2)
        carol.leave(cid)
        await until_true(carol, lambda: not carol.conversation(cid).is_member)
        for admin in (alice, bob):
            await until_true(admin, lambda admin=admin: admin.conversation(cid).epoch == 3)  # type: ignore[misc]
        for admin in (alice, bob):
            await admin.wait_sent(admin.send_text(cid, "à deux"))
        assert alice.conversation(cid).epoch == bob.conversation(cid).epoch == 3
        # An admin who leaves is taken out by the other.
        bob.leave(cid)
        await until_true(bob, lambda: not bob.conversation(cid).is_member)
        await until_true(alice, lambda: len(alice.conversation(cid).members) == 1)


async def test_temporary_messages_go_everywhere(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "CANARI éphémère"))
        await until_true(bob, lambda: texts(bob, cid))
        heard = bob.events()
        await alice.set_policy(cid, ttl_s=1)
        assert alice.conversation(cid).policy == Policy(ttl_s=1)
        await until_true(bob, lambda: bob.messages(cid) == [])
        await until_true(alice, lambda: alice.messages(cid) == [])
        told = [await anext(heard) for _ in range(heard._queue.qsize())]
        assert MessagesExpired(cid, (1,)) in told
        assert bob._store.evidence.find(cid, 1) is None
        assert bob._store.messages.last_log(cid) is not None
        # The log goes on, and later messages are compared with it as before.
        await alice.set_policy(cid, ttl_s=3600, history=HistoryPolicy.EVERYTHING)
        await bob.wait_sent(bob.send_text(cid, "suite"))
        await until_true(alice, lambda: texts(alice, cid) == ["suite"])
        assert alice.split_views(cid) == []


async def test_an_owner_is_for_those_who_practise_there(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        with pytest.raises(ServerRefused) as refused:
            await alice.create_conversation([bob_uid], owner="999999999")
        assert refused.value.server_code == "owner_refused"


async def test_a_secret_that_served_a_day_is_renewed_before_the_next_message(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "hier"))
        assert alice.conversation(cid).epoch == 1
        yesterday = to_ms(CLOCK.now() - timedelta(hours=24, seconds=1))
        alice._store._file.execute("UPDATE message SET at_ms = ?", yesterday)

        await alice.wait_sent(alice.send_text(cid, "aujourd'hui"))
        assert alice.conversation(cid).epoch == 2
        await alice.wait_sent(alice.send_text(cid, "encore"))
        assert alice.conversation(cid).epoch == 2
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["hier", "aujourd'hui", "encore"]


async def test_two_who_renew_a_secret_at_once_make_one(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await until_true(bob, lambda: bob.conversations())
        await asyncio.gather(*(client._parts.epochs.renew(cid, 1) for client in (alice, bob)))
        assert alice.conversation(cid).epoch == bob.conversation(cid).epoch == 2


async def test_who_sends_the_last_message_of_a_secret_renews_it(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miss.client.epochs.MAX_MESSAGES", 3)
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        for number in range(2):
            await alice.wait_sent(alice.send_text(cid, f"{number}"))
        await until_true(bob, lambda: len(texts(bob, cid)) == 2)
        assert bob.conversation(cid).epoch == 1
        await bob.wait_sent(bob.send_text(cid, "le dernier"))
        await until_true(alice, lambda: alice.conversation(cid).epoch == 2)  # by itself, with nobody writing
