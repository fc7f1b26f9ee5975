"""What the load does in each mode."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from bench.figures import percentile
from bench.load.fanout_target import FanoutTarget
from bench.load.miss_target import MissTarget
from bench.load.score import now_s
from bench.load.spec import Measured, Protocol, Spec
from bench.load.target import Client, Target
from bench.load.xmpp_target import XmppTarget
from bench.machine import cpu_s, memory_kb
from bench.rows import Mode

TARGETS: dict[Protocol, Callable[[Spec], Target]] = {
    Protocol.MISS: MissTarget,
    Protocol.XMPP: XmppTarget,
    Protocol.FANOUT: FanoutTarget,
}
SPIN_S = 0.002
"""This close to the next sending the load does not sleep: the event loop's timers are a millisecond coarse."""
SETTLE_S = 3.0
IDLE_FIRST = 200
"""Connections opened before memory is first looked at, so that what grows once is not divided among the rest."""


async def measure(spec: Spec) -> Measured:
    """Do what `spec` says.  Raises OSError, ValueError or TimeoutError if the server refuses."""
    target = TARGETS[spec.protocol](spec)
    match spec.mode:
        case Mode.SATURATED | Mode.SPARSE | Mode.RATE:
            return await _exchange(target, spec)
        case Mode.CONNECT:
            return await _connect(target, spec)
        case Mode.CATCHUP:
            return await _catch_up(target, spec)
        case Mode.LIST:
            return _timed([await target.list_(0) for _ in range(spec.repeats)])
        case Mode.IDLE:
            return await _idle(target, spec)


class Window:
    """Time, CPU and counts between two moments."""

    def __init__(self, target: Target, spec: Spec) -> None:
        self._score, self._pids = target.score, spec.server_pids
        self._score.begin()
        self._accepted, self._delivered = self._score.accepted, self._score.delivered
        self._server_s = cpu_s(self._pids) if self._pids else 0.0
        self._load_s = time.process_time()
        self._began_s = now_s()

    def end(self) -> Measured:
        """What happened since."""
        taken_s = now_s() - self._began_s
        score = self._score
        return Measured(
            measured_s=taken_s,
            accepted=score.accepted - self._accepted,
            deliveries=score.delivered - self._delivered,
            server_cpu_s=cpu_s(self._pids) - self._server_s if self._pids else 0.0,
            load_cpu_share=(time.process_time() - self._load_s) / taken_s,
        )


# Messages


async def _exchange(target: Target, spec: Spec) -> Measured:
    """saturated, sparse, rate: everybody connects, messages flow, the last ones are waited for."""
    clients = await _open_all(target, spec, range(spec.users), timed=_timed_readers(spec))
    score = target.score
    sending = None
    if spec.mode is Mode.RATE:
        sending = asyncio.create_task(send_at_rate(clients, spec))
    elif spec.mode is Mode.SATURATED:
        score.on_accept = lambda user, at_s: clients[user].send(at_s)
        for client in clients * spec.window:
            client.send(now_s())
    else:
        order = _in_turn(clients)
        score.on_accept = lambda _user, at_s: next(order).send(at_s)
        for _ in range(spec.under_way):
            next(order).send(now_s())
    await asyncio.sleep(spec.warm_up_s)
    window = Window(target, spec)
    await asyncio.sleep(spec.measure_s)
    measured = window.end()
    score.on_accept = None
    if sending:
        sending.cancel()
    await _drain(target, spec)
    for client in clients:
        client.close()
    return _with_times(measured, score.times_s, score.problems)


def _timed_readers(spec: Spec) -> Callable[[int], bool]:
    """At a fixed rate every delivery is timed; at full speed those to one member of each group."""
    if spec.mode is Mode.RATE:
        return lambda user: True
    return lambda user: user % spec.group == 0


async def send_at_rate(clients: list[Client], spec: Spec) -> None:
    """One message every 1/rate s, by everybody in turn.  Late ones keep the time they were meant to leave at."""
    order = _in_turn(clients)
    began_s, number = now_s() + 0.1, 0
    while True:
        due_s = began_s + number / spec.offered_per_s
        wait_s = due_s - now_s()
        if wait_s <= 0:
            next(order).send(due_s)
            number += 1
        # Always a turn for the others: a load that cannot keep the rate has to notice what arrives all the same.
        await asyncio.sleep(wait_s - SPIN_S if wait_s > SPIN_S else 0)


def _in_turn(clients: Iterable[Client]) -> Iterator[Client]:
    """Everybody in turn, for ever, in an order that has nothing to do with groups and is always the same."""
    order = list(clients)
    random.Random(1).shuffle(order)
    return itertools.cycle(order)


async def _drain(target: Target, spec: Spec) -> None:
    """Wait for what is under way; what never comes is a problem."""
    score, readers = target.score, spec.group - 1
    if await _until(lambda: score.accepted == score.sent and score.delivered == score.accepted * readers, spec.drain_s):
        return
    if unanswered := score.sent - score.accepted:
        score.problems[f"{unanswered} of {score.sent} messages not acknowledged {spec.drain_s:g} s later"] += 1
    elif missing := score.accepted * readers - score.delivered:
        score.problems[f"{missing} deliveries missing {spec.drain_s:g} s later"] += 1


async def _until(reached: Callable[[], bool], patience_s: float) -> bool:
    """Wait for it; False if it takes longer than `patience_s`."""
    deadline_s = now_s() + patience_s
    while not reached():
        if now_s() >= deadline_s:
            return False
        await asyncio.sleep(0.01)
    return True


# Connections


async def _open_all(
    target: Target, spec: Spec, users: Iterable[int], *, timed: Callable[[int], bool], join: bool = True
) -> list[Client]:
    gate = asyncio.Semaphore(spec.at_once)

    async def open_one(user: int) -> Client:
        async with gate:
            return await target.open(user, timed=timed(user), join=join)

    return list(await asyncio.gather(*(open_one(user) for user in users)))


def _never(_user: int) -> bool:
    return False


async def _connect(target: Target, spec: Spec) -> Measured:
    """Logins without a pause, `at_once` of them under way; each is cut as soon as it is complete."""
    turn = iter(range(10**9))
    times_s: list[float] = []
    stop_s = now_s() + spec.warm_up_s + spec.measure_s

    async def log_in_again() -> None:
        while (began_s := now_s()) < stop_s:
            client = await target.open(next(turn) % spec.users, join=False)
            times_s.append(now_s() - began_s)
            client.close()

    logins = [asyncio.create_task(log_in_again()) for _ in range(spec.at_once)]
    await asyncio.sleep(spec.warm_up_s)
    before, window = len(times_s), Window(target, spec)
    await asyncio.sleep(max(stop_s - now_s(), 0))
    measured = window.end()
    within = times_s[before:]
    await asyncio.gather(*logins)
    return _with_times(measured, within, target.score.problems, accepted=len(within))


async def _idle(target: Target, spec: Spec) -> Measured:
    """Memory before and after the connections; nobody joins a room, nothing is sent."""
    first = await _open_all(target, spec, range(IDLE_FIRST), timed=_never, join=False)
    await asyncio.sleep(SETTLE_S)
    before_kb = memory_kb(spec.server_pids)
    rest = await _open_all(target, spec, range(IDLE_FIRST, spec.users), timed=_never, join=False)
    await asyncio.sleep(SETTLE_S)
    grown_kb = memory_kb(spec.server_pids) - before_kb
    for client in (*first, *rest):
        client.close()
    return Measured(kb_per_connection=grown_kb / max(len(rest), 1), problems=_listed(target.score.problems))


# What was missed


async def _catch_up(target: Target, spec: Spec) -> Measured:
    """One member of the first group stays away while the others send, then comes back again and again."""
    *senders, away = range(spec.group)
    clients = await _open_all(target, spec, senders, timed=_never)
    score = target.score

    def send_on(user: int, at_s: float) -> None:
        if score.sent < spec.missed:
            clients[user].send(at_s)

    score.on_accept = send_on
    for client in clients[: spec.missed]:
        client.send(now_s())
    await _until(lambda: score.accepted >= spec.missed, spec.drain_s + spec.missed / 10)
    for client in clients:
        client.close()
    times_s = [await target.catch_up(away, spec.missed) for _ in range(spec.repeats)]
    return _timed(times_s)


# Figures


def _timed(times_s: list[float]) -> Measured:
    return _with_times(Measured(), times_s, {})


def _with_times(
    measured: Measured, times_s: Iterable[float], problems: Mapping[str, int], *, accepted: int | None = None
) -> Measured:
    ordered_ms = sorted(1000 * time_s for time_s in times_s)
    return Measured(
        measured_s=measured.measured_s,
        accepted=measured.accepted if accepted is None else accepted,
        deliveries=measured.deliveries,
        server_cpu_s=measured.server_cpu_s,
        p50_ms=percentile(ordered_ms, 50),
        p99_ms=percentile(ordered_ms, 99),
        p999_ms=percentile(ordered_ms, 99.9),
        samples=len(ordered_ms),
        load_cpu_share=measured.load_cpu_share,
        problems=_listed(problems),
    )


def _listed(problems: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{count} × {problem}" for problem, count in problems.items())
