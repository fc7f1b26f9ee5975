"""The table of docs/web.md.  Only what stands between the marks changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.section import Section

SECTION = Section("web", Path("docs/web.md"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; `goal` is the most it may be, None: no goal was set."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    is_least: bool = False


def compose_table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    lines = ["| | measured | goal |", "|---|---:|---:|"]
    for figure in figures:
        bound = "≥" if figure.is_least else "≤"
        goal = f"{bound} {figure.goal:.0f} {figure.unit}" if figure.goal is not None else "–"
        lines.append(f"| {figure.name} | {figure.value:.0f} {figure.unit} | {goal} |")
    return "\n".join(lines)
