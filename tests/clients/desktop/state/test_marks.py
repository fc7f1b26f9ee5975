"""Marks on a photo: the same rules as the web client's."""

from hypothesis import given, settings
from hypothesis import strategies as st

from clients.desktop.state.marks import CELLS, Drawing, Mark, MarkKind, Point, box_of, cells_of, strokes_of

BLUR, ARROW = MarkKind.BLUR, MarkKind.ARROW
WHOLE = Mark(BLUR, Point(0, 0), Point(1, 1))


def test_a_stroke_a_tap_and_the_edge() -> None:
    drawing = Drawing().drawn(BLUR, Point(-0.2, 0.1), Point(0.5, 1.7))
    assert drawing.marks == (Mark(BLUR, Point(0, 0.1), Point(0.5, 1)),)
    assert drawing.selected == 0
    assert drawing.drawn(ARROW, Point(0.5, 0.5), Point(0.51, 0.51)) is drawing


def test_by_keyboard_alone() -> None:
    drawing = Drawing().added(BLUR).added(ARROW)
    assert drawing.selected == 1
    moved = drawing.nudged(1, -1, resize=False)
    before, after = drawing.marks[1], moved.marks[1]
    assert (round(after.begin.x - before.begin.x, 3), round(after.end.y - before.end.y, 3)) == (0.02, -0.02)
    grown = moved.nudged(0, 1, resize=True)
    assert (grown.marks[1].begin, round(grown.marks[1].end.y - after.end.y, 3)) == (after.begin, 0.02)
    assert grown.selected_next(-1).selected == 0
    assert grown.selected_next(1).mark is None, "beyond the last the keyboard goes on to the next control"
    assert grown.removed().marks == drawing.marks[:1]
    assert grown.removed().removed().removed().marks == ()


def test_everything_is_taken_back_in_order() -> None:
    drawing = Drawing().added(BLUR).nudged(1, 0, resize=False).removed()
    undone = drawing.undone()
    assert len(undone.marks) == 1
    assert undone.undone().marks == Drawing().added(BLUR).marks
    assert undone.undone().undone() == Drawing()
    assert Drawing().undone() == Drawing()
    assert Drawing().nudged(1, 1, resize=False) == Drawing()


@settings(max_examples=60)
@given(st.integers(1, 5000), st.integers(1, 5000))
def test_what_is_blurred_keeps_a_few_colours(width: int, height: int) -> None:
    across, down = cells_of(width, height)
    assert 1 <= min(across, down) <= max(across, down) <= CELLS
    assert box_of(WHOLE, width, height) == (0, 0, width, height)


def test_an_arrow_has_a_head() -> None:
    thick, strokes = strokes_of(Mark(ARROW, Point(0, 0.5), Point(0.5, 0.5)), 1600, 1200)
    assert thick == 10
    assert strokes[0] == (Point(0, 600), Point(800, 600))
    assert all(begin == Point(800, 600) and end.x < 800 for begin, end in strokes[1:])
