"""The table of docs/fill-time.md.  Only what stands between the marks changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.forms.klm import Acts
from bench.section import Section

SECTION = Section("walks", Path("docs/fill-time.md"))
PUBLISHED = {"réponse de l’expert": "5"}
"""Minutes that published services take (docs/teleexpertise.md §1); three to six to ask."""
PUBLISHED_TO_ASK = "3–6"
TARGET_S = {"réponse de l’expert": 180}
TARGET_TO_ASK_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One walk."""

    title: str
    task: str
    acts: Acts
    photographs: int


def compose_table(rows: Sequence[Row]) -> str:
    """The walks as Markdown."""
    head = (
        "| form | task | taps | characters | pages | photographs | model, s | every word read, s more | aim, s "
        "| published, min |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    return "\n".join([head, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    acts = row.acts
    cells = (
        row.title, row.task, acts.taps, acts.characters, acts.pages, row.photographs, round(acts.seconds),
        round(acts.reading_seconds), TARGET_S.get(row.task, TARGET_TO_ASK_S),
        PUBLISHED.get(row.task, PUBLISHED_TO_ASK),
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"
