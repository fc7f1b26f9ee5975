"""Pages of the log, by interval of membership."""

import pytest

from miss.base.ids import ConversationId
from miss.protocol.limits import MAX_PAGE_BYTES
from miss.protocol.wire.frames import Ack, Err, Page
from tests.miss.chat.kit import EACH_DATABASE, Member, Process, Wire
from tests.miss.chat.world import World


async def say(world: World, wire: Wire, by: Member, *texts: str) -> None:
    for text in texts:
        assert isinstance(await wire.send(*world.team.write(by, text)), Ack)


async def page(wire: Wire, cid: ConversationId, *bounds: int) -> Page:
    answer = await wire.pull(cid, *bounds)
    assert isinstance(answer, Page), answer
    return answer


def seqs(answer: Page) -> list[int]:
    return [item.seq for item in answer.items]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_somebody_who_was_away_reads_everything(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne:
        await say(world, anne, world.anne, "un", "deux", "trois", "quatre", "cinq")
    async with world.paul.connected(process) as paul:
        whole = await page(paul, world.team.cid, 1, 1000)
        assert (seqs(whole), whole.more) == ([1, 2, 3, 4, 5], False)
        assert [world.team.read(item.env) for item in whole.items] == ["un", "deux", "trois", "quatre", "cinq"]
        part = await page(paul, world.team.cid, 2, 1000, 2)
        assert (seqs(part), part.more) == ([2, 3], True)
        rest = await page(paul, world.team.cid, 4, 1000, 2)
        assert (seqs(rest), rest.more) == ([4, 5], False)
        beyond = await page(paul, world.team.cid, 6, 9)
        assert (seqs(beyond), beyond.more) == ([], False)


async def test_a_page_is_bounded_in_bytes(process: Process, world: World) -> None:
    long = "x" * 60_000
    async with world.anne.connected(process) as anne:
        await say(world, anne, world.anne, *[long] * 20)
        first = await page(anne, world.team.cid, 1, 20)
        assert sum(len(item.env) for item in first.items) <= MAX_PAGE_BYTES
        assert first.more
        second = await page(anne, world.team.cid, first.items[-1].seq + 1, 20)
        assert seqs(first) + seqs(second) == list(range(1, 21))
        assert not second.more


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_removed_member_reads_up_to_the_removal_and_nothing_after(process: Process, world: World) -> None:
    async with (
        world.anne.connected(process) as anne,
        world.karim.connected(process) as karim,
        world.paul.connected(process) as paul,
    ):
        await say(world, anne, world.anne, "avant")
        await world.team.change(world.anne, world.paul)
        await karim.settle()
        await say(world, anne, world.anne, "après")
        # Neither pushed …
        await paul.settle()
        assert await karim.settle() == []
        # … nor pulled.
        assert seqs(await page(karim, world.team.cid, 1, 1000)) == [1]
        refused = await karim.pull(world.team.cid, 2, 1000)
        assert isinstance(refused, Err)
        assert refused.code == "not_found"
        # Nor written.
        late = await karim.send(*world.team.write(world.karim, "encore moi"))
        assert isinstance(late, Err)
        assert late.code == "not_found"


async def test_a_newcomer_reads_from_the_arrival_and_somebody_who_returns_both_stays(
    process: Process, world: World
) -> None:
    async with world.anne.connected(process) as anne, world.karim.connected(process) as karim:
        await say(world, anne, world.anne, "un")
        await world.team.change(world.anne, world.paul)
        await say(world, anne, world.anne, "deux", "trois")
        await world.team.change(world.anne, world.paul, world.karim, world.hugo)
        await say(world, anne, world.anne, "quatre")
        stay = await page(karim, world.team.cid, 1, 1000)
        assert (seqs(stay), stay.more) == ([1], True)
        again = await page(karim, world.team.cid, 2, 1000)
        assert (seqs(again), again.more) == ([4], False)
    async with world.hugo.connected(process) as hugo:
        assert seqs(await page(hugo, world.team.cid, 1, 1000)) == [4]


async def test_a_stranger_and_an_unknown_conversation_are_not_found(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne, world.hugo.connected(process) as hugo:
        await say(world, anne, world.anne, "un")
        for wire, cid in ((hugo, world.team.cid), (anne, ConversationId(bytes(32)))):
            refused = await wire.pull(cid, 1, 1)
            assert isinstance(refused, Err)
            assert (refused.code, refused.epoch, refused.seq) == ("not_found", None, None)
