"""The recovery key: shown once, typed back, tested by a round trip, replaced, opened in more than one way."""

from pathlib import Path

import pytest
from msgspec import structs

from miss.base.random import system_random
from miss.base.text import Language
from miss.chat.limits import ChatLimits, HttpRates, per_minute
from miss.client import Client, identity_api
from miss.client.account.recovery import Prepared
from miss.client.errors import (
    CertifiedIdentityMismatch,
    RecoveryKeyExists,
    RecoveryKeyMissing,
    RecoveryNotProven,
    RecoverySecretMistyped,
    RootMismatch,
    ServerRefused,
    ServerUnreachable,
    StoreHasDevice,
    TooManyDevices,
    UserKeyForged,
)
from miss.client.http import HttpExchange
from miss.client.identity_api import RecoveryAnswer, RecoveryStateAnswer
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.keys import UserKey, seal_user_key
from miss.protocol.crypto.recovery import compose_recovery_code, wrap_with_code
from miss.protocol.crypto.words import compose_passphrase
from miss.protocol.crypto.wraps import Method
from miss.protocol.errors import BadRecoveryCode, WrongRecoverySecret
from miss.protocol.limits import MAX_DEVICES
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import ChatServer, Proxy, running, until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import pair, recover, ticket
from tests.miss.protocol.people import Stream

NEW = "nouveau"
OTHER_CODE = compose_recovery_code(Stream("other code"))


async def test_a_code_is_typed_back_put_in_place_and_tested(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        assert not (await alice.recovery.state()).has_key
        prepared = await alice.recovery.prepare()
        assert prepared.secret not in repr(prepared)
        with pytest.raises(RecoverySecretMistyped):
            await prepared.confirm(OTHER_CODE)
        with pytest.raises(BadRecoveryCode):
            await prepared.confirm(prepared.secret[:-1])
        assert not (await alice.recovery.state()).has_key

        tested_at = await prepared.confirm(prepared.secret.lower().replace("-", " "))
        state = await alice.recovery.state()
        assert (state.has_key, state.tested_at, state.methods) == (True, tested_at, (Method.CODE,))
        assert await prepared.confirm(prepared.secret) >= tested_at  # twice is once
        assert [device.is_paper for device in await alice.devices.list_()] == [False, True]
        with pytest.raises(RecoveryKeyExists):
            await alice.recovery.prepare()
        with pytest.raises(WrongRecoverySecret):
            await alice.recovery.test(OTHER_CODE)
        with pytest.raises(RecoveryKeyMissing):
            await alice.recovery.test(compose_passphrase(Stream("p")), Method.PASSPHRASE)
        assert await alice.recovery.test(prepared.secret) >= tested_at


async def test_a_passphrase_beside_the_code(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        code = await alice.recovery.prepare()
        await code.confirm(code.secret)
        words = await alice.recovery.add_method(code.secret, Method.PASSPHRASE)
        assert len(words.secret.split()) == 8
        await words.confirm(words.secret.upper())
        assert set((await alice.recovery.state()).methods) == {Method.CODE, Method.PASSPHRASE}
        await alice.recovery.test(code.secret)

        again = await alice.recovery.add_method(words.secret, Method.CODE, Method.PASSPHRASE)
        await again.confirm(again.secret)
        with pytest.raises(WrongRecoverySecret):
            await alice.recovery.test(code.secret)
    await recover(server, ANNE_MODELE, NEW, passphrase=words.secret)


async def test_a_replaced_key_recovers_nothing(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "un")
        first = await alice.recovery.prepare()
        await first.confirm(first.secret)
        second = await alice.recovery.replace()
        await second.confirm(second.secret)
        await say(alice, cid, "deux")
        with pytest.raises(WrongRecoverySecret):
            await alice.recovery.test(first.secret)
    code = await ticket(server, ANNE_MODELE, ActivationPurpose.RECOVERY)
    with pytest.raises(WrongRecoverySecret):
        await recover(server, ANNE_MODELE, NEW, code=first.secret, with_ticket=code)
    await recover(server, ANNE_MODELE, NEW, code=second.secret, with_ticket=code)
    async with server.online(NEW) as new:
        assert texts(new, cid) == ["un", "deux"]


@pytest.mark.parametrize("path", [b"/api/chat/links", b"/api/chat/recovery/tested"])
async def test_a_lost_answer_is_made_good_by_the_same_call(server: ChatServer, path: bytes) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with Proxy(server) as proxy, server.online(ANNE_MODELE, proxy.url) as alice:
        prepared = await alice.recovery.prepare()
        proxy.lose_answers_after = path
        await until_confirmed(prepared, proxy)
        assert (await alice.recovery.state()).tested_at is not None
        await alice.recovery.test(prepared.secret)


async def until_confirmed(prepared: Prepared, proxy: Proxy) -> None:
    try:
        await prepared.confirm(prepared.secret)
    except ServerUnreachable:
        proxy.lose_answers_after = b""
        await prepared.confirm(prepared.secret)


async def test_a_key_made_by_a_device_that_died_is_tested_by_another(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        prepared = await alice.recovery.prepare()
        await prepared._put()  # it was on paper, and in place; the test never came
        await pair(server, alice, "tablette")
    async with server.online("tablette") as tablet:
        state = await tablet.recovery.state()
        assert state.has_key
        assert state.tested_at is None
        await tablet.recovery.test(prepared.secret)


# Coming back


async def prepared_code(alice: Client) -> str:
    prepared = await alice.recovery.prepare()
    await prepared.confirm(prepared.secret)
    return prepared.secret


async def test_a_recovered_device_works_with_the_others(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await say(alice, cid, "un")
        secret = await prepared_code(alice)
        await alice.devices.rotate()  # the box of the recovery key follows
        await recover(server, ANNE_MODELE, NEW, code=secret)
        async with server.online(NEW) as new:
            assert texts(new, cid) == ["un"]
            await new.devices.revoke(alice.did)
            await say(bob, cid, "deux")
            await until_true(new, lambda: texts(new, cid) == ["un", "deux"])
            assert (await new.recovery.state()).has_key
        with pytest.raises(StoreHasDevice):
            await recover(server, ANNE_MODELE, NEW, code=secret)


async def test_a_recovery_broken_off_goes_on_with_the_same_device(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        secret = await prepared_code(alice)
    code = await ticket(server, ANNE_MODELE, ActivationPurpose.RECOVERY)
    async with Proxy(server) as proxy:
        proxy.lose_answers_after = b"/api/chat/recovery/devices"
        with pytest.raises(ServerUnreachable):
            await recover(server, ANNE_MODELE, NEW, url=proxy.url, code=secret, with_ticket=code)
        proxy.lose_answers_after = b""
        with server.store(NEW) as store:
            pending = store.device.find()
            assert pending is not None
            assert not pending.is_linked
        await recover(server, ANNE_MODELE, NEW, url=proxy.url, code=secret, with_ticket=code)
    with server.store(NEW) as store:
        assert store.device.get().did == pending.did


async def test_a_device_made_before_the_chain_grew_is_made_anew(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        secret = await prepared_code(alice)
        code = await ticket(server, ANNE_MODELE, ActivationPurpose.RECOVERY)
        async with Proxy(server) as proxy:
            proxy.lose_requests_with = b"/api/chat/recovery/devices"
            with pytest.raises(ServerUnreachable):
                await recover(server, ANNE_MODELE, NEW, url=proxy.url, code=secret, with_ticket=code)
            with server.store(NEW) as store:
                before = store.device.find()
                assert before is not None
            await alice.devices.rotate()
            proxy.lose_requests_with = b""
            await recover(server, ANNE_MODELE, NEW, url=proxy.url, code=secret, with_ticket=code)
    with server.store(NEW) as store:
        assert store.device.get().did != before.did
        assert store.device.last_user_key().generation == 2


async def test_who_has_no_recovery_key_or_no_ticket_does_not_come_back(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    with pytest.raises(ServerRefused) as refused:
        await recover(server, ANNE_MODELE, NEW, code=OTHER_CODE)
    assert refused.value.server_code == "recovery_none"
    async with server.online(ANNE_MODELE) as alice:
        secret = await prepared_code(alice)
    with pytest.raises(ServerRefused) as refused:
        await recover(server, ANNE_MODELE, NEW, code=secret, with_ticket="ABCD-EFGH-JKLM")
    assert refused.value.server_code == "wrong_activation_code"
    with server.store(NEW) as store:
        assert store.device.find() is None


# What a lying server would try


async def test_another_key_under_the_right_code_is_not_proven(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as alice:
        secret = await prepared_code(alice)
        real = await alice._parts.api.identity.fetch_recovery()
        other = wrap_with_code(b"r" * 32, alice.uid, secret, system_random).to_bytes()

        async def fetch() -> RecoveryStateAnswer:
            return RecoveryStateAnswer((other,), real.paper_did, real.tested_at)

        alice._parts.api.identity.fetch_recovery = fetch  # type: ignore[method-assign]
        with pytest.raises(RecoveryNotProven):
            await alice.recovery.test(secret)


async def test_a_recovery_checks_root_person_key_and_chain(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        secret = await prepared_code(alice)
        key = UserKey(1, b"f" * 32)
        chain = await alice._parts.identities.get(alice.uid)
        paper = next(device for device in chain.devices.values() if device.paper)
        forged = seal_user_key(key, alice.uid, paper.did, paper.ek)
        bobs = (await alice._parts.api.fetch_chain(bob.uid)).links
    http = HttpExchange(server.url, language=Language.FR)
    code = await ticket(server, ANNE_MODELE, ActivationPurpose.RECOVERY)
    real = await identity_api.open_recovery(http, ANNE_MODELE, code)
    await http.aclose()
    lies = [
        (structs.replace(real, root=b"R" * 32), RootMismatch),
        (structs.replace(real, box=forged), UserKeyForged),
        (structs.replace(real, box=b"junk" * 292), UserKeyForged),
        (structs.replace(real, links=bobs, uid=bob.uid), CertifiedIdentityMismatch),
        (structs.replace(real, links=real.links[:1]), RecoveryKeyMissing),
    ]
    for lie, error in lies:

        async def lying(*_: object, lie: RecoveryAnswer = lie) -> RecoveryAnswer:
            return lie

        monkeypatch.setattr(identity_api, "open_recovery", lying)
        with pytest.raises(error):
            await recover(server, ANNE_MODELE, NEW, code=secret, with_ticket=code)
        with server.store(NEW) as store:
            assert store.device.find() is None


async def test_nothing_is_given_up_where_nothing_new_fits(tmp_path: Path) -> None:
    """Above all not the recovery key there is, for another one that the chain would refuse."""
    limits = ChatLimits(http=HttpRates(identity=per_minute(100)))
    async with running(tmp_path, limits) as server:
        await server.link_everybody(ANNE_MODELE)
        async with server.online(ANNE_MODELE) as alice:
            for number in range(MAX_DEVICES - 1):
                await pair(server, alice, f"appareil {number}")
            with pytest.raises(TooManyDevices):
                await alice.recovery.prepare()
            with pytest.raises(TooManyDevices):
                await alice.devices.invite()
            unused = next(device for device in await alice.devices.list_() if not device.is_current)
            await alice.devices.revoke(unused.did)
            code = await prepared_code(alice)
        await recover(server, ANNE_MODELE, NEW, code=code)
        async with server.online(NEW) as alice:
            with pytest.raises(TooManyDevices):
                await alice.recovery.replace()
            assert await alice.recovery.test(code) is not None
