"""Two processes on one database: what the courier carries, and what makes up for what it loses."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from miss.broker import Broker, MemoryBroker
from miss.chat import ChatLimits
from miss.chat.notices import store as notice_store
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.frames import Ack, EpochChanged, Err, Heads, LinkAdded, Msg, Page, Presence, Typing
from miss.storage import Database
from tests.miss.chat.kit import EACH_DATABASE, Place, Process, running
from tests.miss.chat.world import Template, World
from tests.servers import free_port


class LossyBroker(MemoryBroker):
    """A courier that can be told to drop everything."""

    def __init__(self) -> None:
        super().__init__()
        self.loses = False
        self.payloads: list[bytes] = []

    async def publish(self, channel: str, payload: bytes) -> None:
        self.payloads.append(payload)
        if not self.loses:
            await super().publish(channel, payload)


@dataclass
class Two:
    """Anne talks to the first process, everybody else to the second."""

    first: Process
    second: Process
    world: World


@asynccontextmanager
async def two_processes(place: Place, template: Template, broker: Broker) -> AsyncIterator[Two]:
    async with running(place, broker) as first, running(place, broker) as second:
        # One host, two ports: signatures cover the host's name.
        yield Two(first, second, template.world.at(first, place))


@pytest.fixture
async def lossy() -> AsyncIterator[LossyBroker]:
    broker = LossyBroker()
    await broker.start()
    yield broker
    await broker.close()


@pytest.fixture
async def two(place: Place, template: Template, lossy: LossyBroker) -> AsyncIterator[Two]:
    async with two_processes(place, template, lossy) as processes:
        yield processes


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_message_reaches_members_at_another_process(place: Place, template: Template, broker: Broker) -> None:
    async with two_processes(place, template, broker) as two:
        world = two.world
        async with (
            world.anne.connected(two.first) as anne,
            world.paul.connected(two.second) as paul,
            world.hugo.connected(two.second) as hugo,
        ):
            await anne.send(*world.team.write(world.anne, "D'une porte à l'autre"))
            msg = await paul.next(Msg)
            assert world.team.read(msg.env) == "D'une porte à l'autre"
            back = await paul.send(*world.team.write(world.paul, "Et retour"))
            assert isinstance(back, Ack)
            assert back.seq == 2
            assert world.team.read((await anne.next(Msg)).env) == "Et retour"
            assert await hugo.settle() == []


async def test_typing_and_presence_cross_over_to_whom_they_concern(
    place: Place, template: Template, broker: Broker
) -> None:
    async with two_processes(place, template, broker) as two:
        world = two.world
        async with (
            world.anne.connected(two.first) as anne,
            world.karim.connected(two.second) as karim,
            world.hugo.connected(two.second) as hugo,
        ):
            anne.session.report(Typing(world.team.cid, True))
            anne.session.report(Presence(2))
            await anne.flush()
            typing, presence = await karim.next(Typing), await karim.next(Presence)
            assert (typing.cid, typing.on, typing.uid) == (world.team.cid, True, world.anne.uid)
            assert (presence.state, presence.uid) == (2, world.anne.uid)
            # The other way, and to no stranger.
            karim.session.report(Presence(1))
            await karim.flush()
            assert (await anne.next(Presence)).uid == world.karim.uid
            assert await hugo.settle() == []


async def test_without_the_courier_typing_and_presence_are_lost_and_nothing_else(two: Two, lossy: LossyBroker) -> None:
    world = two.world
    async with world.anne.connected(two.first) as anne, world.karim.connected(two.second) as karim:
        lossy.loses = True
        anne.session.report(Typing(world.team.cid, True))
        anne.session.report(Presence(2))
        await anne.flush()
        await anne.send(*world.team.write(world.anne, "Arrive quand même"))
        await two.second.chat.fanout.repair()
        assert (await karim.next(Heads)).items[0].last_seq == 1
        assert await karim.settle() == []


async def test_membership_needs_no_courier(two: Two, lossy: LossyBroker) -> None:
    """Whoever was taken out at one process neither reads nor writes at another that has not heard of it."""
    world = two.world
    async with world.karim.connected(two.second) as karim, world.paul.connected(two.second) as paul:
        # The second process knows who the members are, and must not go on from what it knows.
        await karim.send(*world.team.write(world.karim, "J'en suis encore"))
        await paul.next(Msg)
        stale = world.team.write(world.karim, "Et maintenant ?")
        lossy.loses = True
        await world.team.change(world.anne, world.paul)
        async with world.anne.connected(two.first) as anne:
            await anne.send(*world.team.write(world.anne, "Sans Karim"))
        refused = await karim.send(*stale)
        assert isinstance(refused, Err)
        assert refused.code == "not_found"
        sealed_anew = await karim.send(*world.team.write(world.karim, "Sous la nouvelle époque"))
        assert isinstance(sealed_anew, Err)
        page = await karim.pull(world.team.cid, 1, 10)
        assert isinstance(page, Page)
        assert [item.seq for item in page.items] == [1]
        # What a member writes there reaches members only.
        await paul.send(*world.team.write(world.paul, "Entre nous"))
        assert not [event for event in await karim.settle() if isinstance(event, Msg)]


async def test_ephemera_and_commits_cross_over(two: Two) -> None:
    world = two.world
    async with world.anne.connected(two.first) as anne, world.karim.connected(two.second) as karim:
        anne.session.report(Typing(world.team.cid, True))
        await anne.flush()
        assert (await karim.next(Typing)).uid == world.anne.uid
        await world.team.change(world.anne, world.paul)
        assert (await karim.next(EpochChanged)).box is None
        await anne.send(*world.team.write(world.anne, "Sans Karim"))
        assert not [event for event in await karim.settle() if isinstance(event, Msg)]


async def test_what_was_heard_but_could_not_be_delivered_is_found_by_the_poll(two: Two, lossy: LossyBroker) -> None:
    world, fanout = two.world, two.second.chat.fanout
    async with world.paul.connected(two.second) as paul:
        lossy.loses = True
        await world.team.change(world.anne, world.paul)
        known = fanout._db
        fanout._db = Database(f"postgresql://miss@127.0.0.1:{free_port()}/away")
        await fanout._hear(lossy.payloads[-1])
        await fanout._db.close()
        fanout._db = known
        assert await fanout.repair() == 1
        assert (await paul.next(EpochChanged)).epoch == 2


async def test_a_device_that_moved_to_another_process_hears_what_it_sent_before(two: Two, place: Place) -> None:
    async with AsyncExitStack() as stack:
        async with place.db.transaction() as tx:
            await tx.connection()  # it is the only one that writes: nobody else stores anything until it ends
            old = await stack.enter_async_context(two.world.anne.connected(two.first))
            mid, cid, env = two.world.team.write(two.world.anne, "Juste avant la coupure")
            old.session.send_envelope(mid, cid, env)
            await old.flush()
            new = await stack.enter_async_context(two.world.anne.connected(two.second))
            assert new.heads is not None
            assert [head.last_seq for head in new.heads.items] == [0]
        assert (await new.next(Msg)).env == env


async def test_a_device_that_moves_to_another_process_is_replaced_there(two: Two) -> None:
    async with two.world.anne.connected(two.first) as old:
        two.world.place.clock.advance(timedelta(milliseconds=5))
        async with two.world.anne.connected(two.second):
            assert await old.closed() == CloseCode.REPLACED


async def test_a_lost_publication_is_found_by_the_poll(two: Two, lossy: LossyBroker) -> None:
    world = two.world
    async with world.anne.connected(two.first) as anne, world.paul.connected(two.second) as paul:
        lossy.loses = True
        await anne.send(*world.team.write(world.anne, "Perdu en route"))
        assert await paul.settle() == []
        assert await two.second.chat.fanout.repair() == 1
        [head] = (await paul.next(Heads)).items
        assert (head.cid, head.last_seq, head.read_seq, head.epoch) == (world.team.cid, 1, 0, 1)
        # Once is enough.
        assert await two.second.chat.fanout.repair() == 0
        assert await two.second.chat.fanout.repair() == 0
        assert two.second.figure("miss_chat_gap_repairs_total") == 1


async def test_what_arrived_is_not_repaired(two: Two) -> None:
    world = two.world
    async with world.anne.connected(two.first) as anne, world.paul.connected(two.second) as paul:
        for number in range(3):
            await anne.send(*world.team.write(world.anne, str(number)))
            await paul.next(Msg)
        assert await two.second.chat.fanout.repair() == 0
        # The process that committed has nothing to repair either.
        assert await two.first.chat.fanout.repair() == 0
        assert await paul.settle() == []


async def test_a_lost_commit_and_a_lost_link_are_found_by_the_poll(two: Two, lossy: LossyBroker) -> None:
    world = two.world
    async with world.paul.connected(two.second) as paul, world.karim.connected(two.second) as karim:
        lossy.loses = True
        await world.anne.second_device(two.first, world.place)
        await world.team.change(world.anne, world.paul)
        assert await two.second.chat.fanout.repair() == 2
        assert (await paul.next(LinkAdded)).uid == world.anne.uid
        assert (await paul.next(EpochChanged)).box is not None
        assert (await karim.next(EpochChanged)).box is None


async def test_one_look_reads_until_it_has_caught_up(
    two: Two, lossy: LossyBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_store, "MAX_BULLETINS", 1)
    world = two.world
    async with world.paul.connected(two.second) as paul:
        lossy.loses = True
        await world.team.change(world.anne, world.paul)
        await world.team.change(world.anne, world.paul)
        assert await two.second.chat.fanout.repair() == 2
        assert [(await paul.next(EpochChanged)).epoch for _ in range(2)] == [2, 3]
        assert await two.second.chat.fanout.repair() == 0


async def test_revocation_needs_no_courier(two: Two, lossy: LossyBroker) -> None:
    world = two.world
    tablet = await world.anne.second_device(two.first, world.place)
    async with tablet.connected(two.second) as stolen:
        lossy.loses = True
        await world.anne.revoke(two.first, world.place, tablet.did)
        # The flush looks for itself …
        refused = await stolen.send(*world.team.write(tablet, "Volé"))
        assert isinstance(refused, Err)
        assert refused.code == "device_revoked"
        # … and the poll closes the door.
        await two.second.chat.fanout.repair()
        assert await stolen.closed() == CloseCode.REVOKED


async def test_an_unreadable_payload_is_skipped(two: Two, lossy: LossyBroker) -> None:
    world = two.world
    await lossy.publish("miss.chat", b"\xc1 from another version")
    async with world.anne.connected(two.first) as anne, world.paul.connected(two.second) as paul:
        await anne.send(*world.team.write(world.anne, "Après"))
        assert (await paul.next(Msg)).seq == 1


async def test_the_poll_runs_by_itself(place: Place, template: Template, lossy: LossyBroker) -> None:
    async with running(place, lossy) as first, running(place, lossy, ChatLimits(poll_s=0.05)) as second:
        world = template.world.at(first, place)
        async with world.anne.connected(first) as anne, world.paul.connected(second) as paul:
            lossy.loses = True
            await anne.send(*world.team.write(world.anne, "Perdu en route"))
            assert (await paul.next(Heads)).items[0].last_seq == 1
