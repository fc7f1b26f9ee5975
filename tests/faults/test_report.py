"""The report says what was run, what broke, and whether the control was caught."""

from pathlib import Path

import msgspec
import pytest

from tests.faults.drill import Outcome, percentile
from tests.faults.oracle import Kind
from tests.faults.report import BEGIN, END, Soak, compose_markdown, put_between_marks
from tests.faults.scene import Store


def outcome(store: Store, **violations: int) -> Outcome:
    return Outcome(
        store=store,
        seconds=60.4,
        conversations=2,
        clients=10,
        sent=1_234_600,
        acked=1_234_567,
        shown=6_000_000,
        answered_again=12,
        recoveries_s={"server killed (-9)": [1.0, 2.0, 3.0], "Valkey flushed": [0.5]},
        violations={**dict.fromkeys(Kind, 0), **violations},
        examples=["Violation(seq=17)"] if violations else [],
        problems={},
        events={"repeated": 99, "lag": 3},
    )


def soak(control: Outcome, *outcomes: Outcome) -> Soak:
    return Soak("python3 run.py soak --seed 7", {"cpu": "2 × some"}, outcomes, control, 1_000_000, 4)


CAUGHT = outcome(Store.SQLITE, lost=9)


def test_a_run_that_kept_every_promise() -> None:
    one = soak(CAUGHT, outcome(Store.SQLITE), outcome(Store.POSTGRESQL))
    text = compose_markdown(one)
    assert one.is_right
    assert "`python3 run.py soak --seed 7`" in text
    assert "| messages acknowledged | 1,234,567 | 1,234,567 | 2,469,134 |" in text
    assert "| faults | 4 | 4 | 8 |" in text
    assert "| **acknowledged and lost** | 0 | 0 | 0 |" in text
    assert "| server killed (-9) | sqlite | 3 | 2.00 s | 2.98 s | 3.00 s |" in text
    assert "What went wrong" not in text
    assert "caught. The oracle reports 9 acknowledged and lost" in text


def test_a_run_that_broke_one_says_which() -> None:
    one = soak(CAUGHT, outcome(Store.SQLITE, duplicate=2))
    assert not one.is_right
    text = compose_markdown(one)
    assert "| **visible twice** | 2 | 2 |" in text
    assert "What went wrong (sqlite):\n\n- Violation(seq=17)" in text


def test_a_control_that_was_not_caught_makes_the_run_worthless() -> None:
    one = soak(outcome(Store.SQLITE), outcome(Store.SQLITE))
    assert not one.is_right
    assert "**NOT CAUGHT**" in compose_markdown(one)


def test_a_run_that_was_too_short_is_not_right() -> None:
    one = soak(CAUGHT, outcome(Store.SQLITE))
    assert one.is_right
    for name, asked in (("messages", 2_000_000), ("faults", 5)):
        short = msgspec.structs.replace(one, **{name: asked})
        assert not short.is_right
        assert "**Too little:**" in compose_markdown(short)


def test_the_document_keeps_what_people_wrote_around_the_marks(tmp_path: Path) -> None:
    file = tmp_path / "reliability.md"
    file.write_text(f"Before.\n\n{BEGIN}\n\nold\n\n{END}\n\nAfter.\n")
    put_between_marks(file, "new")
    put_between_marks(file, "newer")
    assert file.read_text() == f"Before.\n\n{BEGIN}\n\nnewer\n\n{END}\n\nAfter.\n"
    file.write_text("no marks")
    with pytest.raises(ValueError):
        put_between_marks(file, "new")


def test_percentiles_of_few_values() -> None:
    assert percentile([], 99) == 0
    assert percentile([4.0], 50) == 4
    assert percentile([1.0, 3.0], 50) == 2
