"""A device registers, tries and removes its own subscription, and loses it with its rights."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.broker import MemoryBroker
from miss.chat.devices.errors import DeviceRevoked
from miss.chat.push.model import UNUSED
from miss.chat.push.service import endpoint_hash
from miss.chat.push.wire.keys import PushKey, PushKeys
from miss.server.web.own_push import OwnSubscriptions
from tests.miss.chat.kit import Place, Process, Refused, ask, get, post, running
from tests.miss.chat.push.acts import said_by, subscribe
from tests.miss.chat.push.standin import HOST, Browser, StandIn, one_key
from tests.miss.chat.world import Template, World


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_a_revoked_device_and_a_closed_account_lose_theirs_in_the_same_transaction(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world, push = template_world, pushing.chat.push
    tablet = await world.paul.second_device(pushing, place)
    for member in (world.paul, tablet, world.karim):
        await subscribe(pushing, service, member, key)
    assert len(await push.list_of(world.paul.uid)) == 2
    late = await pushing.chat.devices.device_of(tablet.token(pushing))
    await world.paul.revoke(pushing, place, tablet.did)
    assert [one.did for one in await push.list_of(world.paul.uid)] == [world.paul.did]
    await place.accounts.suspend(world.karim.uid, "test", "essai")
    assert await push.list_of(world.karim.uid) == []
    browser = Browser()
    with pytest.raises(DeviceRevoked):
        # It was let in before, and comes after.
        await push.register(late, service.url(), browser.p256dh, browser.auth, key.public, ())


async def test_only_named_services_outside_are_registered(
    place: Place, memory_broker: MemoryBroker, template: Template, service: StandIn, key: PushKey
) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ("10.0.0.1",) if port == 444 else ("127.0.0.1",)

    services = service.services(place.clock, place.random_bytes, PushKeys((key,)), resolve=resolve)
    async with running(place, memory_broker, push=services) as process:
        paul = template.world.at(process, place).paul
        token, browser = paul.token(process), Browser()

        async def refused(endpoint: str, **changes: object) -> str:
            body = {**said_by(browser, endpoint, key), **changes}
            with pytest.raises(Refused) as caught:
                await ask(process, "PUT", "push", body, token)
            return str(caught.value.code)

        for endpoint in (
            "https://metadata.example/",
            f"https://{HOST}.evil.example/",
            f"http://{HOST}/",
            f"https://{HOST}:444/",
            "https://127.0.0.1/",
            f"https://a:b@{HOST}/",
            "",
        ):
            assert await refused(endpoint) == "push_service_refused"
        assert await refused(service.url(), p256dh=b"\x04" + bytes(64)) == "push_keys_malformed"
        assert await refused(service.url(), key=one_key().public) == "push_key_former"
        assert await refused(service.url() + "x" * 2000) == "bad_request"
        assert await refused(service.url(), auth=b"short") == "bad_request"
        assert await process.chat.push.list_of(paul.uid) == []


async def test_a_device_registers_replaces_tries_and_removes_its_own(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    paul = template_world.paul
    token = paul.token(pushing)
    with pytest.raises(Refused, match="push_not_registered"):
        await post(pushing, "push/test", {}, token)
    await subscribe(pushing, service, paul, key, "/send/old")
    browser = await subscribe(pushing, service, paul, key, "/send/new")
    state = await get(pushing, "push", token)
    assert state == {"key": key.public, "endpoint_hash": endpoint_hash(service.url("/send/new"))}
    assert await post(pushing, "push/test", {}, token) == {"outcome": "accepted"}
    assert [asked.path for asked in service.asked] == ["/send/new"]
    assert browser.open(service.asked[0].body) == b""
    assert await post(pushing, "push/test", {}, token) == {"outcome": "accepted"}
    with pytest.raises(Refused, match="push_test_too_soon"):
        await post(pushing, "push/test", {}, token)
    exported = OwnSubscriptions(pushing.chat.push, pushing.chat.devices)
    (part,) = await exported.gather(await place.accounts.get(paul.uid))
    (line,) = part.content
    assert line["Service de notification"] == HOST
    assert "/send/" not in str(part.content)
    assert await ask(pushing, "DELETE", "push", token=token) == {}
    assert (await get(pushing, "push", token))["endpoint_hash"] is None


async def test_without_push_services_the_server_says_so(process: Process, world: World, key: PushKey) -> None:
    token = world.paul.token(process)
    assert await get(process, "push", token) == {"key": None, "endpoint_hash": None}
    with pytest.raises(Refused, match="push_off"):
        await ask(process, "PUT", "push", said_by(Browser(), f"https://{HOST}/", key), token)


async def test_what_no_browser_confirms_and_what_lost_its_key_is_forgotten(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    paul, push = template_world.paul, pushing.chat.push
    await subscribe(pushing, service, paul, key)
    assert isinstance(place.clock, MovableClock)
    place.clock.advance(UNUSED - timedelta(days=1))
    await push.sweep()
    assert len(await push.list_of(paul.uid)) == 1
    place.clock.advance(timedelta(days=2))
    await push.sweep()
    assert await push.list_of(paul.uid) == []
