"""Linking a device with an activation code: the first one, and a fresh start."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from miss.base.clock import to_ms
from miss.base.ids import DeviceId
from miss.directory.accounts import Act, ActivationPurpose
from miss.directory.sample.people import INES_BROUILLON, LUCIE_SPECIMEN, MARC_COORDO
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.changes import compose_reset
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Op, Proof, parse_link
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.frames import LinkAdded
from tests.miss.chat.kit import EACH_DATABASE, Keyring, Member, Place, Process, Refused, get, post
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


async def test_the_code_alone_adds_nothing_to_a_chain(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    code = await place.issue_code(await place.accounts.get(anne.uid))
    other = replace(anne, code=code, did=DeviceId(b"z" * 16), keys=DeviceKeys.generate(place.random_bytes))
    refused = await code_of(other.link_device(process, other.genesis(place.clock.now())))
    assert refused == "already_linked"
    for method in ("device", "activation-code", "paper"):
        added = (await anne.addition(process, place, other, method)).to_bytes()
        assert await code_of(other.link_device(process, added)) == "link_not_allowed"
    assert await code_of(other.link_device(process, (await reset_link(process, place, other)))) == "link_not_allowed"
    assert set((await anne.chain_of(process, anne.uid)).devices) == {anne.did}


# Everything was lost


async def reset_link(process: Process, place: Place, new: Member) -> bytes:
    """A fresh start for `new`, as the client makes it from what the code shows."""
    links = [parse_link(link) for link in await process.chat.devices.list_links(new.uid)]
    chain = verify_chain(links, process.chat.signer.root_public, process.chat.signer.opcerts)
    now_ms = to_ms(place.clock.now())
    new.user_key = UserKey.generate(chain.uek_gen + 1, place.random_bytes)
    return compose_reset(
        chain,
        did=new.did,
        keys=new.keys,
        user_key=new.user_key,
        who=new.who,
        proof=Proof("activation-code", now_ms),
        ts_ms=now_ms,
    ).to_bytes()


async def somebody_who_lost_all(place: Place, member: Member) -> Member:
    """A new installation with the operator's code to reset."""
    issued = await place.accounts.issue_activation(member.uid, ActivationPurpose.RESET, "test")
    did, keys = DeviceId(place.random_bytes(16)), DeviceKeys.generate(place.random_bytes)
    return replace(member, code=issued.code, did=did, keys=keys)


async def give_reset(process: Process, new: Member, link: bytes) -> bytes:
    asked = {"rpps": new.rpps, "code": new.code, "link": link, "name": "Nouveau", "purpose": "reset"}
    countersigned: bytes = (await post(process, "devices", asked))["link"]
    return countersigned


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_reset_starts_over_and_leaves_nothing_of_before(process: Process, place: Place, world: World) -> None:
    anne, paul, team = world.anne, world.paul, world.team
    tablet = await anne.second_device(process, place)
    await anne.rotate(process, place, await anne.renewal(process, place))
    await team.change(anne, paul, world.karim)
    new = await somebody_who_lost_all(place, anne)
    shown = await post(process, "activation", {"rpps": new.rpps, "code": new.code, "purpose": "reset"})
    assert [parse_link(link).core.op for link in shown["links"]] == [Op.GENESIS, Op.ADD, Op.UEK]
    async with anne.connected(process) as lost, tablet.connected(process) as also_lost, paul.connected(process) as wire:
        link = await reset_link(process, place, new)
        countersigned = await give_reset(process, new, link)
        assert (await lost.closed(), await also_lost.closed()) == (CloseCode.REVOKED, CloseCode.REVOKED)
        heard = await wire.next(LinkAdded)
        assert (heard.uid, heard.link) == (anne.uid, countersigned)
    assert await give_reset(process, new, link) == countersigned, "the same answer again"

    chain = await paul.chain_of(process, anne.uid)
    assert (set(chain.devices), chain.resets) == ({new.did}, 1)
    assert await Keyring(process, new).read() == {}
    assert await get(process, "user-key", new.token(process)) == {"generation": 3, "box": None}
    listed = (await get(process, "devices", new.token(process)))["devices"]
    assert [each["did"] for each in listed if each["revoked_at"] is None] == [new.did]
    # Whoever stays lets the new keys in, and nothing is written before.
    async with paul.connected(process) as wire:
        refused = await wire.send(*team.write(paul, "Bonjour"))
        assert getattr(refused, "code", "") == "stale_epoch"
    await team.change(new, paul, world.karim)
    assert len(await Keyring(process, new).read()) == 1
    acts = [event.act for event in await place.accounts.list_events(anne.uid)]
    assert acts[0] is Act.IDENTITY_RESET


async def test_a_code_opens_what_it_was_issued_for(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    new = await somebody_who_lost_all(place, anne)
    assert await code_of(post(process, "activation", {"rpps": new.rpps, "code": new.code})) == "wrong_activation_code"
    assert await code_of(give_reset(process, new, new.genesis(place.clock.now()))) == "link_not_allowed"
    device_code = await place.issue_code(await place.accounts.get(anne.uid))
    link = await reset_link(process, place, new)
    assert await code_of(give_reset(process, replace(new, code=device_code), link)) == "wrong_activation_code"
    await give_reset(process, new, link)
    again = await somebody_who_lost_all(place, anne)
    again.code = new.code
    assert await code_of(give_reset(process, again, await reset_link(process, place, again))) == "wrong_activation_code"


async def test_there_is_nothing_to_reset_before_the_first_device(process: Process, place: Place) -> None:
    lucie = await newcomer(process, place)
    new = await somebody_who_lost_all(place, lucie)
    asked = {"rpps": new.rpps, "code": new.code, "purpose": "reset"}
    assert await code_of(post(process, "activation", asked)) == "nothing_to_reset"
    await lucie.link_device(process, lucie.genesis(place.clock.now()))


async def test_an_unknown_purpose_is_refused(process: Process, world: World) -> None:
    for purpose in ("browser", "recovery", "autre"):
        asked = {"rpps": world.anne.rpps, "code": "AAAA-AAAA-AAAA", "purpose": purpose}
        assert await code_of(post(process, "activation", asked)) == "bad_request"
