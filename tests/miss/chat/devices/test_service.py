"""Chains, one's own devices, authentication."""

from datetime import timedelta
from typing import Any

import pytest

from miss.base.clock import to_ms
from miss.base.ids import AccountId, DeviceId
from miss.chat.devices import service
from miss.chat.devices.errors import AuthRefused, DeviceRevoked, TokenRefused
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.links import parse_link
from miss.protocol.crypto.primitives import hash_
from tests.miss.chat.kit import EACH_DATABASE, HOST, Place, Process, Refused, ask, get, post
from tests.miss.chat.world import World


async def code_of(refusal: object) -> str:
    with pytest.raises(Refused) as refused:
        await refusal  # type: ignore[misc]
    assert refused.value.text
    return str(refused.value.code)


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_people_see_their_own_devices_and_name_them(process: Process, place: Place, world: World) -> None:
    anne, token = world.anne, world.anne.token(process)
    tablet = await anne.second_device(process, place, "Tablette")
    async with tablet.connected(process):
        pass
    await process.chat.devices.last_seen.flush()
    first, second = (await get(process, "devices", token))["devices"]
    assert (first["did"], first["name"], first["current"], first["paper"]) == (anne.did, "Poste de garde", True, False)
    assert (second["did"], second["name"], second["current"]) == (tablet.did, "Tablette", False)
    now_ms = to_ms(place.clock.now())
    assert second["linked_at"] <= second["last_seen"] <= now_ms
    assert first["revoked_at"] is second["revoked_at"] is None
    assert (await get(process, "devices", world.paul.token(process)))["devices"][0]["did"] == world.paul.did

    await ask(process, "PATCH", f"devices/{tablet.did.hex()}", {"name": "  Tablette du bloc "}, token)
    await anne.revoke(process, place, tablet.did)
    _, renamed = (await get(process, "devices", token))["devices"]
    assert renamed["name"] == "Tablette du bloc"
    assert second["last_seen"] <= renamed["revoked_at"] <= to_ms(place.clock.now())


async def test_only_ones_own_active_device_is_named(process: Process, place: Place, world: World) -> None:
    anne, token = world.anne, world.anne.token(process)
    tablet = await anne.second_device(process, place)
    await anne.revoke(process, place, tablet.did)
    for did in (tablet.did, world.paul.did, bytes(16)):
        assert await code_of(ask(process, "PATCH", f"devices/{did.hex()}", {"name": "x"}, token)) == "not_found"
    for name in ("", " ", "x" * 81, "a\nb"):
        refused = await code_of(ask(process, "PATCH", f"devices/{anne.did.hex()}", {"name": name}, token))
        assert refused == "device_name_refused"


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_many_chains_are_read_at_once(
    process: Process, place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne, paul, token = world.anne, world.paul, world.hugo.token(process)
    await anne.second_device(process, place)

    async def chains(*want: tuple[AccountId, int]) -> tuple[list[tuple[bytes, list[int]]], bool]:
        got: dict[str, Any] = await post(process, "chains", {"want": want}, token)
        assert got["opcerts"] == list(process.chat.signer.opcerts)
        return [(uid, [parse_link(link).core.seq for link in links]) for uid, links in got["chains"]], got["more"]

    nobody = AccountId(bytes(16))
    asked = (paul.uid, 0), (anne.uid, 1), (nobody, 0), (anne.uid, 2)
    assert await chains(*asked) == ([(paul.uid, [1]), (anne.uid, [2]), (nobody, []), (anne.uid, [])], False)
    assert await chains() == ([], False)
    monkeypatch.setattr(service, "MAX_CHAINS_BYTES", 4000)
    assert await chains((anne.uid, 0), (paul.uid, 0)) == ([(anne.uid, [1, 2])], True)
    too_many = {"want": [(paul.uid, 0)] * 501}
    assert await code_of(post(process, "chains", too_many, token)) == "bad_request"


async def test_a_revoked_device_has_no_way_in(process: Process, place: Place, world: World) -> None:
    tablet = await world.anne.second_device(process, place)
    token = tablet.token(process)
    await get(process, "conversations", token)
    await world.anne.revoke(process, place, tablet.did)
    with pytest.raises(Refused) as refused:
        await get(process, "conversations", token)
    assert (refused.value.status, refused.value.code) == (401, "device_revoked")
    devices = process.chat.devices
    nonce = b"n" * 32
    with pytest.raises(DeviceRevoked):
        await devices.authenticate(tablet.did, nonce, sign_auth(tablet.keys.ik, nonce, HOST))


async def test_a_link_is_appended_by_the_device_that_signed_it(process: Process, place: Place, world: World) -> None:
    tablet = await world.anne.second_device(process, place)
    link = await world.anne.revocation(process, place, tablet.did)
    sent = {"link": link[0].to_bytes()}
    assert await code_of(post(process, "links", sent, tablet.token(process))) == "link_not_allowed"
    assert await code_of(post(process, "links", sent, world.paul.token(process))) == "link_not_allowed"
    await world.anne.rotate(process, place, link)


async def test_a_token_is_renewed_by_the_devices_signature(process: Process, place: Place, world: World) -> None:
    anne = world.anne

    def request(at_ms: int, keys: DeviceKeys) -> dict[str, object]:
        nonce = hash_("http-token", anne.did + at_ms.to_bytes(8, "big"))
        return {"did": anne.did, "ts": at_ms, "sig": sign_auth(keys.ik, nonce, HOST)}

    place.clock.advance(timedelta(minutes=30))
    now_ms = to_ms(place.clock.now())
    renewed = await post(process, "token", request(now_ms, anne.keys))
    await get(process, "conversations", renewed["token"])
    assert await code_of(post(process, "token", request(now_ms, world.paul.keys))) == "auth_refused"
    assert await code_of(post(process, "token", request(now_ms - 121_000, anne.keys))) == "auth_refused"
    place.clock.advance(timedelta(minutes=10))
    assert await code_of(get(process, "conversations", renewed["token"])) == "token_refused"


async def test_a_token_for_an_unknown_device_is_refused(process: Process, world: World) -> None:
    devices = process.chat.devices
    with pytest.raises(TokenRefused):
        await devices.device_of(devices.issue_token(DeviceId(b"?" * 16)))
    with pytest.raises(AuthRefused):
        await devices.authenticate(DeviceId(b"?" * 16), b"n" * 32, b"s" * 64)


async def test_a_suspended_accounts_token_is_refused(process: Process, place: Place, world: World) -> None:
    token = world.anne.token(process)
    await place.accounts.suspend(world.anne.uid, "test", "papiers à revoir")
    assert await code_of(get(process, "conversations", token)) == "account_not_active"


async def test_a_revoked_device_can_read_the_link_that_says_so(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    tablet = await anne.second_device(process, place)
    await anne.revoke(process, place, tablet.did)
    now_ms = to_ms(place.clock.now())

    def asked(label: str, keys: DeviceKeys, ts_ms: int = now_ms) -> dict[str, Any]:
        nonce = hash_(label, tablet.did + ts_ms.to_bytes(8, "big"))
        return {"did": tablet.did, "ts": ts_ms, "sig": sign_auth(keys.ik, nonce, HOST)}

    got = await post(process, "own-chain", asked("own-chain", tablet.keys))
    assert parse_link(got["links"][-1]).core.did == tablet.did
    for wrong in (
        asked("http-token", tablet.keys),
        asked("own-chain", anne.keys),
        asked("own-chain", tablet.keys, now_ms - 121_000),
    ):
        assert await code_of(post(process, "own-chain", wrong)) == "auth_refused"
