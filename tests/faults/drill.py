"""One run: people write and read while faults strike, then everything is judged."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import quantiles

import msgspec

from tests.faults.catalogue import Fault, faults_for
from tests.faults.oracle import Kind, Violation, judge
from tests.faults.scene import Plan, Scene, Store, open_scene
from tests.faults.tally import now_s

RECOVER_S = 120.0
"""A fault that is not over by then, waiting for its turn at a part of the scene included, is a problem."""
SHOWN_VIOLATIONS = 20

Strikes = Callable[[Scene, "Record"], Awaitable[None]]
Tell = Callable[[Scene, "Record"], None]
"""Says how far it is."""


class Outcome(msgspec.Struct):
    """What came out, as the report keeps it."""

    store: Store
    seconds: float
    conversations: int
    clients: int
    sent: int
    acked: int
    shown: int
    """Over all readers, the new devices at the end included."""
    answered_again: int
    """Acks with `dup`: the first one was lost on its way."""
    recoveries_s: dict[str, list[float]]
    """By kind of fault."""
    violations: dict[str, int]
    """By kind; every kind is there."""
    examples: list[str]
    problems: dict[str, int]
    events: dict[str, int]

    @property
    def faults(self) -> int:
        return sum(len(each) for each in self.recoveries_s.values())

    @property
    def is_right(self) -> bool:
        """True if every promise was kept and nothing unforeseen happened."""
        return not any(self.violations.values()) and not self.problems


class Record:
    """The recoveries of a run, as they come in."""

    def __init__(self) -> None:
        self.recoveries_s: dict[str, list[float]] = {}

    async def strike(self, scene: Scene, fault: Fault, random: Random) -> None:
        """Let one fault strike, to its end."""
        try:
            async with asyncio.timeout(RECOVER_S):
                recovery_s = await fault.strike(scene, random)
        except TimeoutError:
            scene.tally.problems[f"no recovery within {RECOVER_S:.0f} s: {fault.name}"] += 1
            recovery_s = RECOVER_S
        self.recoveries_s.setdefault(fault.name, []).append(recovery_s)

    @property
    def struck(self) -> int:
        return sum(len(each) for each in self.recoveries_s.values())


def one_of_each(at_once: int) -> Strikes:
    """Every kind that does not wait once, in an order that the plan's seed decides, `at_once` at a time."""

    async def strike_all(scene: Scene, record: Record) -> None:
        faults = [fault for fault in faults_for(scene) if not fault.waits]
        drawn = iter(Random(scene.plan.seed).sample(faults, len(faults)))
        await _strike(scene, record, ((fault, 0) for fault in drawn), at_once)

    return strike_all


def as_many_as(count: int, messages: int, seconds: float, at_once: int, tell: Tell) -> Strikes:
    """Until there were `count` faults and `messages` were acknowledged, both at the same pace, or `seconds` are over:
    every kind once, then drawn by weight."""

    async def strike_all(scene: Scene, record: Record) -> None:
        until_s = now_s() + seconds

        def draw() -> Iterator[tuple[Fault, int]]:
            random, faults = Random(scene.plan.seed), faults_for(scene)
            waiting, weights = random.sample(faults, len(faults)), [fault.weight for fault in faults]
            for number in itertools.count():
                tell(scene, record)
                if now_s() > until_s or (record.struck >= count and scene.tally.acked >= messages):
                    return
                yield waiting.pop() if waiting else random.choices(faults, weights)[0], number * messages // count

        await _strike(scene, record, draw(), at_once)

    return strike_all


async def _strike(scene: Scene, record: Record, faults: Iterator[tuple[Fault, int]], at_once: int) -> None:
    """Each of `faults` once so many messages were acknowledged, and one of the `at_once` before it is over."""

    async def strike_some(number: int) -> None:
        random = Random(f"{scene.plan.seed} {number}")
        for fault, acked in faults:
            await _reach(scene, acked)
            await record.strike(scene, fault, random)
            await _reach(scene, scene.tally.acked + len(scene.writers))

    await asyncio.gather(*(strike_some(number) for number in range(at_once)))


async def _reach(scene: Scene, acked: int) -> None:
    """Until so many messages were acknowledged in all; a few at a time, so that a standstill shows."""
    while scene.tally.acked < acked:
        async with scene.within("some acknowledgements"):
            await scene.tally.reach_acks(min(acked, scene.tally.acked + len(scene.writers)))


async def drill(plan: Plan, seed: Path, folder: Path, strikes: Strikes) -> Outcome:
    """Run it.  `seed`: a world of `bench.peers.seeds`; `folder`: an empty one for this run."""
    record = Record()
    async with open_scene(plan, seed, folder) as scene:
        began_s = now_s()
        await strikes(scene, record)
        scene.heal()
        missing = await scene.settle()
        seconds = now_s() - began_s
        conversations = await scene.collect()
    tally = scene.tally
    if missing:
        tally.problems[f"not settled: {'; '.join(missing[:5])}"] += len(missing)
    violations = [one for each in conversations for one in judge(each)]
    return Outcome(
        store=plan.store,
        seconds=seconds,
        conversations=len(conversations),
        clients=len(scene.members),
        sent=tally.sent,
        acked=tally.acked,
        shown=sum(len(reader.seqs) for each in conversations for reader in each.readers),
        answered_again=tally.dups,
        recoveries_s=record.recoveries_s,
        violations=_count(violations),
        examples=[str(one) for one in violations[:SHOWN_VIOLATIONS]],
        problems=dict(tally.problems),
        events=dict(sorted(tally.events.items())),
    )


def _count(violations: Sequence[Violation]) -> dict[str, int]:
    found = Counter(one.kind for one in violations)
    return {kind: found[kind] for kind in Kind}


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed, interpolated."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[percent - 1]
