"""A block in a real chat: refused where conversations begin and change, and a conversation of two that rests.

Anne has blocked Paul; in the world's team there is Karim as well.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest

from miss.base.ids import AccountId
from miss.broker import MemoryBroker
from miss.directory.audit import AuditLog
from miss.directory.blocking import BlockedPair, Blocking, BlockReason
from miss.protocol.wire.frames import Ack, Err
from miss.storage import Transaction
from tests.miss.chat.kit import EACH_DATABASE, Member, Place, Process, Refused, Team, running
from tests.miss.chat.world import World

pytestmark = pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)


@pytest.fixture
def blocking(place: Place) -> Blocking:
    audit = AuditLog(place.db, place.clock)
    return Blocking(place.db, place.clock, place.random_bytes, place.practitioners, place.accounts, audit)


@pytest.fixture
async def process(place: Place, memory_broker: MemoryBroker, blocking: Blocking) -> AsyncIterator[Process]:
    """As the composition root wires it."""
    async with running(place, memory_broker, blocks_among=blocking.list_between) as one:
        blocking.add_listener(one.chat.conversations.part)
        yield one


async def block(place: Place, blocking: Blocking, by: Member, whom: Member, reason: BlockReason) -> str:
    account = (await place.accounts.get_many([by.uid]))[by.uid]
    return (await blocking.block(account, whom.rpps, reason)).id


@asynccontextmanager
async def refused(code: str) -> AsyncIterator[None]:
    with pytest.raises(Refused) as error:
        yield
    assert (error.value.status, error.value.code) == (403, code)


async def say(process: Process, team: Team, by: Member, words: str) -> Ack | Err:
    async with by.connected(process) as wire:
        return await wire.send(*team.write(by, words))


async def test_who_is_blocked_begins_no_conversation(
    process: Process, world: World, place: Place, blocking: Blocking
) -> None:
    await block(place, blocking, world.anne, world.paul, BlockReason.UNWANTED)
    async with refused("writer_unwanted"):
        await Team.gather(process, place, world.paul, world.anne)
    async with refused("writer_unwanted"):
        await Team.gather(process, place, world.paul, world.hugo, world.anne)
    async with refused("correspondent_blocked"):
        await Team.gather(process, place, world.anne, world.paul)
    await Team.gather(process, place, world.paul, world.hugo)
    # A third person may bring them together, and the team they are in goes on.
    await Team.gather(process, place, world.hugo, world.anne, world.paul)
    assert isinstance(await say(process, world.team, world.paul, "Bonjour à tous"), Ack)


async def test_who_is_blocked_brings_nobody_into_a_team(
    process: Process, world: World, place: Place, blocking: Blocking
) -> None:
    team = await Team.gather(process, place, world.paul, world.hugo)
    await block(place, blocking, world.anne, world.paul, BlockReason.FORMAT)
    async with refused("writer_blocked_format"):
        await team.change(world.paul, world.hugo, world.anne)


async def test_a_conversation_of_the_two_rests_until_the_block_is_undone(
    process: Process, world: World, place: Place, blocking: Blocking
) -> None:
    team = await Team.gather(process, place, world.anne, world.paul)
    assert isinstance(await say(process, team, world.paul, "avant"), Ack)
    block_id = await block(place, blocking, world.anne, world.paul, BlockReason.OTHER)
    for by in (world.paul, world.anne):
        stale = await say(process, team, by, "après")
        assert isinstance(stale, Err)
        assert (stale.code, stale.epoch) == ("stale_epoch", 1)
    # What the client does then: a commit.  That is where they are told.
    async with refused("correspondent_blocked"):
        await team.change(world.anne, world.paul)
    async with refused("correspondent_blocked"):
        await team.change(world.anne, world.paul, world.karim)
    await blocking.unblock(world.anne.uid, block_id)
    await team.change(world.anne, world.paul)
    assert isinstance(await say(process, team, world.paul, "de nouveau"), Ack)


async def test_the_blocked_admin_is_refused_with_the_reason(
    process: Process, world: World, place: Place, blocking: Blocking
) -> None:
    team = await Team.gather(process, place, world.paul, world.anne)
    await block(place, blocking, world.anne, world.paul, BlockReason.FORMAT)
    async with refused("writer_blocked_format"):
        await team.change(world.paul, world.anne)
    async with refused("writer_blocked_format"):
        await team.change(world.paul, world.anne, world.hugo)
    # Taking leave is always possible.
    await team.change(world.paul)
    assert isinstance(await say(process, team, world.paul, "seul"), Ack)


async def test_a_team_that_shrinks_to_the_two_rests(
    process: Process, world: World, place: Place, blocking: Blocking
) -> None:
    await block(place, blocking, world.anne, world.paul, BlockReason.OTHER)
    team = world.team
    await team.change(world.anne, world.paul)
    for by in (world.paul, world.anne):
        stale = await say(process, team, by, "à deux")
        assert isinstance(stale, Err)
        assert (stale.code, stale.epoch) == ("stale_epoch", 2)
    await team.change(world.anne)
    assert isinstance(await say(process, team, world.anne, "seule"), Ack)


async def test_other_conversations_do_not_notice(
    process: Process, world: World, place: Place, blocking: Blocking
) -> None:
    beside = await Team.gather(process, place, world.anne, world.karim)
    theirs = await Team.gather(process, place, world.paul, world.hugo)
    await block(place, blocking, world.anne, world.paul, BlockReason.OTHER)
    for team, by in ((beside, world.karim), (theirs, world.paul), (world.team, world.paul), (world.team, world.anne)):
        assert isinstance(await say(process, team, by, "encore là"), Ack)


async def test_a_block_in_the_midst_of_a_first_commit_waits_for_it(
    world: World, place: Place, memory_broker: MemoryBroker, blocking: Blocking
) -> None:
    blocks: list[asyncio.Task[str]] = []

    async def look_then_let_a_block_try(tx: Transaction, uids: Collection[AccountId]) -> list[BlockedPair]:
        pairs = await blocking.list_between(tx, uids)
        blocks.append(asyncio.create_task(block(place, blocking, world.anne, world.paul, BlockReason.OTHER)))
        # It would be through in a moment if nothing held it.
        await asyncio.wait(blocks, timeout=1.0)
        return pairs

    async with running(place, memory_broker, blocks_among=look_then_let_a_block_try) as process:
        blocking.add_listener(process.chat.conversations.part)
        moved = world.at(process)
        team = await Team.gather(process, place, moved.paul, moved.anne)
        await asyncio.gather(*blocks)
        answer = await say(process, team, moved.paul, "entre deux")
        assert isinstance(answer, Err)
        assert answer.code == "stale_epoch"
