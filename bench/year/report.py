"""What the year says, in Markdown: between the marks of docs/teleexpertise.md."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.year.simulation import Case, Year
from bench.year.world import Behaviour
from miss.base.ids import PoolId
from teleexpertise.board.model import jain, percentile
from teleexpertise.requests.model import State

BEGIN, END = "<!-- year: begin -->", "<!-- year: end -->"
PAGE: Final = Path("docs/teleexpertise.md")
PUBLISHED = "Published medians: 21 h (Champlain), 24 h (Ontario), 5.8 days (Therap-e); mean 17 h (Omnidoc 2019)."


def write_report(year: Year, behaviour: Behaviour, root: Path) -> None:
    """Rewrite the section.  Raises ValueError if the page lacks its marks."""
    page = root / PAGE
    head, begin, rest = page.read_text().partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no {BEGIN} … {END}")
    page.write_text(f"{head}{BEGIN}\n{compose_report(year, behaviour)}\n{END}{tail}")


def compose_report(year: Year, behaviour: Behaviour) -> str:
    """The assumptions, a line for each pool, what happened, what is stuck."""
    experts = sum(len(members) for members in year.world.experts.values())
    lines = [
        f"{len(year.cases):,} requests, {experts} experts in {len(year.world.pools)} pools, a year of the French "
        f"calendar. Assumed: {_assumed(behaviour)}.",
        "",
        "| pool | requests | median | P90 | in time | Jain, turns by weight and hours open | by hand |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_line(year, pool_id) for pool_id in year.world.pools),
        _row("all", year.cases, None),
        "",
        f"Happened: {', '.join(f'{count:,} {what}' for what, count in sorted(year.happened.items()))}. "
        f"Stuck at the end: **{len(year.stuck)}**. {PUBLISHED}",
    ]
    return "\n".join(lines)


def _line(year: Year, pool_id: PoolId) -> str:
    cases = [case for case in year.cases if case.pool_id == pool_id]
    return _row(year.world.pools[pool_id].name, cases, fairness(year, pool_id))


def _row(name: str, cases: Sequence[Case], fair: float | None) -> str:
    delays = response_times(cases)
    late = sum(
        case.request.ended_at > case.request.require_sent().deadline_at for case in cases if case.request.ended_at
    )
    by_hand = sum(case.by_hand > 0 for case in cases)
    return (
        f"| {name} | {len(cases):,} | {_hours(percentile(delays, 0.5))} | {_hours(percentile(delays, 0.9))} | "
        f"{1 - late / len(cases):.1%} | {f'{fair:.3f}' if fair else '–'} | {by_hand:,} |"
    )


def response_times(cases: Sequence[Case]) -> list[timedelta]:
    """Elapsed time from sending to the answer, clarifications included."""
    return [
        case.request.ended_at - case.request.require_sent().at
        for case in cases
        if case.request.state is State.ANSWERED and case.request.ended_at
    ]


def fairness(year: Year, pool_id: PoolId) -> float | None:
    """Jain's index of turns by weight and hour open: who is there half the time gets half the turns."""
    pool = year.world.pools[pool_id]
    sent = [case.request.require_sent().at for case in year.cases]
    shares = []
    for expert in year.world.experts[pool_id]:
        hours = expert.availability.following(pool.hours).openings(min(sent), max(sent))
        days = len({opening.start.date() for opening in hours})
        if days:
            shares.append(len(expert.turns) / expert.terms.weight / days)
    return jain(shares)


def _assumed(behaviour: Behaviour) -> str:
    return ", ".join(
        f"{field.name.replace('_', ' ')} {_said(getattr(behaviour, field.name))}"
        for field in fields(behaviour)
        if field.name not in {"wishes", "reasons"}
    )


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0%}"
    return _hours(value) if isinstance(value, timedelta) else str(value)


def _hours(delay: timedelta | None) -> str:
    return "–" if delay is None else f"{delay.total_seconds() / 3600:.1f} h"
