"""The tables of docs/photographs.md.  Only what stands between the marks changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.photos.shots import BLURRED_FROM, BLURS, DARK_FROM, FORMS, SHARP_TO, STOPS, Shot
from bench.section import Section

SECTION: Final = Section("photographs", Path("docs/photographs.md"))


@dataclass(frozen=True, slots=True)
class Row:
    """What the page's script said of one photograph."""

    scene: str
    shot: Shot
    warnings: frozenset[str]
    """`blurred`, `dark`, `small`."""


def compose_tables(rows: Sequence[Row]) -> str:
    """Shares warned of, and how many warnings were false or missing."""
    scenes = len({row.scene for row in rows})
    by_blur = [row for row in rows if row.shot.stops == 0]
    by_light = [row for row in rows if row.shot.blur == 0]
    lines = [
        f"{len(rows)} photographs of {scenes} scenes.",
        "",
        f"| called blurred, of {scenes}; σ in px of 4,000 | {' | '.join(map(str, BLURS))} |",
        f"|---|{'---:|' * len(BLURS)}",
    ]
    for form in FORMS:
        counts = [
            sum("blurred" in row.warnings for row in by_blur if row.shot.form == form and row.shot.blur == blur)
            for blur in BLURS
        ]
        lines.append(f"| {form.name} | {' | '.join(map(str, counts))} |")
    lines += [
        "",
        f"| called dark, of {scenes}; stops of light missing | {' | '.join(str(-stops) for stops in STOPS)} |",
        f"|---|{'---:|' * len(STOPS)}",
    ]
    for form in FORMS:
        counts = [
            sum("dark" in row.warnings for row in by_light if row.shot.form == form and row.shot.stops == stops)
            for stops in STOPS
        ]
        lines.append(f"| {form.name} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, "", *verdicts(rows)])


def verdicts(rows: Sequence[Row]) -> list[str]:
    """False and missed warnings, in words."""
    sharp = [row for row in rows if row.shot.stops == 0 and row.shot.blur <= SHARP_TO]
    blurred = [row for row in rows if row.shot.stops == 0 and row.shot.blur >= BLURRED_FROM]
    lit = [row for row in rows if row.shot.stops == 0]
    dark = [row for row in rows if row.shot.stops <= DARK_FROM]
    return [
        f"Blur: {_share(sharp, 'blurred', is_wanted=False)} of the sharp ones (σ up to {SHARP_TO}) warned of in vain, "
        f"{_share(blurred, 'blurred', is_wanted=True)} of the blurred ones (σ from {BLURRED_FROM}) missed. "
        f"Light: {_share(lit, 'dark', is_wanted=False)} of the well lit ones warned of in vain, "
        f"{_share(dark, 'dark', is_wanted=True)} of those that lack {-DARK_FROM} stops or more missed."
    ]


def _share(rows: Sequence[Row], warning: str, *, is_wanted: bool) -> str:
    wrong = sum((warning in row.warnings) is not is_wanted for row in rows)
    return f"{wrong} of {len(rows)}"
