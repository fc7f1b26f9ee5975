"""Letting a second device in: by code or QR, once, resumed after a crash, refused by name."""

import asyncio

import pytest

from miss.base.random import system_random
from miss.client import pair_device
from miss.client.errors import (
    PairingExpired,
    PairingOutdated,
    PairingRefused,
    PairingTaken,
    ServerUnreachable,
    StoreHasDevice,
)
from miss.client.events import DevicesChanged
from miss.client.identity_api import put_offer
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.opcert import root_fingerprint
from miss.protocol.crypto.pairing import compose_pairing_code, pairing_keys
from miss.protocol.errors import BadPairingCode, BadPairingUri
from tests.conditions import WAIT_S
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import CLOCK, ChatServer, Proxy
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import answer, pair
from tests.miss.protocol.people import Stream

TABLET = "tablette"


async def test_a_scanned_code_links_a_device_that_the_owner_has_seen_the_name_of(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, asyncio.timeout(WAIT_S):
        events = alice.events()
        invitation = await alice.devices.invite()
        with server.store(TABLET) as store:
            paired = asyncio.create_task(
                pair_device(store, invitation.uri, device_name="Tablette", clock=CLOCK, random_bytes=system_random)
            )
            offer = await invitation.offer()
            assert offer.name == "Tablette"
            await invitation.accept()
            assert await paired == alice.uid
            device = store.device.get()
            assert device.did == offer.device.did
            assert device.server_url == server.url
            assert root_fingerprint(device.root) == server.signer.root_fingerprint
            assert store.device.pending_pairing() is None
        while await anext(events) != DevicesChanged():
            pass
        first, second = await alice.devices.list_()
        assert (first.did, first.is_current, first.name) == (alice.did, True, "Poste d'essai")
        assert (second.did, second.is_current, second.name) == (device.did, False, "Tablette")
        await alice.devices.rename(device.did, "Tablette du bloc")
        assert [each.name for each in await alice.devices.list_()] == ["Poste d'essai", "Tablette du bloc"]
        with pytest.raises(StoreHasDevice):
            await answer(server, TABLET, server.url, invitation.code)


async def test_contacts_are_warned_of_a_new_device(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "du téléphone")
    async with server.online(PAUL_EXEMPLE) as bob:
        assert bob.contacts.warnings() == []
    async with server.online(ANNE_MODELE) as alice:
        await pair(server, alice, TABLET)
    async with server.online(TABLET) as tablet:
        await say(tablet, cid, "de la tablette")
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["du téléphone", "de la tablette"]
        assert [warning.kind for warning in bob.contacts.warnings()] == ["new_device"]


@pytest.mark.parametrize("path", [b"/offer", b"/device "])
async def test_a_lost_answer_is_made_good_by_the_same_call(server: ChatServer, path: bytes) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, Proxy(server) as proxy, asyncio.timeout(WAIT_S):
        invitation = await alice.devices.invite()
        proxy.lose_answers_after = path
        broken = asyncio.create_task(answer(server, TABLET, proxy.url, invitation.code))
        offer = await invitation.offer()
        await invitation.accept()
        with pytest.raises(ServerUnreachable):
            await broken
        proxy.lose_answers_after = b""
        await answer(server, TABLET, proxy.url, invitation.code)
        with server.store(TABLET) as store:
            assert store.device.get().did == offer.device.did


async def test_a_device_that_dies_while_it_waits_goes_on_with_the_same_keys(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, asyncio.timeout(WAIT_S):
        invitation = await alice.devices.invite()
        waiting = asyncio.create_task(answer(server, TABLET, server.url, invitation.code))
        offer = await invitation.offer()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        again = asyncio.create_task(answer(server, TABLET, server.url, invitation.code))
        await invitation.accept()
        await again
        with server.store(TABLET) as store:
            assert store.device.get().did == offer.device.did


async def test_a_second_device_with_the_same_code_is_told_so(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, asyncio.timeout(WAIT_S):
        invitation = await alice.devices.invite()
        first = asyncio.create_task(answer(server, TABLET, server.url, invitation.code))
        await invitation.offer()
        with pytest.raises(PairingTaken):
            await answer(server, "autre", server.url, invitation.code)
        await invitation.accept()
        await first
        with server.store("autre") as store:
            assert store.device.pending_pairing() is None


async def test_a_cancelled_or_unknown_code_is_expired_and_another_one_works(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, asyncio.timeout(WAIT_S):
        with pytest.raises(PairingExpired):
            await answer(server, TABLET, server.url, compose_pairing_code(Stream("nobody's")))
        invitation = await alice.devices.invite()
        waiting = asyncio.create_task(answer(server, TABLET, server.url, invitation.code))
        await invitation.offer()
        await invitation.cancel()
        await invitation.cancel()
        with pytest.raises(PairingExpired):
            await waiting
        with pytest.raises(PairingExpired):
            await invitation.accept()
        await pair(server, alice, TABLET)


async def test_an_account_that_changed_meanwhile_asks_for_another_code(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, Proxy(server) as proxy, asyncio.timeout(WAIT_S):
        invitation = await alice.devices.invite()
        proxy.lose_requests_with = b"/device "
        broken = asyncio.create_task(answer(server, TABLET, proxy.url, invitation.code))
        await invitation.offer()
        await invitation.accept()
        with pytest.raises(ServerUnreachable):
            await broken
        await alice.devices.rotate()
        proxy.lose_requests_with = b""
        with pytest.raises(PairingOutdated):
            await answer(server, TABLET, proxy.url, invitation.code)
        await pair(server, alice, TABLET)


async def test_what_lies_in_the_slot_without_the_code_is_refused(server: ChatServer) -> None:
    """Whoever saw only the slot's number, the server for instance, cannot make an offer or an answer."""
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice, asyncio.timeout(WAIT_S):
        api = alice._parts.api.identity
        invitation = await alice.devices.invite()
        slot = pairing_keys(invitation.code).slot
        waiting = asyncio.create_task(answer(server, TABLET, server.url, invitation.code))
        await invitation.offer()
        await api.put_answer(slot, b"not under the code" * 10)
        with pytest.raises(PairingRefused):
            await waiting
        with server.store(TABLET) as store:
            assert store.device.find() is None

        invitation = await alice.devices.invite()
        await put_offer(alice._parts.http, pairing_keys(invitation.code).slot, b"not under the code" * 10)
        with pytest.raises(PairingRefused):
            await invitation.accept()


async def test_a_slip_of_the_pen_asks_nobody(server: ChatServer) -> None:
    with pytest.raises(BadPairingCode):
        await answer(server, TABLET, server.url, "ABCDE-FGHJK")
    with pytest.raises(BadPairingUri):
        await answer(server, TABLET, "https://ailleurs.example", "")
