"""One device lets another in: with the real crypto, over the real doors."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from miss.base.clock import to_ms
from miss.base.ids import DeviceId
from miss.broker import MemoryBroker
from miss.chat.pairing.model import MAX_OPEN_SLOTS
from miss.protocol.crypto.keys import DeviceKeys, seal_user_key
from miss.protocol.crypto.links import DevicePublic, Op, cosign, parse_link
from miss.protocol.crypto.pairing import (
    PairingKeys,
    accept_answer,
    compose_answer,
    compose_offer,
    compose_pairing_code,
    pairing_keys,
    parse_answer,
    parse_offer,
)
from tests.conditions import WAIT_S
from tests.miss.chat.kit import EACH_DATABASE, Keyring, Member, Place, Process, Refused, ask, get, post, put, running
from tests.miss.chat.world import World

each_database = pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)


async def code_of(asked: object) -> str:
    with pytest.raises(Refused) as refused:
        await asked  # type: ignore[misc]
    assert refused.value.text
    return str(refused.value.code)


def fresh(place: Place, owner: Member) -> Member:
    """A new installation, before anybody knows it."""
    return replace(owner, did=DeviceId(place.random_bytes(16)), keys=DeviceKeys.generate(place.random_bytes))


async def open_slot(process: Process, place: Place, by: Member) -> PairingKeys:
    keys = pairing_keys(compose_pairing_code(place.random_bytes))
    from_ms = to_ms(place.clock.now())
    opened = await post(process, "pairing", {"slot": keys.slot}, by.token(process))
    assert from_ms <= opened["expires_at"] - 10 * 60_000 <= to_ms(place.clock.now())
    return keys


async def invite(process: Process, place: Place, by: Member, keys: PairingKeys) -> None:
    """The existing device: waits for the offer, answers it."""
    path = f"pairing/{keys.slot.hex()}"
    offered = (await get(process, f"{path}/offer?wait_s=5", by.token(process)))["offer"]
    offer = parse_offer(keys, offered)
    other = replace(by, did=offer.device.did)
    link = await by.addition(process, place, replace(other, keys=DeviceStandIn(offer.device)))  # type: ignore[arg-type]
    got = await get(process, f"users/{by.uid.hex()}/chain", by.token(process))
    answer = compose_answer(
        keys,
        offered,
        root=process.chat.signer.root_public,
        opcerts=got["opcerts"],
        links=got["links"],
        link=link,
        user_key_box=seal_user_key(by.user_key, by.uid, offer.device.did, offer.device.ek),
        random_bytes=place.random_bytes,
    )
    await put(process, f"{path}/answer", {"answer": answer}, by.token(process))


class DeviceStandIn:
    """The public half of a device's keys, all that another one knows of it."""

    def __init__(self, device: DevicePublic) -> None:
        self.ik_public, self.ek_public = device.ik, device.ek


async def join(process: Process, place: Place, new: Member, keys: PairingKeys) -> Member:
    """The new device: offers itself, waits for the answer, enters."""
    path = f"pairing/{keys.slot.hex()}"
    device = DevicePublic(new.did, new.keys.ik_public, new.keys.ek_public)
    offer = compose_offer(keys, device, "Tablette de garde", place.random_bytes)
    await put(process, f"{path}/offer", {"offer": offer})
    answered = (await get(process, f"{path}/answer?wait_s=5", ""))["answer"]
    answer = parse_answer(keys, offer, answered)
    accepted = accept_answer(answer, device, new.keys, to_ms(place.clock.now()))
    asked = {"link": accepted.link.to_bytes(), "box": answer.user_key_box, "name": "Tablette de garde"}
    entered = replace(new, uid=accepted.chain.uid, user_key=accepted.user_key)
    entered.link = (await post(process, f"{path}/device", asked))["link"]
    return entered


@each_database
async def test_two_devices_that_share_a_code_find_each_other(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    await anne.rotate(process, place, await anne.renewal(process, place))
    keys = await open_slot(process, place, anne)
    _, tablet = await asyncio.gather(invite(process, place, anne, keys), join(process, place, fresh(place, anne), keys))
    assert parse_link(tablet.link).core.op is Op.ADD
    assert set((await world.paul.chain_of(process, anne.uid)).devices) == {anne.did, tablet.did}
    assert await Keyring(process, tablet).read() == await Keyring(process, anne).read() != {}
    listed = (await get(process, "devices", anne.token(process)))["devices"]
    assert [(each["name"], each["current"]) for each in listed] == [
        ("Poste de garde", True),
        ("Tablette de garde", False),
    ]


@each_database
async def test_they_may_talk_to_two_processes(place: Place, world: World, process: Process) -> None:
    async with running(place, broker := MemoryBroker()) as other:
        keys = await open_slot(process, place, world.anne)
        _, tablet = await asyncio.gather(
            invite(process, place, world.anne, keys), join(other, place, fresh(place, world.anne), keys)
        )
        assert tablet.did in (await world.anne.chain_of(other, world.anne.uid)).devices
    await broker.close()


async def test_an_offer_and_an_answer_are_left_once(process: Process, place: Place, world: World) -> None:
    anne, token = world.anne, world.anne.token(process)
    keys = await open_slot(process, place, anne)
    path = f"pairing/{keys.slot.hex()}"
    assert await get(process, f"{path}/offer", token) == {"offer": None}
    assert await code_of(put(process, f"{path}/answer", {"answer": b"a"}, token)) == "pairing_no_offer"
    for _ in range(2):
        assert await put(process, f"{path}/offer", {"offer": b"offer"}) == {}
    assert await code_of(put(process, f"{path}/offer", {"offer": b"another"})) == "pairing_taken"
    assert await get(process, f"{path}/answer", "") == {"answer": None}
    entering = await entry(process, place, anne, fresh(place, anne))
    assert await code_of(post(process, f"{path}/device", entering)) == "pairing_no_answer"
    for _ in range(2):
        assert await put(process, f"{path}/answer", {"answer": b"answer"}, token) == {}
    assert await code_of(put(process, f"{path}/answer", {"answer": b"another"}, token)) == "pairing_taken"
    assert await get(process, f"{path}/offer", token) == {"offer": b"offer"}
    assert await get(process, f"{path}/answer", "") == {"answer": b"answer"}
    # Entering once more, after a lost answer, gives the same link.
    entered = await post(process, f"{path}/device", entering)
    assert await post(process, f"{path}/device", entering) == entered


async def entry(process: Process, place: Place, by: Member, new: Member) -> dict[str, Any]:
    link = cosign(await by.addition(process, place, new), new.keys)
    box = seal_user_key(by.user_key, by.uid, new.did, new.keys.ek_public)
    return {"link": link.to_bytes(), "box": box, "name": "Tablette"}


async def test_a_slot_lives_ten_minutes_and_can_be_cancelled(process: Process, place: Place, world: World) -> None:
    token = world.anne.token(process)
    slots = [await open_slot(process, place, world.anne) for _ in range(3)]
    path = f"pairing/{slots[0].slot.hex()}"
    again = {"slot": slots[0].slot}
    first = await post(process, "pairing", again, token)
    assert await post(process, "pairing", again, token) == first
    assert await code_of(post(process, "pairing", again, world.paul.token(process))) == "pairing_taken"
    assert await code_of(post(process, "pairing", {"slot": b"4" * 16}, token)) == "pairing_too_many"
    assert await ask(process, "DELETE", path, token=token) == {}
    waited = get(process, f"{path}/answer?wait_s=5", "")
    assert await code_of(waited) == "pairing_unknown"
    place.clock.advance(timedelta(minutes=10))
    for each in slots:
        assert await code_of(put(process, f"pairing/{each.slot.hex()}/offer", {"offer": b"o"})) == "pairing_unknown"
    await open_slot(process, place, world.anne)
    await process.chat.pairing.sweep()


async def test_a_slot_that_has_served_counts_no_more_and_keeps_nothing(
    process: Process, place: Place, world: World
) -> None:
    anne, token = world.anne, world.anne.token(process)
    for _ in range(MAX_OPEN_SLOTS + 1):
        await anne.second_device(process, place)
    keys = await open_slot(process, place, anne)
    path = f"pairing/{keys.slot.hex()}"
    await put(process, f"{path}/offer", {"offer": b"offer"})
    await put(process, f"{path}/answer", {"answer": b"answer"}, token)
    entering = await entry(process, place, anne, fresh(place, anne))
    entered = await post(process, f"{path}/device", entering)
    other = await entry(process, place, anne, fresh(place, anne))
    for asked in (
        get(process, f"{path}/offer", token),
        get(process, f"{path}/answer", ""),
        put(process, f"{path}/offer", {"offer": b"offer"}),
        put(process, f"{path}/answer", {"answer": b"answer"}, token),
        post(process, "pairing", {"slot": keys.slot}, token),
        post(process, f"{path}/device", other),
    ):
        assert await code_of(asked) == "pairing_taken"
    # Its answer was lost: the same call again.
    assert await post(process, f"{path}/device", entering) == entered


async def test_whoever_waits_hears_at_once_that_it_was_cancelled(process: Process, place: Place, world: World) -> None:
    keys = await open_slot(process, place, world.anne)
    path = f"pairing/{keys.slot.hex()}"
    waiting = asyncio.create_task(code_of(get(process, f"{path}/answer?wait_s=20", "")))
    await get(process, f"{path}/answer", "")
    await ask(process, "DELETE", path, token=world.anne.token(process))
    async with asyncio.timeout(WAIT_S):
        assert await waiting == "pairing_unknown"


async def test_a_slot_is_its_owners(process: Process, place: Place, world: World) -> None:
    tablet = await world.anne.second_device(process, place)
    keys = await open_slot(process, place, world.anne)
    path = f"pairing/{keys.slot.hex()}"
    await put(process, f"{path}/offer", {"offer": b"offer"})
    for stranger in (world.paul.token(process), tablet.token(process)):
        for asked in (
            get(process, f"{path}/offer", stranger),
            put(process, f"{path}/answer", {"answer": b"a"}, stranger),
            ask(process, "DELETE", path, token=stranger),
        ):
            assert await code_of(asked) == "pairing_unknown"


async def test_a_device_enters_only_as_the_slots_owner_vouched(process: Process, place: Place, world: World) -> None:
    anne, paul = world.anne, world.paul
    tablet = await anne.second_device(process, place)
    keys = await open_slot(process, place, anne)
    path = f"pairing/{keys.slot.hex()}"
    await put(process, f"{path}/offer", {"offer": b"offer"})
    await put(process, f"{path}/answer", {"answer": b"answer"}, anne.token(process))
    for by in (paul, tablet):
        entering = await entry(process, place, by, fresh(place, by))
        assert await code_of(post(process, f"{path}/device", entering)) == "link_not_allowed"
    right = await entry(process, place, anne, fresh(place, anne))
    for wrong, code in (
        ({"box": right["box"][:-1]}, "box_size_refused"),
        ({"name": " "}, "device_name_refused"),
        ({"link": (await anne.revocation(process, place, tablet.did))[0].to_bytes()}, "link_not_allowed"),
        ({"link": (await anne.addition(process, place, fresh(place, anne))).to_bytes()}, "link_forged"),
    ):
        assert await code_of(post(process, f"{path}/device", right | wrong)) == code
    await post(process, f"{path}/device", right)


async def test_a_slot_that_nobody_opened_takes_nothing(process: Process, world: World) -> None:
    path = f"pairing/{'ab' * 16}"
    for asked in (
        put(process, f"{path}/offer", {"offer": b"o"}),
        get(process, f"{path}/answer?wait_s=5", ""),
        post(process, f"{path}/device", {"link": b"", "box": b"", "name": "x"}),
        get(process, f"{path}/offer?wait_s=5", world.anne.token(process)),
    ):
        assert await code_of(asked) == "pairing_unknown"
    assert await code_of(get(process, "pairing/xyz/answer", "")) == "bad_request"
