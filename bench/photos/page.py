"""The tables of docs/photographs.md.  Only what stands between the marks changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.photos.shots import (
    ANGLES,
    BLURRED_FROM,
    BLURS,
    DARK_FROM,
    FORMS,
    MOVED_FROM,
    SHARP_TO,
    STILL_TO,
    STOPS,
    WAYS,
    Shot,
)
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
    still = [row for row in rows if row.shot.way == 0]
    lines = [f"{len(rows)} photographs of {scenes} scenes."]
    lines += _table(
        f"called blurred, of {scenes}; σ in px of 4,000", "blurred",
        {blur: [row for row in still if row.shot.stops == 0 and row.shot.blur == blur] for blur in BLURS},
    )  # fmt: skip
    lines += _table(
        f"called blurred, of {scenes * len(ANGLES)}; way of the camera in px of 4,000", "blurred",
        {way: [row for row in rows if row.shot.way == way] for way in WAYS},
    )  # fmt: skip
    lines += _table(
        f"called dark, of {scenes}; stops of light missing", "dark",
        {-stops: [row for row in still if row.shot.blur == 0 and row.shot.stops == stops] for stops in STOPS},
    )  # fmt: skip
    return "\n".join([*lines, "", *verdicts(rows)])


def _table(head: str, warning: str, columns: Mapping[int, Sequence[Row]]) -> list[str]:
    """How many got the warning, by form and column."""
    lines = ["", f"| {head} | {' | '.join(map(str, columns))} |", f"|---|{'---:|' * len(columns)}"]
    for form in FORMS:
        counts = [sum(warning in row.warnings for row in of if row.shot.form == form) for of in columns.values()]
        lines.append(f"| {form.name} | {' | '.join(map(str, counts))} |")
    return lines


def verdicts(rows: Sequence[Row]) -> list[str]:
    """False and missed warnings, in words."""
    still = [row for row in rows if row.shot.stops == 0 and row.shot.way == 0]
    sharp = [row for row in still if row.shot.blur <= SHARP_TO]
    blurred = [row for row in still if row.shot.blur >= BLURRED_FROM]
    hardly = [row for row in rows if 0 < row.shot.way <= STILL_TO]
    moved = [row for row in rows if row.shot.way >= MOVED_FROM]
    lit = [row for row in rows if row.shot.stops == 0]
    dark = [row for row in rows if row.shot.stops <= DARK_FROM]
    return [
        f"Blur: {_share(sharp, 'blurred', is_wanted=False)} of the sharp ones (σ up to {SHARP_TO}) warned of in vain, "
        f"{_share(blurred, 'blurred', is_wanted=True)} of the blurred ones (σ from {BLURRED_FROM}) missed. "
        f"Movement: {_share(hardly, 'blurred', is_wanted=False)} of the slight ones ({STILL_TO} px) warned of in vain, "
        f"{_share(moved, 'blurred', is_wanted=True)} of the others (from {MOVED_FROM} px) missed. "
        f"Light: {_share(lit, 'dark', is_wanted=False)} of the well lit ones warned of in vain, "
        f"{_share(dark, 'dark', is_wanted=True)} of those that lack {-DARK_FROM} stops or more missed."
    ]


def _share(rows: Sequence[Row], warning: str, *, is_wanted: bool) -> str:
    wrong = sum((warning in row.warnings) is not is_wanted for row in rows)
    return f"{wrong} of {len(rows)}"
