"""The section of docs/performance.md on dispatch, from the rows of one session."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

from bench.dispatch.measure import Run
from bench.section import Section, describe_machine

SECTION: Final = Section("dispatch")
GOAL_PER_S: Final = 100
NAMES: Final = {
    ("postgresql", True): "PostgreSQL, pool locked",
    ("postgresql", False): "PostgreSQL, no lock on the pool",
    ("sqlite", True): "SQLite",
}


def compose_report(runs: Sequence[Run], machine: dict[str, str] | None = None) -> str:
    """The table and the sentence under it, in Markdown."""
    first = runs[0]
    lines = [
        f"{first.requests:,} requests, {first.workers} processes, medians of {max(run.run for run in runs)} runs "
        f"(gaps and excess: the worst). Machine: {describe_machine(machine)}.",
        "",
        "| variant | assignments/s | of the locked one | worst gap, turns | over cap | lost, double |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    base = _rate(runs, ("postgresql", True))
    for key, name in NAMES.items():
        found = [run for run in runs if (run.store, run.is_locked) == key]
        if not found:
            continue
        rate = _rate(runs, key)
        cells = (
            f"{rate:,.0f}",
            f"{rate / base:.2f} ×" if base else "–",
            str(_worst(found, lambda run: run.verdict.worst_gap)),
            str(_worst(found, lambda run: run.verdict.over_cap)),
            str(_worst(found, lambda run: run.verdict.lost + run.verdict.double)),
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    verdict = "reached" if base >= GOAL_PER_S else "**missed**"
    lines += ["", f"Goal: {GOAL_PER_S} a second on PostgreSQL with 8 processes: {verdict}."]
    return "\n".join(lines)


def _rate(runs: Sequence[Run], key: tuple[str, bool]) -> float:
    return median([run.per_s for run in runs if (run.store, run.is_locked) == key] or [0.0])


def _worst(runs: Sequence[Run], of: Callable[[Run], int]) -> int:
    return max(of(run) for run in runs)
