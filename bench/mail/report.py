"""The section of docs/performance.md on mails that leave."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from bench.mail.measure import Run
from bench.section import Section, describe_machine

SECTION: Final = Section("mail")


def compose_report(runs: Sequence[Run], machine: dict[str, str] | None = None) -> str:
    """The table, in Markdown."""
    lines = [
        f"{runs[0].mails:,} mails a run; medians of {max(run.run for run in runs)} runs. "
        f"Machine: {describe_machine(machine)}.",
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
