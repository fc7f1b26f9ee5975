"""Whoever no longer counts is shown out on every process within a second, though the broker carries nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from miss.broker import MemoryBroker
from miss.protocol.wire.close import CloseCode
from tests.miss.chat.kit import EACH_DATABASE, UNHURRIED, Place, Process, running
from tests.miss.chat.world import World

each_database = pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)


class DropsEverything(MemoryBroker):
    """A courier who delivers nothing."""

    async def publish(self, channel: str, payload: bytes) -> None:
        pass


@pytest.fixture
async def other(place: Place) -> AsyncIterator[Process]:
    """Another process on the same database, which no courier reaches."""
    broker = DropsEverything()
    await broker.start()
    async with running(place, broker, UNHURRIED) as process:
        yield process
    await broker.close()


@each_database
async def test_a_revoked_device_is_shown_out_of_another_process(
    process: Process, other: Process, place: Place, world: World
) -> None:
    tablet = await world.anne.second_device(process, place)
    async with tablet.connected(other) as wire, world.anne.connected(other) as staying:
        await world.anne.revoke(process, place, tablet.did)
        async with asyncio.timeout(1):
            assert await wire.closed() == CloseCode.REVOKED
        assert await staying.settle() is not None


@each_database
async def test_a_suspended_account_is_shown_out_of_every_process(
    process: Process, other: Process, place: Place, world: World
) -> None:
    tablet = await world.anne.second_device(process, place)
    async with (
        tablet.connected(other) as there,
        world.anne.connected(process) as here,
        world.paul.connected(other) as paul,
    ):
        await place.accounts.suspend(world.anne.uid, "test", "papiers à revoir")
        async with asyncio.timeout(1):
            assert await there.closed() == CloseCode.AUTH
            assert await here.closed() == CloseCode.AUTH
        assert await paul.settle() is not None


async def test_whoever_is_verified_again_comes_back(
    process: Process, other: Process, place: Place, world: World
) -> None:
    await place.accounts.suspend(world.anne.uid, "test", "papiers à revoir")
    await place.accounts.verify(world.anne.uid, "test")
    async with world.anne.connected(other) as wire:
        await other.chat.watch.look()
        await wire.settle()
