"""Linking a device: the letter's code and fingerprint, once, and again after a crash."""

from dataclasses import replace

import pytest

from miss.base.clock import SystemClock, to_ms
from miss.base.ids import DeviceId
from miss.base.random import system_random
from miss.client import identity_api, link_device
from miss.client.errors import (
    CertifiedIdentityMismatch,
    RootMismatch,
    ServerRefused,
    ServerUnreachable,
    StoreHasDevice,
    StoreHasNoDevice,
)
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.directory.sample.people import ANNE_MODELE
from miss.directory.signer import who_of
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Proof, compose_genesis, parse_link
from miss.protocol.crypto.opcert import root_fingerprint
from tests.miss.client.chat_server import ChatServer, Proxy


async def link(
    server: ChatServer, store: Store, code: str, *, fingerprint: str | None = None, url: str | None = None
) -> None:
    await link_device(
        store,
        url or server.url,
        rpps=ANNE_MODELE,
        code=code,
        device_name="Poste d'essai",
        expected_fingerprint=server.signer.root_fingerprint if fingerprint is None else fingerprint,
        clock=SystemClock(),
        random_bytes=system_random,
    )


async def test_a_linked_device_has_its_identity_and_pins_the_root(server: ChatServer) -> None:
    code = await server.activate(ANNE_MODELE)
    with server.store(ANNE_MODELE) as store:
        await link(server, store, code, fingerprint=server.signer.root_fingerprint.replace(" ", "").upper())

        device = store.device.get()
        account = await server.accounts.find_by_rpps(ANNE_MODELE)
        assert account is not None
        assert device.uid == account.uid
        assert root_fingerprint(device.root) == server.signer.root_fingerprint
        with pytest.raises(StoreHasDevice):
            await link(server, store, code)


async def test_another_root_than_the_letters_stops_everything(server: ChatServer) -> None:
    code = await server.activate(ANNE_MODELE)
    with server.store(ANNE_MODELE) as store:
        with pytest.raises(RootMismatch) as refused:
            await link(server, store, code, fingerprint="0000 1111")
        assert "0000 1111" in refused.value.sentence()
        assert store.device.find() is None

        await link(server, store, code)  # the code was not spent


async def test_a_wrong_code(server: ChatServer) -> None:
    await server.activate(ANNE_MODELE)
    with server.store(ANNE_MODELE) as store:
        with pytest.raises(ServerRefused) as refused:
            await link(server, store, "ABCD-EFGH-JKLM")

        assert refused.value.server_code == "wrong_activation_code"
        assert refused.value.sentence() != "wrong_activation_code"
        with pytest.raises(StoreHasNoDevice):
            store.device.get()


async def test_a_lost_answer_is_asked_for_again_with_the_same_device(server: ChatServer) -> None:
    code = await server.activate(ANNE_MODELE)
    async with Proxy(server) as proxy:
        with server.store(ANNE_MODELE) as store:
            proxy.lose_answers_after = b"/api/chat/devices"
            with pytest.raises(ServerUnreachable):
                await link(server, store, code, url=proxy.url)
            pending = store.device.find()
            assert pending is not None
            assert not pending.is_linked

        proxy.lose_answers_after = b""
        with server.store(ANNE_MODELE) as store:
            await link(server, store, code, url=proxy.url)
            assert store.device.get().did == pending.did


async def test_a_try_of_another_day_is_made_anew(server: ChatServer) -> None:
    code = await server.activate(ANNE_MODELE)
    account = await server.accounts.find_by_rpps(ANNE_MODELE)
    assert account is not None
    yesterday_ms = to_ms(SystemClock().now()) - 24 * 3_600_000
    with server.store(ANNE_MODELE) as store:
        keys, user_key = DeviceKeys.generate(system_random), UserKey.generate(1, system_random)
        old = compose_genesis(
            uid=account.uid,
            did=DeviceId(b"d" * 16),
            keys=keys,
            user_key=user_key,
            who=who_of(await server.practitioners.get(account.practitioner_id)),
            proof=Proof("activation-code", yesterday_ms),
            ts_ms=yesterday_ms,
        )
        root = server.signer.root_public
        record = DeviceRecord(account.uid, old.core.did, keys, server.url, root, old.to_bytes())
        store.device.keep(record, user_key)

        await link(server, store, code)

        assert store.device.get().did != old.core.did


async def test_a_link_that_is_not_the_devices_own_is_not_accepted(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server signs another device in the place of this one."""
    real = identity_api.link_device

    async def lying(*args: str) -> bytes:
        link = parse_link(await real(*args))  # type: ignore[arg-type]
        return replace(link, core_bytes=link.core_bytes.replace(link.core.did, b"x" * 16)).to_bytes()

    monkeypatch.setattr(identity_api, "link_device", lying)
    code = await server.activate(ANNE_MODELE)
    with server.store(ANNE_MODELE) as store:
        with pytest.raises(CertifiedIdentityMismatch):
            await link(server, store, code)
        with pytest.raises(StoreHasNoDevice):
            store.device.get()
        monkeypatch.undo()
        await link(server, store, code)
