"""Where bars, points and labels of a picture go.  Pure: numbers only, the template writes the SVG.

A picture repeats what the table beside it says, for the eye: it names every value in text, uses one colour and no
script, so that it prints, and a screen reader is told to read the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
ROW: Final = 28
BAR: Final = 18
LABEL_WIDTH: Final = 260
VALUE_WIDTH: Final = 80
LABEL_CHARS: Final = 36

PLOT_TOP: Final = 24
PLOT_HEIGHT: Final = 200
PLOT_LEFT: Final = 70
PLOT_RIGHT: Final = 24
AXIS: Final = 30
"""Below the plot: the months' names."""
MONTH_LABELS: Final = 13
"""More would overlap."""


@dataclass(frozen=True, slots=True)
class Point:
    """One number to draw."""

    label: str
    text: str
    """The number as it is written; or what stands for one that is hidden."""
    value: int | None
    """None: hidden."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, its label on the left, its number on the right of it."""

    label: str
    text: str
    y: int
    text_y: int
    width: float
    text_x: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars."""

    height: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One month; `y` is None if its number is hidden: then its text stands on the axis."""

    label: str
    """Empty: left out, as it would overlap."""
    text: str
    x: float
    y: float | None
    text_y: float


@dataclass(frozen=True, slots=True)
class Grid:
    """One horizontal line and its number."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Months from left to right; `segments` are SVG points, broken where a number is hidden."""

    height: int
    bottom: int
    dots: tuple[Dot, ...]
    segments: tuple[str, ...]
    grid: tuple[Grid, ...]


def draw_bars(points: Sequence[Point]) -> Bars:
    """Bars as long as their values, the longest as wide as there is room."""
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    greatest = max((point.value or 0 for point in points), default=0) or 1
    bars = []
    for row, point in enumerate(points):
        width = round(room * (point.value or 0) / greatest, 1)
        y = row * ROW
        bars.append(
            Bar(
                label=_shorten(point.label),
                text=point.text,
                y=y + (ROW - BAR) // 2,
                text_y=y + ROW - 9,
                width=width,
                text_x=LABEL_WIDTH + width + 8,
            )
        )
    return Bars(max(len(points), 1) * ROW, tuple(bars))


def draw_curve(points: Sequence[Point]) -> Curve:
    """A line through the months' values, from zero."""
    top = ceiling(max((point.value or 0 for point in points), default=0))
    bottom = PLOT_TOP + PLOT_HEIGHT
    step = (WIDTH - PLOT_LEFT - PLOT_RIGHT) / max(len(points) - 1, 1)
    every = -(-len(points) // MONTH_LABELS) or 1
    dots = []
    for place, point in enumerate(points):
        # Counted from the last month, which is always named.
        is_named = (len(points) - 1 - place) % every == 0
        y = None if point.value is None else round(bottom - PLOT_HEIGHT * point.value / top, 1)
        dots.append(
            Dot(
                label=point.label if is_named else "",
                text=point.text if is_named else "",
                x=round(PLOT_LEFT + step * place, 1),
                y=y,
                text_y=(bottom if y is None else y) - 9,
            )
        )
    grid = tuple(Grid(bottom - PLOT_HEIGHT * part / 4, top * part // 4) for part in range(5))
    return Curve(bottom + AXIS, bottom, tuple(dots), _segments(dots), grid)


def ceiling(value: int) -> int:
    """The next of 4, 8, 20, 40, 80, 200…: a quarter of it is a whole number."""
    power = 1
    while True:
        for base in (4, 8, 20):
            if value <= base * power:
                return base * power
        power *= 10


def _segments(dots: Sequence[Dot]) -> tuple[str, ...]:
    segments: list[list[str]] = [[]]
    for dot in dots:
        if dot.y is None:
            segments.append([])
        else:
            segments[-1].append(f"{dot.x},{dot.y}")
    return tuple(" ".join(segment) for segment in segments if len(segment) > 1)


def _shorten(label: str) -> str:
    return label if len(label) <= LABEL_CHARS else f"{label[: LABEL_CHARS - 1].rstrip()}…"
