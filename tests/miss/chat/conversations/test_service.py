"""Commits: verified, compared, swapped; told to whom they concern."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.ids import AccountId
from miss.protocol.crypto.commits import HistoryPolicy, Policy, open_box, open_history, parse_commit
from miss.protocol.crypto.membership import Author, compose_commit
from miss.protocol.wire.frames import Ack, EpochChanged, Page
from tests.miss.chat.kit import EACH_DATABASE, Member, Place, Process, Refused, Team, get, post
from tests.miss.chat.world import World


async def commit(process: Process, by: Member, packed: bytes) -> dict[str, object]:
    return await post(process, "commits", {"commit": packed}, by.token(process))


async def refused(process: Process, by: Member, packed: bytes) -> Refused:
    with pytest.raises(Refused) as error:
        await commit(process, by, packed)
    return error.value


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_members_hear_of_a_new_epoch_with_their_own_box(process: Process, world: World) -> None:
    team = world.team
    async with (
        world.paul.connected(process) as paul,
        world.karim.connected(process) as karim,
        world.hugo.connected(process) as hugo,
    ):
        await team.change(world.anne, world.paul, world.hugo)
        told = await paul.next(EpochChanged)
        assert (told.cid, told.epoch) == (team.cid, 2)
        assert told.box is not None
        received = parse_commit(told.commit).with_box(world.paul.uid, told.box)
        assert received.hash == team.commit.hash
        assert open_box(received, world.paul.uid, world.paul.user_key) == team.es
        assert (await hugo.next(EpochChanged)).box is not None
        # Who was left out is told so, and gets nothing to open.
        assert (await karim.next(EpochChanged)).box is None


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_of_two_commits_for_one_epoch_one_wins(process: Process, world: World) -> None:
    team = world.team
    packed = [team.next_commit(world.anne, *others)[0].to_bytes() for others in ([world.paul], [world.karim])]
    tried = await asyncio.gather(*(commit(process, world.anne, each) for each in packed), return_exceptions=True)
    losers = [result for result in tried if isinstance(result, Refused)]
    assert [(loser.code, loser.status, loser.params["epoch"]) for loser in losers] == [("stale_epoch", 409, 2)]


async def test_the_same_commit_again_is_accepted_again(process: Process, world: World) -> None:
    packed = world.team.next_commit(world.anne, world.paul)[0].to_bytes()
    first = await commit(process, world.anne, packed)
    assert await commit(process, world.anne, packed) == first == {"cid": world.team.cid, "epoch": 2}


async def test_a_commit_that_names_an_old_chain_is_stale(process: Process, world: World, place: Place) -> None:
    old = world.team.next_commit(world.anne, world.paul, world.karim)[0].to_bytes()
    await world.paul.second_device(process, place)
    stale = await refused(process, world.anne, old)
    assert (stale.code, stale.status, stale.params["uid"]) == ("stale_link", 409, world.paul.uid.hex())


async def test_who_is_not_a_member_learns_nothing_by_committing(process: Process, world: World) -> None:
    team = world.team
    # A commit of Karim's own, made while he was a member, given in after he has left.
    late = compose_commit(
        author=Author(world.karim.uid, world.karim.did, world.karim.keys),
        members={member.uid: member.role for member in team.commit.core.members},
        policy=team.commit.core.policy,
        chains=team.chains,
        random_bytes=team.place.random_bytes,
        previous=team.commit,
    )[0]
    await team.change(world.anne, world.paul)
    error = await refused(process, world.karim, late.to_bytes())
    assert (error.code, error.status) == ("not_found", 404)


async def test_bytes_that_are_no_commit_are_refused(process: Process, world: World) -> None:
    assert (await refused(process, world.anne, b"\xc0")).code == "bad_commit"


async def test_a_commit_is_given_in_by_its_author(process: Process, world: World) -> None:
    packed = world.team.next_commit(world.anne, world.paul)[0].to_bytes()
    # Paul gives in what Anne signed.
    assert (await refused(process, world.paul, packed)).code == "commit_forged"


async def test_an_altered_commit_is_forged(process: Process, world: World) -> None:
    good = world.team.next_commit(world.anne, world.paul)[0]
    bad = type(good)(good.core, good.core_bytes, good.conf, bytes(64), good.boxes, good.history)
    assert (await refused(process, world.anne, bad.to_bytes())).code == "commit_forged"


async def test_commits_are_read_with_ones_own_boxes_and_by_members_only(process: Process, world: World) -> None:
    team = world.team
    await team.change(world.anne, world.paul, world.hugo)
    path = f"conversations/{team.cid.hex()}/commits"
    got = await get(process, f"{path}?from_epoch=1", world.paul.token(process))
    assert [parse_commit(each).core.epoch for each in got["commits"]] == [1, 2]
    assert all(got["boxes"])
    newcomer = await get(process, path, world.hugo.token(process))
    # The newcomer verifies the first commit too, and opens the second only.
    assert [box is None for box in newcomer["boxes"]] == [True, False]
    assert newcomer["histories"] == [None, None]
    # Somebody left out reads up to the commit that says so.
    left = await get(process, path, world.karim.token(process))
    assert [box is None for box in left["boxes"]] == [False, True]
    await team.change(world.anne, world.paul)
    assert len((await get(process, path, world.karim.token(process)))["commits"]) == 2
    for path_again in (f"{path}?from_epoch=3", f"conversations/{'00' * 32}/commits"):
        with pytest.raises(Refused) as error:
            await get(process, path_again, world.karim.token(process))
        assert (error.value.status, error.value.code) == (404, "not_found")


async def test_history_is_handed_to_a_newcomer_if_the_policy_opens_it(process: Process, world: World) -> None:
    team = world.team
    async with world.anne.connected(process) as anne:
        assert isinstance(await anne.send(*team.write(world.anne, "avant")), Ack)
    first = team.commit
    await team.change(world.anne, world.paul, world.karim, world.hugo, policy=Policy(history=HistoryPolicy.EVERYTHING))
    got = await get(process, f"conversations/{team.cid.hex()}/commits", world.hugo.token(process))
    second = parse_commit(got["commits"][1]).with_box(world.hugo.uid, got["boxes"][1], got["histories"][1])
    secrets = open_history(second, world.hugo.uid, world.hugo.user_key, {1: first})
    assert secrets == {1: team.secrets[1]}
    async with world.hugo.connected(process) as hugo:
        answer = await hugo.pull(team.cid, 1, 10)
        assert isinstance(answer, Page)
        assert [item.seq for item in answer.items] == [1]


async def test_lists_hold_every_conversation_most_recent_first_and_those_left_as_they_were(
    process: Process, world: World, place: Place
) -> None:
    second = await Team.gather(process, place, world.paul, world.anne)
    async with world.anne.connected(process) as anne:
        await anne.send(*world.team.write(world.anne, "plus récent"))
    mine = (await get(process, "conversations", world.paul.token(process)))["conversations"]
    assert mine == [[world.team.cid, 1, 0, 1], [second.cid, 0, 0, 1]]
    await world.team.change(world.anne, world.karim)
    async with world.anne.connected(process) as anne:
        await anne.send(*world.team.write(world.anne, "sans Paul"))
    mine = (await get(process, "conversations", world.paul.token(process)))["conversations"]
    assert mine == [[world.team.cid, 1, 0, 2], [second.cid, 0, 0, 1]]
    theirs = (await get(process, "conversations", world.anne.token(process)))["conversations"]
    assert theirs == [[world.team.cid, 2, 0, 2], [second.cid, 0, 0, 1]]
    assert (await get(process, "conversations", world.hugo.token(process)))["conversations"] == []


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_only_the_commit_that_the_server_calls_for_is_free(process: Process, world: World, place: Place) -> None:
    service, team = process.chat.conversations, world.team
    anne = await process.chat.devices.device_of(world.anne.token(process))
    hugo = await process.chat.devices.device_of(world.hugo.token(process))
    assert not await service.is_free(anne, team.next_commit(world.anne, world.paul)[0].to_bytes())
    await world.paul.rotate(process, place, await world.paul.renewal(process, place))
    team.chains[world.paul.uid] = await world.anne.chain_of(process, world.paul.uid)
    called_for = team.next_commit(world.anne, world.paul)[0].to_bytes()
    assert await service.is_free(anne, called_for)
    assert not await service.is_free(hugo, called_for)
    assert not await service.is_free(anne, team.commit.to_bytes())
    assert not await service.is_free(anne, b"\xc0")
    await commit(process, world.anne, called_for)
    assert not await service.is_free(anne, called_for)


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_lists_that_are_read_together_are_each_as_they_were_asked(
    process: Process, world: World, place: Place
) -> None:
    heads_of = process.chat.conversations.list_heads
    later = place.clock.now() + timedelta(hours=1)
    nobody = AccountId(bytes(16))
    everything, news, paul, nothing = await asyncio.gather(
        heads_of(world.anne.uid), heads_of(world.anne.uid, later), heads_of(world.paul.uid, later), heads_of(nobody)
    )
    assert [head.cid for head in everything] == [world.team.cid]
    assert (news, paul, nothing) == ([], [], [])
    since = place.clock.now() - timedelta(hours=1)
    assert await heads_of(world.paul.uid, since) == everything
