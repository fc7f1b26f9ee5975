"""A change of user key: all that could be read comes along, in one transaction or not at all."""

import asyncio
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from miss.base.ids import AccountId, ConversationId
from miss.directory.accounts import Act
from miss.protocol.crypto.chains import apply_link
from miss.protocol.crypto.changes import seal_user_key_for
from miss.protocol.crypto.commits import HistoryPolicy, Policy
from miss.protocol.crypto.keys import UserKey, open_user_key
from miss.protocol.crypto.links import Link, Op, parse_link
from miss.protocol.wire.frames import Err
from tests.miss.chat.kit import EACH_DATABASE, Keyring, Member, Place, Process, Refused, Team, get, post
from tests.miss.chat.world import World

EVERYTHING = Policy(history=HistoryPolicy.EVERYTHING)
each_database = pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)


async def refusal(asked: object) -> Refused:
    with pytest.raises(Refused) as refused:
        await asked  # type: ignore[misc]
    return refused.value


async def user_key_of(process: Process, member: Member) -> UserKey:
    """The user key as the server hands it to this device."""
    got = await get(process, "user-key", member.token(process))
    return open_user_key(got["box"], member.uid, member.did, got["generation"], member.keys)


async def boxes_for(process: Process, by: Member, change: tuple[Link, UserKey]) -> list[tuple[bytes, bytes]]:
    after = apply_link(await by.chain_of(process, by.uid), change[0])
    return [(bytes(did), sealed) for did, sealed in seal_user_key_for(after, change[1])]


async def asked_for(process: Process, place: Place, by: Member, change: tuple[Link, UserKey]) -> dict[str, Any]:
    """A whole rotation, ready to be sent."""
    return {
        "link": change[0].to_bytes(),
        "boxes": await boxes_for(process, by, change),
        "vault": await Keyring(process, by).seal(change[1], place.random_bytes),
    }


@each_database
async def test_a_revocation_passes_the_new_key_on_and_keeps_all_readable(
    process: Process, place: Place, world: World
) -> None:
    anne, team = world.anne, world.team
    tablet, phone = await anne.second_device(process, place), await anne.second_device(process, place)
    await team.change(anne, world.paul, world.karim)
    before = await Keyring(process, anne).read()
    assert set(before) == {(team.cid, 1), (team.cid, 2)}
    old = anne.user_key

    answered = await anne.revoke(process, place, tablet.did)

    chain = await anne.chain_of(process, anne.uid)
    assert parse_link(answered["link"]).core.op is Op.REVOKE
    assert (chain.uek_gen, chain.uek_pk) == (2, anne.user_key.public)
    for device in (anne, phone):
        assert (await user_key_of(process, device)).secret == anne.user_key.secret
    assert await Keyring(process, anne).read() == before
    # Nothing that the server still hands out opens with the key that the revoked device knows.
    commits = await get(process, f"conversations/{team.cid.hex()}/commits?from_epoch=1", anne.token(process))
    assert commits["boxes"] == [None, None]
    anne.user_key = old
    with pytest.raises(AssertionError):
        await Keyring(process, anne).read()


@each_database
async def test_what_a_person_could_read_is_named_when_it_is_left_out(
    process: Process, place: Place, world: World
) -> None:
    anne, team = world.anne, world.team
    await team.change(anne, world.paul, world.karim)
    change = await anne.renewal(process, place)
    whole = await asked_for(process, place, anne, change)
    partial = whole | {"vault": [entry for entry in whole["vault"] if entry[1] != 1]}

    refused = await refusal(post(process, "links", partial, anne.token(process)))

    assert (refused.status, refused.code) == (409, "vault_incomplete")
    assert refused.params == {"missing": [[team.cid.hex(), 1]], "count": 1}
    assert (await anne.chain_of(process, anne.uid)).uek_gen == 1, "nothing was changed"
    assert len(await Keyring(process, anne).read()) == 2
    await post(process, "links", whole, anne.token(process))


async def test_the_new_key_reaches_exactly_the_devices_that_stay(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    tablet = await anne.second_device(process, place)
    change = await anne.revocation(process, place, tablet.did)
    whole = await asked_for(process, place, anne, change)
    box = whole["boxes"][0][1]
    wrong: list[list[tuple[bytes, bytes]]] = [[], [*whole["boxes"], (tablet.did, box)], whole["boxes"] * 2]
    for boxes in wrong:
        refused = await refusal(post(process, "links", whole | {"boxes": boxes}, anne.token(process)))
        assert (refused.status, refused.code) == (409, "boxes_incomplete")
    short = whole | {"boxes": [(anne.did, box[:-1])]}
    assert (await refusal(post(process, "links", short, anne.token(process)))).code == "box_size_refused"
    await post(process, "links", whole, anne.token(process))


@each_database
async def test_of_two_rotations_at_once_one_stands(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    tablet, phone = await anne.second_device(process, place), await anne.second_device(process, place)
    asked = [
        (device, await asked_for(process, place, device, await device.renewal(process, place)))
        for device in (anne, tablet, phone)
    ]
    results = await asyncio.gather(
        *(post(process, "links", body, device.token(process)) for device, body in asked), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert [(type(each), str(each).split()[1]) for each in refused] == [(Refused, "stale_link")] * 2
    chain = await anne.chain_of(process, anne.uid)
    assert chain.uek_gen == 2
    winner = next(
        device for device, result in zip((anne, tablet, phone), results, strict=True) if result not in refused
    )
    for device in (anne, tablet, phone):
        key = await user_key_of(process, device)
        assert key.public == chain.uek_pk
        device.user_key = key
        assert len(await Keyring(process, device).read()) == 1
    assert winner.did in chain.devices


async def test_a_lost_answer_is_given_again(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    asked = await asked_for(process, place, anne, await anne.renewal(process, place))
    first = await post(process, "links", asked, anne.token(process))
    place.clock.advance(timedelta(minutes=1))
    again = await post(process, "links", {"link": asked["link"]}, anne.token(process))
    assert again == first
    assert (await anne.chain_of(process, anne.uid)).uek_gen == 2


@each_database
async def test_a_commit_that_meets_a_rotation_leaves_no_box_behind(
    process: Process, place: Place, world: World
) -> None:
    """Whoever comes second is refused and starts again: nothing is sealed to a key that is gone."""
    anne, team = world.anne, world.team
    for _ in range(5):
        asked = await asked_for(process, place, anne, change := await anne.renewal(process, place))
        team.chains[anne.uid] = await anne.chain_of(process, anne.uid)
        commit, es = team.next_commit(anne, world.paul, world.karim)
        both = (
            post(process, "links", asked, anne.token(process)),
            post(process, "commits", {"commit": commit.to_bytes()}, anne.token(process)),
        )
        rotated, committed = list(await asyncio.gather(*both, return_exceptions=True))
        if isinstance(committed, Refused):
            assert committed.code in ("stale_link", "commit_stale")
        else:
            team.commit, team.es = commit, es
            team.secrets[commit.core.epoch] = es
        if isinstance(rotated, Refused):
            assert rotated.code == "vault_incomplete"
        else:
            anne.user_key = change[1]
        assert not (isinstance(rotated, Refused) and isinstance(committed, Refused))
        read = await Keyring(process, anne).read()
        assert {epoch: es for (_, epoch), es in read.items()} == team.secrets


async def test_an_epoch_nobody_could_open_does_not_stand_in_the_way(
    process: Process, place: Place, world: World
) -> None:
    """Somebody's box was rubbish: the device says so with an empty entry."""
    anne, team = world.anne, world.team
    change = await anne.renewal(process, place)
    whole = await asked_for(process, place, anne, change)
    nowhere, later = bytes(32), 99
    extra = [(nowhere, 1, bytes(72)), (team.cid, later, bytes(72))]
    whole |= {"vault": [(team.cid, 1, b""), *extra]}
    await post(process, "links", whole, anne.token(process))
    anne.user_key = change[1]
    assert await Keyring(process, anne).read() == {}, "what never existed is not kept either"
    events = await place.accounts.list_events(anne.uid)
    assert [event.detail for event in events if event.act is Act.USER_KEY_CHANGED] == [f"{anne.did.hex()} lost=1"]


async def test_nobody_writes_under_the_old_epoch_after_a_rotation(process: Process, place: Place, world: World) -> None:
    anne, team = world.anne, world.team
    await anne.rotate(process, place, await anne.renewal(process, place))
    async with world.paul.connected(process) as wire:
        answer = await wire.send(*team.write(world.paul, "Bonjour"))
        assert isinstance(answer, Err)
        assert (answer.code, answer.epoch) == ("stale_epoch", 1)
        await team.change(anne, world.paul, world.karim)
        assert not isinstance(await wire.send(*team.write(world.paul, "Bonjour")), Err)


async def test_a_page_of_the_vault_is_somebodys_own(process: Process, place: Place, world: World) -> None:
    anne = world.anne
    await anne.rotate(process, place, await anne.renewal(process, place))
    assert len((await get(process, "vault", anne.token(process)))["entries"]) == 1
    assert (await get(process, "vault", world.paul.token(process)))["entries"] == []
    for after in ("xx,1", f"{bytes(31).hex()},1", f"{bytes(32).hex()},x", f"{bytes(32).hex()},-1"):
        refused = await refusal(get(process, f"vault?after={after}", anne.token(process)))
        assert refused.code == "bad_request"


async def test_a_device_that_made_the_key_is_given_none(process: Process, place: Place, world: World) -> None:
    assert await get(process, "user-key", world.anne.token(process)) == {"generation": 1, "box": None}
    tablet = await world.anne.second_device(process, place)
    assert (await user_key_of(process, tablet)).secret == world.anne.user_key.secret


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("db", ["sqlite", "postgresql"], indirect=True)
async def test_what_could_be_opened_before_can_be_opened_after(
    process: Process, place: Place, world: World, seed: int
) -> None:
    """Random walks of commits, newcomers with the history, departures, pairings, revocations, renewals."""
    walk = Walk(process, place, world, Random(seed))
    for _ in range(14):
        await walk.step()
    await walk.check()


class Walk:
    """What several people do, and what each of them has been able to open so far."""

    def __init__(self, process: Process, place: Place, world: World, random: Random) -> None:
        self.process, self.place, self.random = process, place, random
        self.world = world
        self.teams = [world.team]
        self.devices: dict[AccountId, list[Member]] = {
            member.uid: [member] for member in (world.anne, world.paul, world.karim, world.hugo)
        }
        self.opened: dict[AccountId, dict[tuple[ConversationId, int], bytes]] = {uid: {} for uid in self.devices}
        self.cids: dict[AccountId, set[bytes]] = {uid: set() for uid in self.devices}
        """Where each has ever been a member."""
        for member in (world.anne, world.paul, world.karim):
            self.cids[member.uid].add(world.team.cid)

    async def step(self) -> None:
        await self.random.choices([self.commit, self.begin, self.pair, self.rotate], [5, 1, 2, 4])[0]()

    async def commit(self) -> None:
        """The admin renews the secret, lets somebody in with the history, or leaves somebody out."""
        team = self.random.choice(self.teams)
        admin = self.devices[self.world.anne.uid][0]
        others = [self.world.paul, self.world.karim, self.world.hugo]
        chosen = self.random.sample(others, self.random.randint(0, 3))
        policy = self.random.choice([None, EVERYTHING])
        await team.change(admin, *(self.devices[other.uid][0] for other in chosen), policy=policy)
        for other in chosen:
            self.cids[other.uid].add(team.cid)

    async def begin(self) -> None:
        admin, other = self.devices[self.world.anne.uid][0], self.devices[self.world.hugo.uid][0]
        self.teams.append(await Team.gather(self.process, self.place, admin, other))
        self.cids[other.uid].add(self.teams[-1].cid)

    async def pair(self) -> None:
        devices = self.random.choice(list(self.devices.values()))
        if len(devices) < 3:
            devices.append(await devices[0].second_device(self.process, self.place))

    async def rotate(self) -> None:
        """A device renews the user key, or revokes the latest other one."""
        devices = self.random.choice(list(self.devices.values()))
        await self.check_one(devices[0])
        by = devices[0]
        if len(devices) > 1 and self.random.random() < 0.6:
            change = await by.revocation(self.process, self.place, devices.pop().did)
        else:
            change = await by.renewal(self.process, self.place)
        link, user_key = change
        asked = {
            "link": link.to_bytes(),
            "boxes": await boxes_for(self.process, by, change),
            "vault": await self.keyring(by).seal(user_key, self.place.random_bytes),
        }
        await post(self.process, "links", asked, by.token(self.process))
        for device in devices:
            device.user_key = await user_key_of(self.process, device)
            assert device.user_key.secret == user_key.secret

    def keyring(self, member: Member) -> Keyring:
        return Keyring(self.process, member, frozenset(self.cids[member.uid]))

    async def check_one(self, member: Member) -> None:
        """All that this person could ever open still opens, to the same secrets."""
        known = self.opened[member.uid]
        now = await self.keyring(member).read()
        assert known.items() <= now.items()
        self.opened[member.uid] = now

    async def check(self) -> None:
        for devices in self.devices.values():
            for device in devices:
                await self.check_one(device)
        anne = self.opened[self.world.anne.uid]
        made = {(team.cid, epoch): es for team in self.teams for epoch, es in team.secrets.items()}
        assert anne == made, "the admin can open everything"
