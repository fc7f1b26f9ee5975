"""Large conversations: 400 members are served, more than 500 are refused by name."""

from collections.abc import Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import monotonic_s, to_ms
from miss.base.ids import AccountId, DeviceId
from miss.chat.conversations.caps import parse_capped
from miss.chat.devices import store as device_store
from miss.protocol.crypto.chains import Chain, apply_link
from miss.protocol.crypto.commits import Policy, Role
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Link, Proof, Who, compose_genesis, countersign
from miss.protocol.crypto.membership import Author, compose_commit
from miss.protocol.errors import BadCommit, UnsupportedVersion
from miss.protocol.packing import pack
from miss.protocol.wire.frames import Ack, EpochChanged
from tests.miss.chat.kit import EACH_DATABASE, Place, Process, Refused, Team, get, post
from tests.miss.chat.world import World

CROWD = 400
PATIENCE_S = 30
"""On a machine with other work to do; alone it takes less than a second."""


async def crowd(place: Place, number: int) -> Mapping[AccountId, Chain]:
    """People with a device each, straight into the database: what is measured is the commit."""
    now = place.clock.now()
    chains = {}
    links: list[tuple[Link, bytes]] = []
    for rank in range(number):
        keys = DeviceKeys.generate(place.random_bytes)
        link = compose_genesis(
            uid=AccountId(place.random_bytes(16)),
            did=DeviceId(place.random_bytes(16)),
            keys=keys,
            user_key=UserKey.generate(1, place.random_bytes),
            who=Who(f"999{rank:08d}", "FOULE", "Camille", "Médecin"),
            proof=Proof("activation-code", to_ms(now)),
            ts_ms=to_ms(now),
        )
        signed = countersign(link, place.signer._op_key)
        links.append((signed, keys.ik_public))
        chain = apply_link(None, signed)
        chains[chain.uid] = chain
    async with place.db.transaction() as tx:
        for signed, ik in links:
            await device_store.append_link(tx, signed, now)
            await device_store.add_device(tx, signed, ik, "Poste", now)
    return chains


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_four_hundred_members(process: Process, world: World, place: Place) -> None:
    anne, paul = world.anne, world.paul
    chains = {
        **await crowd(place, CROWD - 2),
        **{each.uid: await anne.chain_of(process, each.uid) for each in (anne, paul)},
    }
    roles = dict.fromkeys(chains, Role.MEMBER) | {anne.uid: Role.ADMIN}
    author = Author(anne.uid, anne.did, anne.keys)
    first, _ = compose_commit(
        author=author, members=roles, policy=Policy(), chains=chains, random_bytes=place.random_bytes
    )
    second, es = compose_commit(
        author=author,
        members=roles,
        policy=Policy(),
        chains=chains,
        random_bytes=place.random_bytes,
        previous=first,
    )
    process.http.timeout = httpx.Timeout(PATIENCE_S)
    times_s = []
    async with paul.connected(process) as wire:
        for commit in (first, second):
            began_s = monotonic_s()
            await post(process, "commits", {"commit": commit.to_bytes()}, anne.token(process))
            times_s.append(monotonic_s() - began_s)
            told = await wire.next(EpochChanged)
            assert (told.epoch, len(told.commit) < 64 * 1024) == (commit.core.epoch, True)
        team = Team(process, place, second, es, dict(chains))
        async with anne.connected(process) as sender:
            assert isinstance(await sender.send(*team.write(anne, "À tous")), Ack)
    size_bytes = len(second.to_bytes())
    assert 400_000 < size_bytes < 600_000
    print(f"400 members: first commit {times_s[0]:.2f} s, next {times_s[1]:.2f} s, {size_bytes} bytes")
    assert max(times_s) < PATIENCE_S
    got = await get(process, f"conversations/{team.cid.hex()}/commits?from_epoch=2", paul.token(process))
    assert got["boxes"][0] == second.box(paul.uid)


def over_cap(number: int) -> bytes:
    """A commit of that many members, as far as its length goes; nothing else in it holds."""
    members = [[rank.to_bytes(16, "big"), bytes(32), 1, 1] for rank in range(number)]
    core = pack([1, 1, bytes(32), 1, b"", members, [0, 0, ""], bytes(16), bytes(16), bytes(32), bytes(32)])
    boxes = [[member[0], bytes(1168)] for member in members]
    return pack([core, bytes(32), bytes(64), boxes, []])


async def test_over_five_hundred_members_are_refused_by_name(process: Process, world: World) -> None:
    with pytest.raises(Refused) as refused:
        await post(process, "commits", {"commit": over_cap(501)}, world.anne.token(process))
    assert (refused.value.status, refused.value.code) == (413, "too_many_members")
    assert (refused.value.params["members"], refused.value.params["max"]) == (501, 500)
    assert "500" in refused.value.text
    with pytest.raises(Refused) as refused:
        await post(process, "commits", {"commit": over_cap(500)}, world.anne.token(process))
    assert refused.value.code == "bad_commit"


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers(-(2**63), 2**63 - 1), st.lists, max_leaves=20).map(pack)
)
def test_what_is_no_commit_is_told_apart(data: bytes) -> None:
    with pytest.raises((BadCommit, UnsupportedVersion)):
        parse_capped(data)
