"""The client's own rules; what it does through a server stands in test_end_to_end and beside each part."""

import asyncio
from pathlib import Path

import pytest

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Store
from miss.client.errors import (
    ClientClosed,
    DeviceRefused,
    NoAttachment,
    PhotoNotSupported,
    StoreHasNoDevice,
    UnknownConversation,
    UnknownMessage,
)
from miss.client.events import ConnectionState
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.wire.close import CloseCode
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import KEY, linked_store, texts
from tests.miss.client.script import Script, bob_on
from tests.miss.protocol.people import BOB, team


def test_a_store_without_a_device_has_no_client(tmp_path: Path) -> None:
    store = Store(tmp_path / "new.db", KEY, system_random)
    with pytest.raises(StoreHasNoDevice):
        Client.open(store, clock=SystemClock(), random_bytes=system_random)
    store.close()


async def test_a_device_the_server_will_not_have(tmp_path: Path) -> None:
    async def refuse(socket, session) -> None:  # type: ignore[no-untyped-def]
        await socket.close(CloseCode.REVOKED)

    store = linked_store(tmp_path / "bob.db", BOB)
    async with bob_on(Script(refuse), store) as bob, asyncio.timeout(WAIT_S):
        with pytest.raises(DeviceRefused):
            await bob.wait_synced()
        assert bob.connection_state is ConnectionState.REFUSED
        with pytest.raises(DeviceRefused):
            await bob.wait_synced()
    store.close()


async def test_who_waits_is_released_when_the_client_closes(tmp_path: Path) -> None:
    store = linked_store(tmp_path / "bob.db", BOB)
    client = Client.open(store, clock=SystemClock(), random_bytes=system_random, server_url="http://127.0.0.1:1")
    async with client:
        waiting = asyncio.create_task(client.wait_synced())
        await asyncio.sleep(0)
    with pytest.raises(ClientClosed):
        await waiting
    store.close()


async def test_a_defect_in_a_task_is_raised_and_not_swallowed(tmp_path: Path) -> None:
    store = linked_store(tmp_path / "bob.db", BOB)

    async def enter_and_break() -> None:
        async with bob_on(Script(), store) as bob:
            bob._parts.inbox.put_nowait("no event at all")  # type: ignore[arg-type]
            bob._sync._take = None  # type: ignore[assignment, method-assign]
            with pytest.raises(ClientClosed):
                await bob.wait_synced()

    with pytest.raises(TypeError):
        await enter_and_break()
    store.close()


async def test_what_is_not_there(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    elsewhere = team().commit.core.cid
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "sans photo"))

        with pytest.raises(UnknownConversation):
            alice.conversation(elsewhere)
        with pytest.raises(UnknownConversation):
            alice.mark_read(elsewhere, 1)
        with pytest.raises(UnknownMessage):
            alice.mark_read(cid, 2)
        with pytest.raises(NoAttachment):
            await alice.fetch_photo(alice.messages(cid)[0])
        with pytest.raises(PhotoNotSupported):
            await alice.send_photo(cid, b"%PDF-1.7")
        assert alice.outgoing(cid) == []


async def test_conversations_the_most_recent_first(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        first = await alice.create_conversation([bob_uid])
        second = await alice.create_conversation([bob_uid], name="Deuxième")
        await until_true(alice, lambda: not alice.outgoing(second))
        assert [one.cid for one in alice.conversations()] == [second, first]
        await alice.wait_sent(alice.send_text(first, "plus récent"))

        assert [one.cid for one in alice.conversations()] == [first, second]
        await until_true(bob, lambda: len(bob.conversations()) == 2 and texts(bob, first) == ["plus récent"])
        await until_true(bob, lambda: bob.conversation(second).name == "Deuxième")
        assert (await alice.identity(bob_uid)).rpps == PAUL_EXEMPLE
