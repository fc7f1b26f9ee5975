"""A closed device is woken, once, by a message that says nothing; an open one is not."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock, monotonic_s
from miss.broker import MemoryBroker
from miss.chat.push.model import NOTICES_KEPT, PATIENCE, REPEAT_AFTER, SPACING, UNTOUCHED
from miss.chat.push.wire.keys import PushKey, PushKeys
from miss.protocol.wire.frames import Msg, Recv
from tests.miss.chat.acts import alarm
from tests.miss.chat.kit import EACH_DATABASE, Place, Process, get, running
from tests.miss.chat.push.acts import figure, flush, left, rounds, say, subscribe, wakeups
from tests.miss.chat.push.standin import StandIn, said
from tests.miss.chat.world import World


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_closed_device_is_woken_by_a_message_that_says_nothing(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    browser = await subscribe(pushing, service, world.paul, key)
    await say(pushing, world)
    await rounds(pushing, place)
    (asked,) = service.asked
    assert browser.open(asked.body) == b""
    assert asked.path == "/send/1"
    # Woken once more if it does not come, and no more.
    await rounds(pushing, place)
    assert len(service.asked) == 1
    await rounds(pushing, place, REPEAT_AFTER)
    assert len(service.asked) == 2
    await rounds(pushing, place, REPEAT_AFTER * 2)
    assert len(service.asked) == 2


async def test_nobody_is_woken_for_their_own_words(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, await world.anne.second_device(pushing, place), key)
    await say(pushing, world)
    await rounds(pushing, place)
    assert service.asked == []
    await say(pushing, world, "Bien reçu", world.paul)
    await rounds(pushing, place)
    assert len(service.asked) == 1


async def test_a_device_that_is_connected_is_not_woken_and_once_gone_only_for_what_comes_after(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    async with world.paul.connected(pushing) as paul:
        await flush(pushing)
        await say(pushing, world)
        msg = await paul.next(Msg)
        paul.session.report(Recv(msg.cid, msg.seq))
        await paul.flush()
        await rounds(pushing, place)
        await pushing.chat.push.presence.renew()
        await paul.settle()
    await left(pushing, world.paul)
    await rounds(pushing, place)
    assert service.asked == []
    await say(pushing, world, "Encore")
    await rounds(pushing, place)
    assert len(service.asked) == 1


async def test_a_message_that_follows_somebody_out_of_the_door_wakes_them(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    """The end of the socket is written down after the message, and happened before it."""
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    async with world.paul.connected(pushing):
        await flush(pushing)
    await left(pushing, world.paul)
    assert isinstance(place.clock, MovableClock)
    place.clock.advance(timedelta(milliseconds=300))
    await say(pushing, world)
    await rounds(pushing, place)
    assert len(service.asked) == 1


async def test_a_device_that_left_owing_an_acknowledgement_is_woken(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    async with world.paul.connected(pushing) as paul:
        await say(pushing, world)
        await paul.next(Msg)
    await left(pushing, world.paul)
    await rounds(pushing, place)
    assert len(service.asked) == 1


async def test_an_acknowledgement_does_not_settle_what_came_while_it_travelled(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    async with world.paul.connected(pushing) as paul:
        for text in ("Bonjour", "Encore"):
            await say(pushing, world, text)
        first, _ = await paul.next(Msg), await paul.next(Msg)
        paul.session.report(Recv(first.cid, first.seq))
        await paul.flush()
        await paul.settle()
    await left(pushing, world.paul)
    await rounds(pushing, place)
    assert len(service.asked) == 1


async def test_a_socket_that_falls_silent_is_woken_and_answers_in_time_not_twice(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world, chat = template_world, pushing.chat
    await subscribe(pushing, service, world.paul, key)
    async with world.paul.connected(pushing) as paul:
        await say(pushing, world)
        msg = await paul.next(Msg)
        for after_s in (0.0, PATIENCE.total_seconds() + 1):
            for visitor in tuple(chat.desk._visitors):
                visitor.tick(monotonic_s() + after_s)
        await rounds(pushing, place)
        assert len(service.asked) == 1
        paul.session.report(Recv(msg.cid, msg.seq))
        await paul.flush()
        await paul.settle()
        await rounds(pushing, place, REPEAT_AFTER)
    assert len(service.asked) == 1


async def test_many_messages_wake_once_and_whoever_comes_is_not_woken_again(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    for number in range(3):
        await say(pushing, world, f"Message {number}")
    await rounds(pushing, place)
    await say(pushing, world, "Juste après")
    await rounds(pushing, place)
    assert len(service.asked) == 1
    await rounds(pushing, place, SPACING)
    assert len(service.asked) == 2
    async with world.paul.connected(pushing):
        await rounds(pushing, place, REPEAT_AFTER)
    assert len(service.asked) == 2


async def test_a_muted_conversation_wakes_nobody_but_its_alarms_do(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key, muted=[world.team.cid])
    await subscribe(pushing, service, world.karim, key, "/send/karim")
    await say(pushing, world)
    await rounds(pushing, place)
    assert [asked.path for asked in service.asked] == ["/send/karim"]
    async with world.anne.connected(pushing) as wire:
        await alarm(wire, world, world.anne, timedelta(minutes=10))
    await rounds(pushing, place, SPACING)
    assert sorted(asked.path for asked in service.asked[1:]) == ["/send/1", "/send/karim"]


async def test_a_subscription_that_is_over_is_forgotten_and_a_busy_service_is_asked_later(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    service.answers += [said("429 Too Many", "Retry-After: 120"), said("410 Gone")]
    await say(pushing, world)
    await rounds(pushing, place)
    await rounds(pushing, place, timedelta(seconds=60))
    assert len(service.asked) == 1
    await rounds(pushing, place, timedelta(seconds=61))
    assert len(service.asked) == 2
    assert await get(pushing, "push", world.paul.token(pushing)) == {"key": key.public, "endpoint_hash": None}
    assert figure(pushing, "busy") == figure(pushing, "gone") == 1


async def test_what_a_dead_process_had_not_seen_to_is_found_in_the_list(
    pushing: Process, template_world: World, place: Place, memory_broker: MemoryBroker, service: StandIn, key: PushKey
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    assert isinstance(place.clock, MovableClock)
    place.clock.advance(timedelta(seconds=1))
    await say(pushing, world)
    # `pushing` looks no more, as if it had died; another process comes.
    services = service.services(place.clock, place.random_bytes, PushKeys((key,)))
    async with running(place, memory_broker, push=services) as other:
        causes = other.chat.push.causes
        assert not await causes.look_back(NOTICES_KEPT)
        place.clock.advance(UNTOUCHED + timedelta(seconds=5))
        assert not await pushing.chat.push.causes.look_back()
        assert await causes.look_back()
        assert not await causes.look_back()
        await rounds(other, place)
        assert len(service.asked) == 1
        assert not await causes.look_back()


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_two_processes_send_a_wake_up_once(
    pushing: Process, template_world: World, place: Place, memory_broker: MemoryBroker, service: StandIn, key: PushKey
) -> None:
    world = template_world
    members = (world.paul, world.karim)
    for member in members:
        await subscribe(pushing, service, member, key, f"/{member.rpps}")
    services = service.services(place.clock, place.random_bytes, PushKeys((key,)))
    async with running(place, memory_broker, push=services) as other:
        await say(pushing, world)
        assert isinstance(place.clock, MovableClock)
        place.clock.advance(timedelta(seconds=4))
        await asyncio.gather(*(flush(one) for one in (pushing, other)))
        await asyncio.gather(*(one.chat.push.causes.look() for one in (pushing, other)))
        await asyncio.gather(*(wakeups(one).begin_due() for one in (pushing, other)))
        await asyncio.gather(*(wakeups(one).settle() for one in (pushing, other)))
    assert sorted(asked.path for asked in service.asked) == sorted(f"/{member.rpps}" for member in members)


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
@pytest.mark.parametrize("owes", [False, True])
async def test_whoever_went_over_to_another_process_is_there_whichever_writes_it_down_first(
    pushing: Process,
    template_world: World,
    place: Place,
    memory_broker: MemoryBroker,
    service: StandIn,
    key: PushKey,
    owes: bool,
) -> None:
    world = template_world
    await subscribe(pushing, service, world.paul, key)
    services = service.services(place.clock, place.random_bytes, PushKeys((key,)))
    async with running(place, memory_broker, push=services) as other:
        async with world.paul.connected(pushing) as paul:
            await flush(pushing)
            if owes:
                await say(pushing, world)
                await paul.next(Msg)
        await left(pushing, world.paul)
        async with world.paul.connected(other):
            await flush(other)
            await flush(pushing)
            await say(pushing, world, "Encore")
            for one in (pushing, other):
                await rounds(one, place)
    assert service.asked == []


async def test_nothing_of_a_message_is_in_what_goes_out_nor_in_what_is_kept(
    pushing: Process,
    template_world: World,
    place: Place,
    service: StandIn,
    key: PushKey,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = template_world
    browser = await subscribe(pushing, service, world.paul, key)
    service.answers += [said("500 Broken"), said("403 No")]
    await say(pushing, world, "CANARI-plaie-du-talon")
    for _ in range(3):
        await rounds(pushing, place, timedelta(hours=1))
    assert len(service.asked) >= 3
    told = (world.anne.uid, world.paul.uid, world.paul.did, world.team.cid, b"CANARI", world.anne.who.family.encode())
    for asked in service.asked:
        heard = f"{asked.path} {asked.headers}".encode() + asked.body
        assert not any(secret in heard or secret.hex().encode() in heard for secret in told)
        assert browser.open(asked.body) == b""
    assert len({len(asked.body) for asked in service.asked}) == 1
    assert len({tuple(sorted(asked.headers.items())) for asked in service.asked}) == 1
    assert service.url() not in caplog.text
    assert "/send/" not in caplog.text


async def test_who_comes_while_the_wake_up_is_on_its_way_is_not_woken_again(
    pushing: Process, template_world: World, place: Place, service: StandIn, key: PushKey
) -> None:
    world, sender = template_world, wakeups(pushing)
    await subscribe(pushing, service, world.paul, key)
    await say(pushing, world)
    assert isinstance(place.clock, MovableClock)
    place.clock.advance(timedelta(seconds=4))
    await pushing.chat.push.causes.look()
    async with sender._noting:  # sent, and what became of it not written down yet
        await sender.begin_due()
        await service.wait(1)
        async with world.paul.connected(pushing):
            await flush(pushing)
    await sender.settle()
    await rounds(pushing, place, REPEAT_AFTER * 2)
    assert len(service.asked) == 1
