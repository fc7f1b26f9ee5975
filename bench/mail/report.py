"""The section of docs/performance.md on mails that leave.  Only what stands between the marks changes."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.machine import describe
from bench.mail.measure import Run

BEGIN, END = "<!-- mail: begin -->", "<!-- mail: end -->"
PAGE: Final = Path("docs/performance.md")


def write_report(runs: Sequence[Run], root: Path) -> None:
    """Rewrite the section.  Raises ValueError if the page lacks its marks."""
    page = root / PAGE
    head, begin, rest = page.read_text().partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no {BEGIN} … {END}")
    page.write_text(f"{head}{BEGIN}\n{compose_report(runs)}\n{END}{tail}")


def compose_report(runs: Sequence[Run], machine: dict[str, str] | None = None) -> str:
    """The table, in Markdown."""
    described = "; ".join(f"{name} {value}" for name, value in (machine or describe()).items())
    lines = [
        f"{runs[0].mails:,} mails a run; medians of {max(run.run for run in runs)} runs. Machine: {described}.",
        "",
        "| database | destinations | queued/s | drained/s | all gone after | connections at once | sessions |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for key in dict.fromkeys((run.database, run.destinations) for run in runs):
        of_key = [run for run in runs if (run.database, run.destinations) == key]
        queued = median(run.mails / run.queue_s for run in of_key)
        drained, drain_s = median(run.per_s for run in of_key), median(run.drain_s for run in of_key)
        most, sessions = max(run.most_connections for run in of_key), max(run.sessions for run in of_key)
        lines.append(
            f"| {key[0]} | {key[1]} | {queued:,.0f} | {drained:,.0f} | {drain_s:,.0f} s | {most} | {sessions} |"
        )
    return "\n".join(lines)
