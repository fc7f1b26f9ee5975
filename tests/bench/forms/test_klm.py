"""The keystroke-level model and its table."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.forms.klm import Acts
from bench.forms.page import SECTION, Row, compose_table

ACTS = Acts(taps=10, characters=100, texts=2, decisions=8, pages=3, words=238)


def test_the_sum_of_the_published_operators() -> None:
    # 10 × (1.10 + 0.20) + 100 × 60 / (36.17 × 5) + 4 × 0.40 + 8 × 1.35
    assert ACTS.seconds == pytest.approx(13 + 33.2 + 1.6 + 10.8, abs=0.1)
    assert ACTS.reading_seconds == pytest.approx(60)


@pytest.mark.parametrize("act", ["taps", "characters", "texts", "decisions"])
def test_each_act_takes_time(act: str) -> None:
    more = replace(ACTS, **{act: getattr(ACTS, act) + 1})
    assert more.seconds > ACTS.seconds


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / SECTION.page).write_text(f"before\n{SECTION.begin}\nold\n{SECTION.end}\nafter\n")
    rows = [
        Row(title="Dermatologie", task=task, acts=ACTS, photographs=2)
        for task in ("première demande", "réponse de l’expert")
    ]
    SECTION.write(tmp_path, compose_table(rows))
    text = (tmp_path / SECTION.page).read_text()
    assert text.startswith("before\n")
    assert text.endswith(f"{compose_table(rows)}\n{SECTION.end}\nafter\n")
    assert "| 59 | 60 | 120 | 3–6 |" in text
    assert "| 180 | 5 |" in text
    (tmp_path / SECTION.page).write_text("no marks")
    with pytest.raises(ValueError, match="walks: begin"):
        SECTION.write(tmp_path, compose_table(rows))
