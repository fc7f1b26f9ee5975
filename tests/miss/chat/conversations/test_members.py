"""Memberships by version, remembered."""

from sqlalchemy import delete

from miss.chat.conversations import members as members_module
from miss.chat.conversations.members import Members
from miss.chat.conversations.tables import MemberRow
from miss.storage import Database
from tests.miss.chat.kit import Process
from tests.miss.chat.world import World


async def test_a_version_means_the_same_people_for_ever(process: Process, world: World, db: Database) -> None:
    known, cid = Members(), world.team.cid
    everybody = {world.anne.uid, world.paul.uid, world.karim.uid}
    assert known.find(cid, 1) is None
    async with db.snapshot() as tx:
        assert await known.at(tx, cid, 1) == everybody
    await world.team.change(world.anne, world.paul)
    async with db.snapshot() as tx:
        assert await known.at(tx, cid, 2) == {world.anne.uid, world.paul.uid}
        # A process that never saw version 1 reads it from what is kept.
        assert await Members().at(tx, cid, 1) == everybody
    async with db.transaction() as tx:
        await tx.exec(delete(MemberRow))
    assert known.find(cid, 1) == frozenset(everybody)


async def test_the_least_used_version_is_forgotten(process: Process, world: World, db: Database) -> None:
    known, cid = Members(), world.team.cid
    original, members_module.CACHED_VERSIONS = members_module.CACHED_VERSIONS, 2
    try:
        async with db.snapshot() as tx:
            for version in (1, 2, 1, 3):
                await known.at(tx, cid, version)
    finally:
        members_module.CACHED_VERSIONS = original
    assert known.find(cid, 1) is not None
    assert known.find(cid, 2) is None
    assert known.find(cid, 3) is not None
