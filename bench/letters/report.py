"""The section of docs/performance.md on letters.  Only what stands between the marks changes."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.letters.measure import Run
from bench.machine import describe

BEGIN, END = "<!-- letters: begin -->", "<!-- letters: end -->"
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
        f"Medians of {max(run.run for run in runs)} runs, by the processor's clock. Machine: {described}.",
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
