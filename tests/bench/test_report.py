"""Tables, goals and the picture."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from bench.figures import medians
from bench.goals import GOALS, Goal
from bench.picture import draw
from bench.report import BEGIN, END, PAGE, PICTURE, compose_report, write_report
from bench.rows import Mode, Row
from tests.bench.test_rows import ROW

SATURATED = msgspec.structs.replace(
    ROW,
    mode=Mode.SATURATED,
    offered_per_s=None,
    accepted_per_s=9000.0,
    server_cpu_s_per_1000_deliveries=0.01,
    p50_ms=None,
)


def of(peer: str, row: Row, **figures: float | None) -> Row:
    return msgspec.structs.replace(row, peer=peer, **figures)


ROWS = [
    SATURATED,
    of("ejabberd", SATURATED, accepted_per_s=900.0, server_cpu_s_per_1000_deliveries=0.1),
    of("fanout", SATURATED, accepted_per_s=30_000.0, server_cpu_s_per_1000_deliveries=0.003),
    ROW,
    of("ejabberd", ROW, p50_ms=5.0),
    of("prosody", ROW, p50_ms=None, accepted_per_s=200.0),
]


def test_cpu_comes_first_with_its_ratio() -> None:
    report = compose_report(ROWS)
    assert report.index("CPU seconds") < report.index("messages/s saturated")
    assert "| miss | 0.0100 (0.10 ×) | – | – |" in report
    assert "| ejabberd | 0.1000 | – | – |" in report


def test_a_server_that_fell_behind_is_called_overloaded() -> None:
    assert "| prosody | overloaded: 200/s | – | – |" in compose_report(ROWS)


def test_goals_say_what_was_not_reached() -> None:
    report = compose_report(ROWS)
    # 0.01 of 0.1 is within 0.16 but not within 1/16; of 0.003 it is 3.3 times, more than 2.5.
    assert "| CPU saturated, of ejabberd's | ≤ 0.16 × | ≤ 0.0625 × | 0.1 × | reached |" in report
    assert "| CPU saturated, of a bare fan-out's | ≤ 2.5 × | ≤ 2.5 × | 3.33 × | **missed** |" in report
    assert "| messages accepted a second and core, of ejabberd's | ≥ 5.8 × | ≥ 15 × | 10 × | reached |" in report
    assert "| memory of an idle connection | ≤ 40 kB | ≤ 30 kB | – | not measured |" in report


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.text)
def test_each_goal_is_at_least_as_hard_as_its_must(goal: Goal) -> None:
    assert (goal.goal >= goal.must) if goal.at_least else (goal.goal <= goal.must)


def test_the_page_keeps_what_stands_around_the_tables(tmp_path: Path) -> None:
    page = tmp_path / PAGE
    (tmp_path / PICTURE).parent.mkdir(parents=True)
    page.write_text(f"# Before\n{BEGIN}\nold\n{END}\nafter\n")
    write_report(ROWS, tmp_path)
    text = page.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "0.0100" in text
    write_report(ROWS, tmp_path)
    assert page.read_text() == text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / PAGE
    page.parent.mkdir()
    page.write_text("# Something else\n")
    with pytest.raises(ValueError, match="bench"):
        write_report(ROWS, tmp_path)
    assert page.read_text() == "# Something else\n"


class Tags(HTMLParser):
    """Every tag must be closed, innermost first."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def draw_checked(rows: list[Row]) -> str:
    picture, tags = draw(medians(rows)), Tags()
    tags.feed(picture)
    tags.close()
    assert tags.open == []
    assert picture.startswith("<svg ")
    return picture


def test_the_picture_has_a_bar_for_every_figure() -> None:
    bars = re.findall(r'<rect x="\d+" y="\d+" width="(\d+)"', draw_checked(ROWS))
    lengths = [int(bar) for bar in bars]
    assert len(lengths) == 3
    # In the order of names: ejabberd, fanout, miss.
    assert lengths[1] < lengths[2] < lengths[0]


def test_the_picture_of_nothing_is_a_picture() -> None:
    assert "<rect x=" not in draw_checked([])


def test_names_are_escaped() -> None:
    assert "a&lt;b" in draw_checked([of("a<b", SATURATED)])
