"""Events to wait for instead of sleeping."""

import asyncio

import pytest

from tests.faults.tally import Tally


async def test_a_watch_ends_with_the_last_writer_who_was_answered_on_something_sent_since() -> None:
    tally = Tally()
    watch = tally.watch({"Anne", "Bruno"}, since_s=10.0)
    tally.note_ack("Anne", sent_s=11.0)
    tally.note_ack("Bruno", sent_s=9.0)
    assert not watch.is_over
    tally.note_ack("Bruno", sent_s=10.0)
    assert watch.is_over
    assert await watch.served() > 0
    assert await tally.watch((), since_s=0.0).served() == 0


async def test_more_acks_and_events_are_counted_from_now() -> None:
    tally = Tally()
    tally.note_ack("Anne", 0.0)
    tally.note_event("lag")
    acks, lags = asyncio.create_task(tally.more_acks(2)), asyncio.create_task(tally.more_events("lag"))
    await asyncio.sleep(0)
    tally.note_ack("Anne", 0.0)
    tally.note_event("pages")
    await asyncio.sleep(0)
    assert not acks.done()
    assert not lags.done()
    tally.note_ack("Anne", 0.0)
    tally.note_event("lag")
    await asyncio.gather(acks, lags)
    await tally.reach_acks(3)
    assert (tally.acked, tally.events["lag"]) == (3, 2)


@pytest.mark.parametrize("what", ["ack", "shown"])
async def test_progress_is_an_ack_or_a_message_shown(what: str) -> None:
    tally = Tally()
    progress = asyncio.create_task(tally.progress())
    await asyncio.sleep(0)
    tally.note_event("lag")
    tally.note_shown(0)
    await asyncio.sleep(0)
    assert not progress.done()
    if what == "ack":
        tally.note_ack("Anne", 0.0)
    else:
        tally.note_shown(2)
    await progress
    assert (tally.acked, tally.shown) in {(1, 0), (0, 2)}
