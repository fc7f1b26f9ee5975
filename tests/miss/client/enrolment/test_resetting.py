"""Starting over by the operator's code: loud for everybody, and nothing of before comes back."""

import asyncio

import pytest

from miss.base.random import system_random
from miss.client import Client
from miss.client.errors import ContactReset, ServerRefused
from miss.client.events import ContactWarned, SendFailed
from miss.client.people.model import WarningKind
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.conditions import WAIT_S
from tests.miss.client.account.test_history import OPEN, say
from tests.miss.client.chat_server import CLOCK, ChatServer, Proxy, until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import reset, ticket

NEW = "nouveau"


async def test_contacts_are_warned_and_write_only_once_they_have_accepted(server: ChatServer) -> None:
    anne_uid, _, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(PAUL_EXEMPLE) as bob:
        cid = await bob.create_conversation([anne_uid, carol_uid], policy=OPEN)
        await say(bob, cid, "avant")
        bob.contacts.set_verified(anne_uid)
        async with server.online(ANNE_MODELE) as old:
            assert texts(old, cid) == ["avant"]
        events = bob.events()
        await reset(server, ANNE_MODELE, NEW)
        async with asyncio.timeout(WAIT_S):
            while await anext(events) != ContactWarned(anne_uid, WarningKind.RESET):
                pass
        assert bob.contacts.is_blocked(anne_uid)
        assert not bob.contacts.is_verified(anne_uid)
        with pytest.raises(ContactReset):
            bob.send_text(cid, "qui est là ?")
        with pytest.raises(ContactReset):
            await bob.create_conversation([anne_uid])

    async with server.online(PAUL_EXEMPLE) as bob:
        assert [warning.kind for warning in bob.contacts.warnings()] == [WarningKind.RESET]
        with pytest.raises(ContactReset):
            bob.send_text(cid, "qui est là ?")
        bob.contacts.accept(anne_uid)
        await say(bob, cid, "après")
        assert bob.contacts.warnings() == []
    async with server.online(NEW) as new:
        # The new device was in neither epoch of before, and no vault holds them: that is what a reset costs.
        assert texts(new, cid)[-1] == "après"
        assert "avant" not in texts(new, cid)
        assert new.uid == anne_uid


async def test_what_was_on_its_way_waits_for_the_acceptance(server: ChatServer) -> None:
    anne_uid, _ = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(PAUL_EXEMPLE) as bob:
        cid = await bob.create_conversation([anne_uid])
        await say(bob, cid, "avant")
    with server.store(PAUL_EXEMPLE) as store:
        async with Client.open(store, clock=CLOCK, random_bytes=system_random, server_url="http://127.0.0.1:1") as bob:
            mid = bob.send_text(cid, "écrit hors ligne")
    await reset(server, ANNE_MODELE, NEW)
    async with server.online(PAUL_EXEMPLE) as bob:
        await until_true(bob, lambda: [waiting.failed for waiting in bob.outgoing(cid)] == [ContactReset.code])
        events = bob.events()
        bob.contacts.accept(anne_uid)
        async with asyncio.timeout(WAIT_S):
            await bob.wait_sent(mid)
        while not events._queue.empty():
            assert not isinstance(await anext(events), SendFailed)
    async with server.online(NEW) as new:
        assert texts(new, cid)[-1] == "écrit hors ligne"


async def test_a_key_that_changes_in_the_same_moment_spoils_nothing(server: ChatServer) -> None:
    """An old device that is still on changes the user key while the new one makes its link."""
    await server.link_everybody(ANNE_MODELE)
    async with Proxy(server) as way:
        async with server.online(ANNE_MODELE) as old:
            way.before_requests_with = b"POST /api/chat/devices", old.devices.rotate
            await reset(server, ANNE_MODELE, NEW, url=way.url)
        async with server.online(NEW) as new:
            devices = await new.devices.list_()
        assert [device.is_current for device in devices if device.revoked_at is None] == [True]


async def test_a_person_without_a_device_has_nothing_to_start_over(server: ChatServer) -> None:
    await server.activate(ANNE_MODELE)
    code = await ticket(server, ANNE_MODELE, ActivationPurpose.RESET)
    with pytest.raises(ServerRefused) as refused:
        await reset(server, ANNE_MODELE, NEW, code)
    assert refused.value.server_code == "nothing_to_reset"


async def test_a_letter_for_a_first_device_lets_no_second_one_in(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    with server.store(NEW) as store, pytest.raises(ServerRefused) as refused:
        await server.link(store, ANNE_MODELE)
    assert refused.value.server_code == "already_linked"
