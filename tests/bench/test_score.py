"""What is counted, and when a message was meant to leave."""

import asyncio
import time
from itertools import pairwise

import pytest

from bench.load.modes import send_at_rate
from bench.load.score import Score
from bench.load.spec import Protocol, Spec
from bench.load.target import Client
from bench.rows import Mode


def test_deliveries_after_the_ack_are_timed() -> None:
    score = Score()
    score.place(b"k", 1.0, 2)
    score.arrive(b"k", 1.5)
    score.arrive(b"k", 3.0)
    assert list(score.times_s) == [0.5, 2.0]


def test_deliveries_before_the_ack_are_timed_too() -> None:
    score = Score()
    score.arrive(b"k", 1.5)
    score.place(b"k", 1.0, 2)
    score.arrive(b"k", 3.0)
    score.place(b"other", 2.0, 1)
    score.arrive(b"other", 2.25)
    assert list(score.times_s) == [0.5, 2.0, 0.25]


def test_what_is_under_way_when_the_measurement_begins_is_not_lost() -> None:
    score = Score()
    score.place(b"k", 1.0, 1)
    score.begin()
    score.arrive(b"k", 1.5)
    assert list(score.times_s) == [0.5]


class Recorder:
    """A client that only notes when each message was meant to leave."""

    def __init__(self) -> None:
        self.intended_s: list[float] = []

    def send(self, intended_s: float) -> None:
        self.intended_s.append(intended_s)

    def close(self) -> None:
        """Nothing is open."""


async def test_messages_that_leave_late_keep_the_time_they_were_meant_to_leave_at() -> None:
    spec = Spec(
        protocol=Protocol.MISS, mode=Mode.RATE, ports=(1,), server_pids=(), users=1, group=1, offered_per_s=1000.0
    )
    client = Recorder()
    clients: list[Client] = [client]
    sending = asyncio.create_task(send_at_rate(clients, spec))
    await asyncio.sleep(0.15)
    # A pause of the whole process: everything due in it leaves afterwards, all at once.
    time.sleep(0.1)  # noqa: ASYNC251 - to block is the point
    await asyncio.sleep(0.1)
    sending.cancel()
    steps = [later - earlier for earlier, later in pairwise(client.intended_s)]
    assert len(steps) > 150
    assert steps == pytest.approx([0.001] * len(steps), abs=1e-6)
