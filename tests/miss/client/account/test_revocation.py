"""A device that is taken out: it opens nothing sent later, wipes on the signed link, locks on anything else."""

import asyncio
import shutil
from pathlib import Path

import pytest

from miss.base.random import system_random
from miss.client import Client, Store
from miss.client.api import ChainAnswer
from miss.client.errors import DeviceLocked, DeviceRefused, ServerRefused, StoreHasNoDevice
from miss.client.events import DeviceRevoked
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.commits import open_box, parse_commit
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.vault import open_vault_entry
from miss.protocol.errors import BoxUnreadable, LinkNotAllowed, VaultEntryUnreadable, WrongUserKey
from miss.protocol.wire.close import CloseCode
from tests.conditions import WAIT_S
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import CLOCK, ChatServer, until_true
from tests.miss.client.devices import KEY, linked_store, texts
from tests.miss.client.script import Script, bob_on
from tests.miss.client.second_devices import pair, reset
from tests.miss.protocol.people import BOB

TABLET = "tablette"


async def test_a_revoked_device_wipes_itself_at_once_if_it_is_online(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "secret")
        await pair(server, alice, TABLET)
        async with server.online(TABLET) as tablet:
            assert texts(tablet, cid) == ["secret"]
            events = tablet.events()
            async with asyncio.timeout(WAIT_S):
                await alice.devices.revoke(tablet.did)
                event = await anext(events)
                while not isinstance(event, DeviceRevoked):
                    event = await anext(events)
            assert event.wiped
            assert tablet.conversations() == []
    with server.store(TABLET) as store:
        assert store.device.find() is None


async def test_a_revoked_device_wipes_itself_when_it_comes_back(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "secret")
        await pair(server, alice, TABLET)
        async with server.online(TABLET) as tablet:
            did = tablet.did
        await alice.devices.revoke(did)
        await alice.devices.revoke(did)  # twice is once
        assert [device.revoked_at is None for device in await alice.devices.list_()] == [True, False]

        with pytest.raises(DeviceRefused):
            async with server.online(TABLET):
                pass
        await wait_wiped(server, TABLET)
        with server.store(TABLET) as store, pytest.raises(StoreHasNoDevice):
            store.device.get()
        await pair(server, alice, TABLET)  # the installation may become a device again
        async with server.online(TABLET) as tablet:
            assert tablet.did != did
            assert texts(tablet, cid) == ["secret"]


async def wait_wiped(server: ChatServer, name: str) -> None:
    """Run the client of a revoked device until it has read the link."""
    with server.store(name) as store:
        if store.device.find() is None:
            return
        async with Client.open(store, clock=CLOCK, random_bytes=system_random) as client, asyncio.timeout(WAIT_S):
            async for event in client.events():
                if isinstance(event, DeviceRevoked):
                    assert event.wiped
                    return


async def test_what_a_revoked_device_kept_opens_nothing_sent_later(server: ChatServer, tmp_path: Path) -> None:
    """Its owner's thief copied the store before, and the server hands out every box and vault entry."""
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "avant")
        await pair(server, alice, TABLET)
        async with server.online(TABLET) as tablet:
            did = tablet.did
        shutil.copy(server.store_path(TABLET), tmp_path / "stolen.db")
        await alice.devices.revoke(did)
        await say(bob, cid, "après")
        await until_true(alice, lambda: texts(alice, cid) == ["avant", "après"])

        answer = await alice._parts.api.fetch_commits(cid, 1)
        vault = await alice._parts.api.identity.fetch_vault(None, 100)

    with Store(tmp_path / "stolen.db", KEY, system_random) as stolen:
        device, key = stolen.device.get(), stolen.device.last_user_key()
        known = stolen.conversations.epochs(cid)
    assert list(known) == [1]
    raw, box, history = answer.lines[1]
    assert box is not None
    commit = parse_commit(raw).with_box(device.uid, box, history)
    with pytest.raises(WrongUserKey):
        open_box(commit, device.uid, key)
    with pytest.raises(BoxUnreadable):
        open_box(commit, device.uid, UserKey(2, key.secret))
    assert [(entry[0], entry[1]) for entry in vault.entries] == [(cid, 1)]
    for generation in (1, 2):
        with pytest.raises(VaultEntryUnreadable):
            open_vault_entry(UserKey(generation, key.secret), device.uid, cid, 1, vault.entries[0][2])


async def test_nobody_revokes_the_device_in_hand(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        with pytest.raises(LinkNotAllowed):
            await alice.devices.revoke(alice.did)


async def test_a_server_that_only_says_so_locks_and_deletes_nothing(tmp_path: Path) -> None:
    async def refuse(socket, session) -> None:  # type: ignore[no-untyped-def]
        await socket.close(CloseCode.REVOKED)

    store = linked_store(tmp_path / "bob.db", BOB)
    async with bob_on(Script(refuse), store) as bob, asyncio.timeout(WAIT_S):
        events = bob.events()
        event = await anext(events)
        while not isinstance(event, DeviceRevoked):
            event = await anext(events)
    assert event == DeviceRevoked(wiped=False, reason="server")
    assert store.device.locked() == "server"
    assert store.device.get().did == BOB.did
    store.close()


async def test_a_locked_device_that_is_welcome_again_is_unlocked(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    with server.store(ANNE_MODELE) as store:
        store.device.lock("server")
        client = Client.open(store, clock=CLOCK, random_bytes=system_random)
        with pytest.raises(DeviceLocked):
            client.conversations()
        async with client, asyncio.timeout(WAIT_S):
            await client.wait_synced()
            assert client.conversations() == []
    with server.store(ANNE_MODELE) as store:
        assert store.device.locked() == ""


async def test_a_reset_locks_the_old_devices_and_wipes_none(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "avant")
        events = alice.events()
        await reset(server, ANNE_MODELE, "nouveau")
        async with asyncio.timeout(WAIT_S):
            event = await anext(events)
            while not isinstance(event, DeviceRevoked):
                event = await anext(events)
        assert event == DeviceRevoked(wiped=False, reason="reset")
        with pytest.raises(DeviceLocked):
            alice.messages(cid)
        with pytest.raises(DeviceLocked):
            alice.send_text(cid, "encore moi")
    with server.store(ANNE_MODELE) as store:
        assert store.device.locked() == "reset"
        assert [message.text for message in store.messages.list_(cid)] == ["avant"]


async def test_only_the_device_itself_reads_the_chain_that_turned_it_away(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        api, body = alice._parts.api, alice._parts.api._signed("own-chain")
        assert (await api.fetch_own_chain()).links == (await api.fetch_chain(alice.uid)).links
        for wrong in ({"did": bob.did}, {"ts": 1}, {"sig": bytes(64)}, api._signed("http-token")):
            with pytest.raises(ServerRefused) as refused:
                await alice._parts.http.exchange("POST", "/api/chat/own-chain", ChainAnswer, body=body | wrong)
            assert refused.value.server_code == "auth_refused"
