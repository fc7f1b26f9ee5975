"""Linking a device with an activation code, chains, authentication."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from miss.base.clock import to_ms
from miss.base.ids import DeviceId
from miss.chat.devices.errors import AuthRefused, DeviceRevoked, TokenRefused
from miss.directory.sample.people import INES_BROUILLON, LUCIE_SPECIMEN, MARC_COORDO
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Op, parse_link
from miss.protocol.crypto.primitives import hash_
from tests.miss.chat.kit import EACH_DATABASE, HOST, Member, Place, Process, Refused, get, post
from tests.miss.chat.world import World


async def newcomer(process: Process, place: Place, rpps: str = LUCIE_SPECIMEN) -> Member:
    """Somebody with a code who has not linked a device yet."""
    account = await place.open_account(rpps)
    return await Member.prepare(process, place, account, rpps, await place.issue_code(account))


async def code_of(refusal: object) -> str:
    with pytest.raises(Refused) as refused:
        await refusal  # type: ignore[misc]
    assert refused.value.text
    return str(refused.value.code)


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_code_links_a_device_whose_chain_everybody_can_verify(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    await lucie.link_device(process, lucie.genesis(place.clock.now()))
    chain = await lucie.chain_of(process, lucie.uid)
    assert set(chain.devices) == {lucie.did}
    assert (chain.who.family, chain.who.rpps) == ("SPECIMEN", LUCIE_SPECIMEN)
    async with lucie.connected(process) as wire:
        assert wire.ready is not None
        assert wire.ready.link_head == chain.head


async def test_five_wrong_codes_lock_the_activation(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    for tries_left in (4, 3, 2, 1):
        with pytest.raises(Refused) as refused:
            await post(process, "activation", {"rpps": lucie.rpps, "code": "AAAA-AAAA-AAAA"})
        assert (refused.value.status, refused.value.code) == (400, "wrong_activation_code")
        assert refused.value.params["tries_left"] == tries_left
    assert await code_of(post(process, "activation", {"rpps": lucie.rpps, "code": "AAAA-AAAA-AAAA"})) in (
        "wrong_activation_code",
        "activation_locked",
    )
    # Locked: the right code does not help any more, neither to look nor to link.
    assert await code_of(post(process, "activation", {"rpps": lucie.rpps, "code": lucie.code})) == "activation_locked"
    assert await code_of(lucie.link_device(process, lucie.genesis(place.clock.now()))) == "activation_locked"


async def test_a_wrong_code_links_nothing(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    right, lucie.code = lucie.code, "AAAA-AAAA-AAAA"
    assert await code_of(lucie.link_device(process, lucie.genesis(place.clock.now()))) == "wrong_activation_code"
    lucie.code = right
    await lucie.link_device(process, lucie.genesis(place.clock.now()))


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_the_same_call_after_a_crash_returns_the_same_link(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    link = lucie.genesis(place.clock.now())
    await lucie.link_device(process, link)
    first = lucie.link
    await lucie.link_device(process, link)
    assert lucie.link == first
    # It is no way around the code: another device needs another one.
    lucie.did, lucie.keys = DeviceId(b"x" * 16), DeviceKeys.generate(place.random_bytes)
    assert await code_of(lucie.link_device(process, lucie.genesis(place.clock.now()))) == "activation_spent"


async def test_a_link_given_in_under_another_persons_number_is_refused(process: Process, place: Place) -> None:
    lucie, ines = await newcomer(process, place), await newcomer(process, place, INES_BROUILLON)
    link = lucie.genesis(place.clock.now())
    await lucie.link_device(process, link)
    assert await code_of(ines.link_device(process, link)) != ""
    assert await code_of(get(process, f"users/{ines.uid.hex()}/chain", lucie.token(process))) == "not_found"


@pytest.mark.parametrize("field", ["rpps", "family", "given", "profession"])
async def test_the_operator_attests_the_directorys_words_only(process: Process, place: Place, field: str) -> None:
    lucie = await newcomer(process, place)
    claimed = msgspec.structs.replace(lucie.who, **{field: MARC_COORDO if field == "rpps" else "Autre"})
    link = lucie.genesis(place.clock.now(), claimed)
    assert await code_of(lucie.link_device(process, link)) == "identity_mismatch"


async def test_a_link_dated_by_a_wrong_clock_is_refused(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    late = place.clock.now() - timedelta(minutes=11)
    assert await code_of(lucie.link_device(process, lucie.genesis(late))) == "device_clock_wrong"


async def test_a_device_needs_a_name(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    asked = {"rpps": lucie.rpps, "code": lucie.code, "link": lucie.genesis(place.clock.now()), "name": " \n"}
    assert await code_of(post(process, "devices", asked)) == "device_name_refused"


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_two_first_devices_at_once_become_one(process: Process, place: Place) -> None:
    one = await newcomer(process, place)
    other = Member(
        one.rpps,
        one.code,
        one.who,
        one.uid,
        DeviceId(b"y" * 16),
        DeviceKeys.generate(place.random_bytes),
        UserKey.generate(1, place.random_bytes),
    )
    now = place.clock.now()
    tried = await asyncio.gather(
        *(member.link_device(process, member.genesis(now)) for member in (one, other)), return_exceptions=True
    )
    assert [type(result) for result in tried if result is not None] == [Refused]
    winner = one if one.link else other
    assert set((await winner.chain_of(process, winner.uid)).devices) == {winner.did}


async def test_a_second_device_needs_the_first_and_a_code(process: Process, place: Place, world: World) -> None:
    tablet = await world.anne.second_device(process, place)
    chain = await world.anne.chain_of(process, world.anne.uid)
    assert set(chain.devices) == {world.anne.did, tablet.did}
    assert parse_link(tablet.link).core.op is Op.ADD
    # The code alone cannot start the chain over.
    tablet.code = await place.issue_code(await place.accounts.get(world.anne.uid))
    tablet.did, tablet.keys = DeviceId(b"z" * 16), DeviceKeys.generate(place.random_bytes)
    assert await code_of(tablet.link_device(process, tablet.genesis(place.clock.now()))) == "link_out_of_order"


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


async def test_a_third_device_is_not_left_without_the_user_key(process: Process, place: Place, world: World) -> None:
    tablet = await world.anne.second_device(process, place)
    await world.anne.second_device(process, place)
    assert await code_of(world.anne.revoke(process, place, tablet.did)) == "link_not_allowed"


async def test_a_link_is_appended_by_the_device_that_signed_it(process: Process, place: Place, world: World) -> None:
    tablet = await world.anne.second_device(process, place)
    link = await world.anne.revocation(process, place, tablet.did)
    assert await code_of(post(process, "links", {"link": link}, tablet.token(process))) == "link_not_allowed"
    assert await code_of(post(process, "links", {"link": link}, world.paul.token(process))) == "link_not_allowed"
    await post(process, "links", {"link": link}, world.anne.token(process))


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
