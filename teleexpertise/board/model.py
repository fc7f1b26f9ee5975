"""Fairness, delays and refusals of a pool, counted from what was recorded (teleexpertise.md §8).  Pure.

A share is what somebody received, divided by their weight: at equal availability the rotation keeps the shares within
one turn of each other.  Nothing here says who is good or slow: the minutes are those that protected time is asked by.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from miss.base.ids import PractitionerId
from teleexpertise.dispatch.attempts.model import AttemptState, DeclineReason
from teleexpertise.dispatch.model import AWAY, Decision

WINDOWS: Final = (timedelta(days=7), timedelta(days=28))
WEEKS: Final = 12
"""Of the response curves."""
WEEK: Final = timedelta(days=7)
AGES: Final = (timedelta(hours=4), timedelta(hours=24), timedelta(hours=72))
"""Bounds between the age groups of what is open."""
UNINTERPRETABLE: Final = "insuffisante"
"""`r.qualite` of a request that could not be read."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One expert asked for one request."""

    expert: PractitionerId
    offered_at: datetime
    state: AttemptState
    ended_at: datetime | None = None
    reason: DeclineReason | None = None
    is_refunded: bool = False
    """The turn was given back: it does not count."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One request that was answered."""

    expert: PractitionerId
    asked_at: datetime
    answered_at: datetime
    quality: str = ""
    """`r.qualite`; empty: the expert did not say."""
    writing_s: int = 0
    """On the items of the answer, pauses cut short."""
    was_clarified: bool = False

    @property
    def delay(self) -> timedelta:
        return self.answered_at - self.asked_at


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice that was made: who could have been asked, and who was."""

    at: datetime
    chosen: PractitionerId | None
    eligible: frozenset[PractitionerId]
    away: frozenset[PractitionerId]
    """Out of the rotation altogether at that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertLine:
    """One expert over one window."""

    expert: PractitionerId
    weight: int
    turns: int
    declined: int
    expired: int
    answered: int
    writing: timedelta
    """Spent writing, all answers together."""
    longest_idle: timedelta
    """The longest time during which they could have been asked, and were not."""

    @property
    def share(self) -> float:
        """Turns by weight."""
        return self.turns / self.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A pool over the last days."""

    length: timedelta
    experts: tuple[ExpertLine, ...]
    reasons: Mapping[DeclineReason, int]
    answered: int
    median: timedelta | None
    p90: timedelta | None
    clarified: float | None
    """Share of the answered requests for which the expert had to ask; None: none was answered."""
    uninterpretable: float | None
    """Share of those whose expert said how good they were."""

    @property
    def gap(self) -> float:
        """Most minus least share."""
        return gap([line.share for line in self.experts])

    @property
    def jain(self) -> float | None:
        """How even the shares are."""
        return jain([line.share for line in self.experts])

    @property
    def turns(self) -> int:
        return sum(line.turns for line in self.experts)

    @property
    def declined(self) -> int:
        return sum(line.declined for line in self.experts)

    @property
    def expired(self) -> int:
        return sum(line.expired for line in self.experts)

    @property
    def longest_idle(self) -> timedelta:
        return max((line.longest_idle for line in self.experts), default=timedelta(0))


@dataclass(frozen=True, slots=True)
class Week:
    """The answers of seven days."""

    start: datetime
    answered: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFigures:
    """What the board of a pool shows."""

    counted_at: datetime
    ages: tuple[int, ...]
    """How many open requests are younger than each of AGES, then how many are older."""
    windows: tuple[Window, ...]
    weeks: tuple[Week, ...]
    """The latest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What was recorded of a pool, as far back as the longest look needs."""

    weights: Mapping[PractitionerId, int]
    """Of who is in the pool now."""
    turns: Sequence[Turn]
    answered: Sequence[Answered]
    choices: Sequence[Choice]
    """Oldest first."""
    open_since: Sequence[datetime]


def jain(shares: Sequence[float]) -> float | None:
    """Jain's index (1984): (Σx)² / (n·Σx²), 1 at equal shares, 1/n if one has them all; None: nobody had anything."""
    greatest = max(shares, default=0.0)
    if greatest <= 0:
        return None
    # Scaled first: neither sum may overflow, nor vanish.
    scaled = [share / greatest for share in shares]
    return min(sum(scaled) ** 2 / (len(scaled) * sum(share * share for share in scaled)), 1.0)


def gap(shares: Sequence[float]) -> float:
    """Most minus least."""
    return max(shares, default=0.0) - min(shares, default=0.0)


def percentile(delays: Collection[timedelta], share: float) -> timedelta | None:
    """The least delay that at least `share` of them do not exceed (nearest rank); None: there are none."""
    ordered = sorted(delays)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def longest_idle(
    choices: Iterable[Choice], experts: Collection[PractitionerId], until: datetime
) -> dict[PractitionerId, timedelta]:
    """For each expert the longest time from a choice in which they could have been asked to their next turn.

    Being away ends it at the last choice that they were there for: nobody waits while they are on leave.
    """
    longest = dict.fromkeys(experts, timedelta(0))
    since: dict[PractitionerId, datetime] = {}
    last: dict[PractitionerId, datetime] = {}

    def end(expert: PractitionerId, at: datetime) -> None:
        if (start := since.pop(expert, None)) is not None and expert in longest:
            longest[expert] = max(longest[expert], at - start)

    for choice in choices:
        for expert in choice.away:
            end(expert, last.get(expert, choice.at))
        if choice.chosen is not None:
            end(choice.chosen, choice.at)
        for expert in choice.eligible - {choice.chosen}:
            since.setdefault(expert, choice.at)
            last[expert] = choice.at
    for expert in tuple(since):
        end(expert, until)
    return longest


def choice_of(at: datetime, decision: Decision) -> Choice:
    """What the board needs of a recorded decision."""
    return Choice(
        at,
        decision.chosen,
        frozenset(candidate.practitioner_id for candidate in decision.candidates if candidate.eligible),
        frozenset(candidate.practitioner_id for candidate in decision.candidates if AWAY & {*candidate.reasons}),
    )


def ages(open_since: Iterable[datetime], now: datetime) -> tuple[int, ...]:
    """How many are younger than each of AGES, then how many are older."""
    groups = Counter(sum(now - since >= bound for bound in AGES) for since in open_since)
    return tuple(groups[place] for place in range(len(AGES) + 1))


def figures(records: Records, now: datetime) -> PoolFigures:
    """Everything, at `now`."""
    return PoolFigures(
        counted_at=now,
        ages=ages(records.open_since, now),
        windows=tuple(window(records, length, now) for length in WINDOWS),
        weeks=weeks(records.answered, now),
    )


def window(records: Records, length: timedelta, now: datetime) -> Window:
    """The pool from `length` ago to `now`: turns by when they were offered, the rest by when it happened."""
    start = now - length
    offered = Counter(turn.expert for turn in records.turns if start <= turn.offered_at and not turn.is_refunded)
    ended = [turn for turn in records.turns if turn.ended_at is not None and start <= turn.ended_at]
    declined = Counter(turn.expert for turn in ended if turn.state is AttemptState.DECLINED)
    expired = Counter(turn.expert for turn in ended if turn.state is AttemptState.EXPIRED)
    answered = [one for one in records.answered if start <= one.answered_at]
    by_expert: dict[PractitionerId, list[Answered]] = defaultdict(list)
    for one in answered:
        by_expert[one.expert].append(one)
    idle = longest_idle((one for one in records.choices if start <= one.at), records.weights, now)
    rated = [one for one in answered if one.quality]
    delays = [one.delay for one in answered]
    return Window(
        length=length,
        experts=tuple(
            ExpertLine(
                expert=expert,
                weight=weight,
                turns=offered[expert],
                declined=declined[expert],
                expired=expired[expert],
                answered=len(by_expert[expert]),
                writing=timedelta(seconds=sum(one.writing_s for one in by_expert[expert])),
                longest_idle=idle[expert],
            )
            for expert, weight in records.weights.items()
        ),
        reasons=Counter(turn.reason for turn in ended if turn.reason is not None),
        answered=len(answered),
        median=percentile(delays, 0.5),
        p90=percentile(delays, 0.9),
        clarified=_share(sum(one.was_clarified for one in answered), len(answered)),
        uninterpretable=_share(sum(one.quality == UNINTERPRETABLE for one in rated), len(rated)),
    )


def weeks(answered: Iterable[Answered], now: datetime) -> tuple[Week, ...]:
    """The last WEEKS spans of seven days, the latest of which ends now."""
    delays: dict[int, list[timedelta]] = defaultdict(list)
    for one in answered:
        delays[(now - one.answered_at) // WEEK].append(one.delay)
    return tuple(
        Week(now - WEEK * (ago + 1), len(delays[ago]), percentile(delays[ago], 0.5), percentile(delays[ago], 0.9))
        for ago in reversed(range(WEEKS))
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
