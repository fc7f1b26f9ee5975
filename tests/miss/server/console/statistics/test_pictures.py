"""Where bars, points and labels go."""

from hypothesis import given
from hypothesis import strategies as st

from miss.server.console.statistics.pictures import (
    LABEL_WIDTH,
    PLOT_HEIGHT,
    PLOT_LEFT,
    PLOT_RIGHT,
    PLOT_TOP,
    VALUE_WIDTH,
    WIDTH,
    Point,
    ceiling,
    draw_bars,
    draw_curve,
)

POINTS = st.lists(
    st.builds(Point, st.text(max_size=60), st.text(max_size=9), st.none() | st.integers(0, 10**9)), max_size=70
)


def test_bars_are_as_long_as_their_values() -> None:
    drawn = draw_bars([Point("Nord", "40", 40), Point("Aisne", "10", 10), Point("Oise", "< 5", None)])
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    assert [bar.width for bar in drawn.bars] == [room, room / 4, 0]
    assert [bar.text for bar in drawn.bars] == ["40", "10", "< 5"]
    assert [bar.y for bar in drawn.bars] == sorted({bar.y for bar in drawn.bars})
    assert draw_bars([Point("x" * 40, "", 0)]).bars[0].label == "x" * 35 + "…"


@given(POINTS)
def test_nothing_is_drawn_outside_the_picture(points: list[Point]) -> None:
    bars, curve = draw_bars(points), draw_curve(points)
    for bar in bars.bars:
        assert 0 <= bar.y < bars.height
        assert LABEL_WIDTH + bar.width <= WIDTH - VALUE_WIDTH
    for dot in curve.dots:
        assert PLOT_LEFT <= dot.x <= WIDTH - PLOT_RIGHT + 0.1
        assert dot.y is None or PLOT_TOP <= dot.y <= PLOT_TOP + PLOT_HEIGHT
    assert sum(bool(dot.label) for dot in curve.dots) <= 13


def test_a_curve_is_broken_where_a_number_is_hidden() -> None:
    values = (4, 8, None, 2, 0, None, 6)
    curve = draw_curve([Point(str(place), str(value), value) for place, value in enumerate(values)])
    assert [segment.count(",") for segment in curve.segments] == [2, 2]
    assert [dot.y for dot in curve.dots][:3] == [PLOT_TOP + PLOT_HEIGHT / 2, PLOT_TOP, None]
    assert [(line.y, line.value) for line in curve.grid][::4] == [(curve.bottom, 0), (PLOT_TOP, 8)]


@given(st.integers(0, 10**12))
def test_the_axis_ends_above_the_greatest_value_and_not_far(value: int) -> None:
    top = ceiling(value)
    assert value <= top <= max(4, value * 2.5)
    assert top % 4 == 0


def test_the_last_month_is_always_named() -> None:
    curve = draw_curve([Point(f"m{place}", "", place) for place in range(60)])
    assert curve.dots[-1].label == "m59"
    assert [dot.label for dot in draw_curve([Point("only", "", 3)]).dots] == ["only"]
    assert draw_curve([]).dots == ()
