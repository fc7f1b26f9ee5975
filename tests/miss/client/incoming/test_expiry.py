"""Retention is told to nobody: a device removes temporary messages by the time it is, and accuses nobody of a blank."""

from datetime import timedelta

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.client import Client, Policy, Store
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.miss.client.chat_server import CLOCK, ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import pair

HOUR = Policy(ttl_s=3600)
NOBODY_THERE = "http://127.0.0.1:1"


def offline(store: Store, passed: timedelta) -> Client:
    """The client of a store that much later, with no way to the server."""
    clock = MovableClock(CLOCK.now() + passed)
    return Client.open(store, clock=clock, random_bytes=system_random, server_url=NOBODY_THERE)


async def after(server: ChatServer, passed: timedelta) -> None:
    """The server is started anew that much later, and has removed what was due."""
    await server.stop()
    server.clock = MovableClock(CLOCK.now() + passed)
    await server.start()
    await server.jobs.run_due()


async def test_temporary_messages_go_by_this_devices_clock_without_any_network(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid], policy=HOUR)
        await alice.wait_sent(alice.send_text(cid, "éphémère"))
        await until_true(bob, lambda: texts(bob, cid) == ["éphémère"])
    with server.store(PAUL_EXEMPLE) as store:
        async with offline(store, timedelta(minutes=59)) as bob:
            assert texts(bob, cid) == ["éphémère"]
        async with offline(store, timedelta(minutes=61)) as bob:
            await until_true(bob, lambda: bob.messages(cid) == [])
        assert store.evidence.find(cid, 1) is None
        assert store.messages.log_at(cid, 1) is not None


async def test_a_late_clock_is_set_by_the_server_and_what_is_due_goes_at_once(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid], policy=HOUR)
        await alice.wait_sent(alice.send_text(cid, "éphémère"))
    await after(server, timedelta(hours=2))
    async with server.online(ANNE_MODELE) as alice:
        await until_true(alice, lambda: alice.messages(cid) == [])


async def test_what_the_server_let_expire_meanwhile_is_no_lie_to_who_never_had_it(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid, carol_uid], policy=HOUR)
        await alice.wait_sent(alice.send_text(cid, "éphémère"))
    await after(server, timedelta(hours=2))
    async with server.online(CLAIRE_TEMOIN) as carol, server.online(ANNE_MODELE) as alice:
        assert carol.messages(cid) == []
        assert carol._store.messages.log_at(cid, 1) == alice._store.messages.log_at(cid, 1) is not None
        await carol.wait_sent(carol.send_text(cid, "suite"))
        await until_true(alice, lambda: texts(alice, cid) == ["suite"])
        for client in (alice, carol):
            assert client.incidents() == []
            assert client.split_views(cid) == []


async def test_without_a_ttl_a_device_keeps_what_the_server_let_go(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "il y a longtemps"))
        await until_true(bob, lambda: texts(bob, cid) == ["il y a longtemps"])
        await pair(server, bob, "tablette")
    await after(server, timedelta(days=731))
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["il y a longtemps"]
    async with server.online("tablette") as tablet:
        assert texts(tablet, cid) == []
        assert tablet.conversation(cid).last_seq == 1
        assert tablet.incidents() == []
