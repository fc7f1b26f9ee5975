"""The recovery key: made with a device, tried out, and the way back in without one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from miss.base.clock import to_ms
from miss.base.ids import DeviceId
from miss.chat.devices.errors import AuthRefused
from miss.directory.accounts import Act
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.links import Op, cosign, parse_link
from miss.protocol.crypto.recovery import (
    sign_recovery_test,
)
from tests.miss.chat.kit import EACH_DATABASE, HOST, Keyring, Place, Process, Refused, get, post, put
from tests.miss.chat.paper import Paper, recover, recovery_link, ticket
from tests.miss.chat.world import World

each_database = pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
WRONG = "AAAA-AAAA-AAAA"


async def refusal(asked: object) -> Refused:
    with pytest.raises(Refused) as refused:
        await asked  # type: ignore[misc]
    assert refused.value.text
    return refused.value


@each_database
async def test_a_new_device_comes_in_with_ticket_and_recovery_key_and_reads_all(
    process: Process, place: Place, world: World
) -> None:
    anne, team = world.anne, world.team
    paper = Paper(place, anne.uid)
    await paper.enrol(process, place, anne)
    await anne.rotate(process, place, await anne.renewal(process, place))
    await team.change(anne, world.paul)
    before = await Keyring(process, anne).read()
    assert len(before) == 2

    code = await ticket(place, anne.uid)
    new, asked = await recover(process, place, anne, code, paper.code)
    answered = await post(process, "recovery/devices", asked)

    chain = await world.paul.chain_of(process, anne.uid)
    assert parse_link(answered["link"]).core.op is Op.RECOVER
    assert new.did in chain.devices
    assert await Keyring(process, new).read() == before
    async with new.connected(process) as wire:
        assert wire.ready is not None
    # The lost answer is given again; for anything else the ticket is used up.
    assert await post(process, "recovery/devices", asked) == answered
    used = await refusal(post(process, "recovery/open", {"rpps": anne.rpps, "code": code}))
    assert (used.status, used.code) == (409, "activation_spent")
    # From there it shuts the lost device out.
    await new.revoke(process, place, anne.did)
    assert await Keyring(process, new).read() == before
    acts = [event.act for event in await place.accounts.list_events(anne.uid)]
    assert acts[:2] == [Act.DEVICE_REVOKED, Act.DEVICE_RECOVERED]
    assert Act.RECOVERY_MADE in acts


async def test_a_ticket_lives_a_quarter_of_an_hour(process: Process, place: Place, world: World) -> None:
    paper = Paper(place, world.anne.uid)
    await paper.enrol(process, place, world.anne)
    code = await ticket(place, world.anne.uid)
    _, asked = await recover(process, place, world.anne, code, paper.code)
    place.clock.advance(timedelta(minutes=14, seconds=59))
    await post(process, "recovery/open", {"rpps": world.anne.rpps, "code": code})
    place.clock.advance(timedelta(seconds=1))
    for expired in ("recovery/open", "recovery/devices"):
        refused = await refusal(post(process, expired, asked))
        assert (refused.status, refused.code) == (400, "activation_expired")


async def test_wrong_tickets_count_and_other_codes_open_nothing(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    await Paper(place, anne.uid).enrol(process, place, anne)
    device_code = await place.issue_code(await place.accounts.get(anne.uid))
    asked = {"rpps": anne.rpps, "code": device_code}
    refused = await refusal(post(process, "recovery/open", asked))
    assert (refused.code, refused.params["tries_left"]) == ("wrong_activation_code", 4)
    right = await ticket(place, anne.uid)
    for _ in range(5):
        refused = await refusal(post(process, "recovery/open", {"rpps": anne.rpps, "code": WRONG}))
    locked = await refusal(post(process, "recovery/open", {"rpps": anne.rpps, "code": right}))
    assert (locked.status, locked.code) == (423, "activation_locked")


async def test_the_ticket_alone_lets_nobody_in(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    paper = Paper(place, anne.uid)
    await paper.enrol(process, place, anne)
    code = await ticket(place, anne.uid)
    new, asked = await recover(process, place, anne, code, paper.code)
    chain = await anne.chain_of(process, anne.uid)
    for by, keys in ((paper.did, new.keys), (anne.did, anne.keys), (new.did, new.keys)):
        forged = recovery_link(place, chain, new, by, keys)
        refused = await refusal(post(process, "recovery/devices", asked | {"link": forged.to_bytes()}))
        assert refused.code == "link_forged"
    added = cosign(await anne.addition(process, place, new), new.keys)
    assert (await refusal(post(process, "recovery/devices", asked | {"link": added.to_bytes()}))).code == (
        "link_not_allowed"
    )
    await post(process, "recovery/devices", asked)


async def test_somebody_without_a_recovery_key_is_told_the_way(process: Process, place: Place, world: World) -> None:
    code = await ticket(place, world.anne.uid)
    refused = await refusal(post(process, "recovery/open", {"rpps": world.anne.rpps, "code": code}))
    assert (refused.status, refused.code) == (404, "recovery_none")
    for asked in (
        put(process, "recovery/wraps", {"wraps": Paper(place, world.anne.uid).wraps}, world.anne.token(process)),
        post(process, "recovery/tested", {"sig": bytes(64), "ts": 0}, world.anne.token(process)),
    ):
        assert (await refusal(asked)).code == "recovery_none"


async def test_the_state_is_shown_to_its_owner(process: Process, place: Place, world: World) -> None:
    anne, token = world.anne, world.anne.token(process)
    assert await get(process, "recovery", token) == {"wraps": [], "paper_did": None, "tested_at": None}
    paper = Paper(place, anne.uid)
    await paper.enrol(process, place, anne)
    shown = await get(process, "recovery", token)
    assert shown == {"wraps": paper.wraps, "paper_did": paper.did, "tested_at": None}
    assert (await get(process, "recovery", world.paul.token(process)))["paper_did"] is None


@each_database
async def test_a_test_is_proved_by_the_recovery_key(process: Process, place: Place, world: World) -> None:
    anne, token = world.anne, world.anne.token(process)
    paper = Paper(place, anne.uid)
    await paper.enrol(process, place, anne)
    now_ms = to_ms(place.clock.now())

    def signed(ts_ms: int, keys: DeviceKeys) -> dict[str, Any]:
        return {"sig": sign_recovery_test(keys, paper.did, ts_ms), "ts": ts_ms}

    for wrong in (
        signed(now_ms, anne.keys),
        signed(now_ms - 120_001, paper.keys),
        signed(now_ms, paper.keys) | {"ts": now_ms + 1},
    ):
        assert (await refusal(post(process, "recovery/tested", wrong, token))).code == "recovery_test_refused"
    tested = await post(process, "recovery/tested", signed(now_ms, paper.keys), token)
    assert now_ms <= tested["tested_at"] <= to_ms(place.clock.now())
    assert (await get(process, "recovery", token))["tested_at"] == tested["tested_at"]
    # Closed in other ways, it has to be tried again.
    other = Paper(place, anne.uid)
    await put(process, "recovery/wraps", {"wraps": other.wraps}, token)
    assert await get(process, "recovery", token) == {"wraps": other.wraps, "paper_did": paper.did, "tested_at": None}
    acts = [event.act for event in await place.accounts.list_events(anne.uid)]
    assert acts[:2] == [Act.RECOVERY_CHANGED, Act.RECOVERY_TESTED]


@each_database
async def test_a_person_has_one_recovery_key_and_replaces_it_by_revoking(
    process: Process, place: Place, world: World
) -> None:
    anne, token = world.anne, world.anne.token(process)
    first, second = Paper(place, anne.uid), Paper(place, anne.uid)
    enrolments = [await paper.enrolment(process, place, anne) for paper in (first, second)]
    both = await asyncio.gather(*(post(process, "links", body, token) for body in enrolments), return_exceptions=True)
    refused = [each for each in both if isinstance(each, Refused)]
    assert len(refused) == 1
    assert refused[0].code in ("recovery_exists", "stale_link")
    living, other = (first, second) if both[1] is refused[0] else (second, first)
    again = await refusal(post(process, "links", await other.enrolment(process, place, anne), token))
    assert (again.status, again.code) == (409, "recovery_exists")

    await anne.revoke(process, place, living.did)
    assert await get(process, "recovery", token) == {"wraps": [], "paper_did": None, "tested_at": None}
    await other.enrol(process, place, anne)
    new, asked = await recover(process, place, anne, await ticket(place, anne.uid), other.code)
    await post(process, "recovery/devices", asked)
    assert await Keyring(process, new).read() == await Keyring(process, anne).read()


@pytest.mark.parametrize("wraps", [[], [b"\xc0"], [b""]])
async def test_a_recovery_key_is_closed_in_known_ways(
    process: Process, place: Place, world: World, wraps: list[bytes]
) -> None:
    anne, token = world.anne, world.anne.token(process)
    paper = Paper(place, anne.uid)
    asked = await paper.enrolment(process, place, anne)
    assert (await refusal(post(process, "links", asked | {"wraps": wraps}, token))).code == "bad_wrap"
    assert (await refusal(post(process, "links", asked | {"boxes": []}, token))).code == "boxes_incomplete"
    await post(process, "links", asked, token)
    assert (await refusal(put(process, "recovery/wraps", {"wraps": wraps}, token))).code == "bad_wrap"


async def test_the_recovery_key_never_connects(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    paper = Paper(place, anne.uid)
    await paper.enrol(process, place, anne)
    nonce = bytes(32)
    with pytest.raises(AuthRefused):
        await process.chat.devices.authenticate(paper.did, nonce, sign_auth(paper.keys.ik, nonce, HOST))
    refused = await refusal(get(process, "devices", paper.as_device(anne).token(process)))
    assert refused.code == "auth_refused"


async def test_only_a_recovery_key_is_added_this_way(process: Process, place: Place, world: World) -> None:
    """Another device comes by pairing, where its owner sees it."""
    anne = world.anne
    other = replace(anne, did=DeviceId(b"o" * 16), keys=DeviceKeys.generate(place.random_bytes))
    paper = Paper(place, anne.uid)
    link = cosign(await anne.addition(process, place, other), other.keys)
    asked = await paper.enrolment(process, place, anne) | {"link": link.to_bytes()}
    assert (await refusal(post(process, "links", asked, anne.token(process)))).code == "link_not_allowed"
