"""The section of docs/performance.md on letters."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from bench.letters.measure import Run
from bench.section import Section, describe_machine

SECTION: Final = Section("letters")


def compose_report(runs: Sequence[Run], machine: dict[str, str] | None = None) -> str:
    """The table, in Markdown."""
    lines = [
        f"Medians of {max(run.run for run in runs)} runs, by the processor's clock. "
        f"Machine: {describe_machine(machine)}.",
        "",
        "| form | letters/s on one core | ms each | kB |",
        "| --- | --- | --- | --- |",
    ]
    for form in dict.fromkeys(run.form for run in runs):
        of_form = [run for run in runs if run.form == form]
        per_s = median(run.per_s for run in of_form)
        size_kb = of_form[0].size_bytes / 1000
        lines.append(f"| {form} | {per_s:,.0f} | {1000 / per_s:.1f} | {size_kb:,.0f} |")
    return "\n".join(lines)
