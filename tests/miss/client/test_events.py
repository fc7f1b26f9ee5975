"""Events: every listener hears everything from the moment it listens; nobody pays for listeners that are gone."""

import gc

import pytest

from miss.base.ids import AccountId
from miss.client.events import Announcer, ContactChanged, Synced

UID = AccountId(b"u" * 16)


async def test_each_stream_hears_everything_from_its_beginning_on() -> None:
    announcer = Announcer()
    first = announcer.stream()
    announcer.announce(ContactChanged(UID, 0))
    second = announcer.stream()
    announcer.announce(Synced())

    assert [await anext(first), await anext(first)] == [ContactChanged(UID, 0), Synced()]
    assert await anext(second) == Synced()


async def test_a_stream_ends_after_what_it_holds() -> None:
    announcer = Announcer()
    stream = announcer.stream()
    announcer.announce(Synced())
    announcer.end()

    assert [event async for event in stream] == [Synced()]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_forgotten_stream_is_not_filled() -> None:
    announcer = Announcer()
    stream = announcer.stream()
    del stream
    gc.collect()

    assert len(announcer._streams) == 0
