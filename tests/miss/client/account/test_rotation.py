"""Rotations: once a month by themselves, in races, with others' changes at once, broken off in the middle."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.base.text import Language
from miss.client import Client
from miss.client.account.rotation import CHECK_S, JITTER_MS, ROTATE_AFTER_MS, due_at_ms
from miss.client.assembly import assemble
from miss.client.errors import UserKeyForged, UserKeyWithheld
from miss.client.events import UserKeyChanged
from miss.client.identity_api import UserKeyAnswer
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.crypto.keys import UserKey, seal_user_key
from tests.conditions import WAIT_S
from tests.miss.client.account.test_history import OPEN, say, until_reads
from tests.miss.client.chat_server import CLOCK, ChatServer, Proxy, until_true
from tests.miss.client.devices import texts
from tests.miss.client.people.test_model import added, rotated
from tests.miss.client.second_devices import pair
from tests.miss.protocol.people import BOB, NOW_MS

TABLET = "tablette"


def generation(client: Client) -> int:
    return client._store.device.last_user_key().generation


def test_devices_come_due_a_month_after_the_key_and_not_all_at_once() -> None:
    chain = added(rotated(BOB)).chain
    dates = [due_at_ms(chain, did) for did in chain.devices]

    began = NOW_MS + 2  # the rotation, not the device that came after it
    assert all(began + ROTATE_AFTER_MS <= at < began + ROTATE_AFTER_MS + JITTER_MS for at in dates)
    assert len(set(dates)) == 2
    assert due_at_ms(BOB.chain, BOB.did) - NOW_MS != dates[0] - began


async def test_a_key_of_more_than_a_month_is_changed_by_one_device_and_the_other_follows(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "avant")
        await pair(server, alice, TABLET)
        assert generation(alice) == 1
    await server.stop()
    server.clock = MovableClock(SystemClock().now() + timedelta(days=32))
    await server.start()
    async with server.online(ANNE_MODELE) as alice, server.online(TABLET) as tablet:
        await until_true(alice, lambda: generation(alice) == 2)
        await until_true(tablet, lambda: generation(tablet) == 2)
        assert alice._store.device.find_user_key(1) is None
        await say(tablet, cid, "après")
        await until_true(alice, lambda: texts(alice, cid) == ["avant", "après"])
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["avant", "après"]


async def test_a_key_of_less_than_a_month_stays(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    await server.stop()
    server.clock = MovableClock(SystemClock().now() + timedelta(days=29))
    await server.start()
    async with server.online(ANNE_MODELE) as alice:
        assert not await alice._parts.rotation.rotate_if_due()
        assert generation(alice) == 1


async def test_however_often_it_is_woken_it_looks_again_once_an_hour(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    loop = asyncio.get_running_loop()

    def hourly() -> int:
        """Timers that are due in about an hour."""
        timers: list[asyncio.TimerHandle] = loop._scheduled  # type: ignore[attr-defined]
        return sum(CHECK_S - 60 < one.when() - loop.time() <= CHECK_S and not one.cancelled() for one in timers)

    async with server.online(ANNE_MODELE) as alice:
        for _ in range(5):
            alice._parts.rotation.wake()
            for _ in range(10):
                await asyncio.sleep(0)
        await until_true(alice, lambda: hourly() == 1)


async def test_two_devices_that_rotate_at_once_agree(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "avant")
        await pair(server, alice, TABLET)
        async with server.online(TABLET) as tablet, server.online(PAUL_EXEMPLE) as bob:
            await asyncio.gather(alice.devices.rotate(), tablet.devices.rotate())
            await until_true(alice, lambda: generation(alice) == generation(tablet))
            assert alice._store.device.last_user_key().secret == tablet._store.device.last_user_key().secret
            await say(bob, cid, "après")
            for device in (alice, tablet):
                await until_reads(device, cid, ["avant", "après"])


async def test_a_revocation_wins_over_a_rotation_at_the_same_moment(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await pair(server, alice, TABLET)
        await pair(server, alice, "perdu")
        async with server.online("perdu") as lost:
            did = lost.did
        async with server.online(TABLET) as tablet, server.online(PAUL_EXEMPLE) as bob:
            await asyncio.gather(alice.devices.revoke(did), tablet.devices.rotate(), say(bob, cid, "pendant"))
            assert did not in {device.did for device in await tablet.devices.list_() if device.revoked_at is None}
            await say(bob, cid, "après")
            for device in (alice, tablet):
                await until_reads(device, cid, ["pendant", "après"])
            assert generation(alice) == generation(tablet)


async def test_a_member_removed_and_messages_sent_while_keys_change(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with (
        server.online(ANNE_MODELE) as alice,
        server.online(PAUL_EXEMPLE) as bob,
        server.online(CLAIRE_TEMOIN) as carol,
    ):
        cid = await alice.create_conversation([bob_uid, carol_uid], policy=OPEN)
        await say(alice, cid, "avant")
        for other in (bob, carol):
            await until_reads(other, cid, ["avant"])
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(
                alice.remove_member(cid, carol_uid),
                alice.devices.rotate(),
                bob.devices.rotate(),
                carol.devices.rotate(),
                say(bob, cid, "pendant"),
            )
        await say(alice, cid, "après Claire")
        for other in (alice, bob):
            await until_reads(other, cid, ["avant", "pendant", "après Claire"])
        assert "après Claire" not in texts(carol, cid)
        await pair(server, bob, TABLET)
    async with server.online(TABLET) as tablet:
        assert texts(tablet, cid) == ["avant", "pendant", "après Claire"]


async def test_a_rotation_whose_answer_is_lost_is_followed(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with Proxy(server) as proxy, server.online(ANNE_MODELE, proxy.url) as alice:
        proxy.lose_answers_after = b"/api/chat/links"
        await alice.devices.rotate()
        assert generation(alice) == 2
        assert alice._store.device.find_user_key(1) is None


async def test_a_device_that_dies_in_the_middle_of_a_rotation_follows_it_when_it_comes_back(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "avant")
        send_link = alice._parts.api.identity.send_link

        async def send_and_die(*args: object) -> bytes:
            await send_link(*args)  # type: ignore[arg-type]
            raise KeyError("killed")

        alice._parts.api.identity.send_link = send_and_die  # type: ignore[assignment, method-assign]
        # The announcement of the link is not heard either.
        alice._parts.connection.stop()
        with pytest.raises(KeyError):
            await alice.devices.rotate()
        assert generation(alice) == 1
    async with server.online(PAUL_EXEMPLE) as bob:
        await say(bob, cid, "sous la nouvelle clé")
    async with server.online(ANNE_MODELE) as alice:
        assert generation(alice) == 2
        assert texts(alice, cid) == ["avant", "sous la nouvelle clé"]


async def test_a_key_that_is_not_the_chains_is_refused(server: ChatServer) -> None:
    """A server that hands over its own key would read what is sealed to it: the chain says which key is right."""
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        await pair(server, alice, TABLET)
    with server.store(TABLET) as store:
        async with server.online(ANNE_MODELE) as alice:
            await alice.devices.rotate()
        parts = assemble(store, CLOCK, system_random, None, Language.FR, None)
        identity, device = parts.api.identity, parts.device
        await parts.identities.refresh(device.uid)
        forged = seal_user_key(UserKey(2, b"f" * 32), device.uid, device.did, device.keys.ek_public)
        for box, error in ((forged, UserKeyForged), (b"junk" * 292, UserKeyForged), (None, UserKeyWithheld)):

            async def fetch(box: bytes | None = box) -> UserKeyAnswer:
                return UserKeyAnswer(2, box)

            identity.fetch_user_key = fetch  # type: ignore[method-assign]
            with pytest.raises(error):
                await parts.standing.review()
            assert store.device.last_user_key().generation == 1
        await parts.http.aclose()


async def test_a_change_of_key_is_announced(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        events = alice.events()
        await alice.devices.rotate()
        async with asyncio.timeout(WAIT_S):
            while (event := await anext(events)) != UserKeyChanged(2):
                assert not isinstance(event, UserKeyChanged)


async def test_a_rotation_travels_in_one_request_even_from_a_device_that_has_opened_little(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        await alice.create_conversation([bob_uid])  # nobody wrote in it: nothing there needed its secret
        await alice.devices.rotate()
        await pair(server, alice, TABLET)
    async with server.online(TABLET) as tablet:
        identity, sent = tablet._parts.api.identity, []
        send_link = identity.send_link

        async def counted(*args: object) -> bytes:
            sent.append(args)
            return await send_link(*args)  # type: ignore[arg-type]

        identity.send_link = counted  # type: ignore[assignment, method-assign]
        tablet._held.conversations.every_epoch = lambda: iter(())  # type: ignore[method-assign]
        await tablet.devices.rotate()
        assert len(sent) == 1
