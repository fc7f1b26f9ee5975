"""What somebody draws on a photo before it leaves: places made unreadable, arrows; moved, resized, undone.  Pure.

The same marks as the web client's (`photo/marks.ts`).  Coordinates are parts of the picture's width and height (0 to
1), so they hold at every size.
"""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

LEAST: Final = 0.02
"""Smaller than this in both directions was a tap, not a stroke."""
STEP: Final = 0.02


class MarkKind(StrEnum):
    """What a mark does."""

    BLUR = "blur"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class Point:
    """A place of the picture."""

    x: float
    y: float

    def within(self) -> "Point":
        """The nearest place that is in the picture."""
        return Point(min(1.0, max(0.0, self.x)), min(1.0, max(0.0, self.y)))

    def moved(self, right: int, down: int) -> "Point":
        """So many steps away, within the picture."""
        return Point(self.x + right * STEP, self.y + down * STEP).within()


@dataclass(frozen=True, slots=True)
class Mark:
    """`blur`: two opposite corners; `arrow`: from its tail to its head."""

    kind: MarkKind
    begin: Point
    end: Point


Marks = tuple[Mark, ...]
_MIDDLE: Final = {
    MarkKind.BLUR: (Point(0.35, 0.4), Point(0.65, 0.6)),
    MarkKind.ARROW: (Point(0.3, 0.7), Point(0.5, 0.5)),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """The marks, the one that the keyboard moves (-1: none), and what was before each change, oldest first."""

    marks: Marks = ()
    selected: int = -1
    past: tuple[Marks, ...] = field(default=(), repr=False)

    @property
    def mark(self) -> Mark | None:
        """The one that the keyboard moves."""
        return self.marks[self.selected] if 0 <= self.selected < len(self.marks) else None

    def _changed(self, marks: Marks, selected: int) -> "Drawing":
        return Drawing(marks, selected, (*self.past, self.marks))

    def drawn(self, kind: MarkKind, begin: Point, end: Point) -> "Drawing":
        """After a stroke of the pointer; a tap adds nothing."""
        if abs(begin.x - end.x) < LEAST and abs(begin.y - end.y) < LEAST:
            return self
        return self._changed((*self.marks, Mark(kind, begin.within(), end.within())), len(self.marks))

    def added(self, kind: MarkKind) -> "Drawing":
        """With a mark in the middle, for the keyboard to move."""
        return self.drawn(kind, *_MIDDLE[kind])

    def undone(self) -> "Drawing":
        """Without the last change."""
        if not self.past:
            return self
        return Drawing(self.past[-1], len(self.past[-1]) - 1, self.past[:-1])

    def removed(self) -> "Drawing":
        """Without the selected mark."""
        if self.mark is None:
            return self
        marks = (*self.marks[: self.selected], *self.marks[self.selected + 1 :])
        return self._changed(marks, min(self.selected, len(marks) - 1))

    def selected_next(self, step: int) -> "Drawing":
        """With the next mark selected, or the one before; beyond the last none: the keyboard leaves the picture."""
        place = self.selected + step
        return replace(self, selected=place if 0 <= place < len(self.marks) else -1)

    def nudged(self, right: int, down: int, *, resize: bool) -> "Drawing":
        """With the selected mark moved by so many steps; `resize`: its end only."""
        mark = self.mark
        if mark is None:
            return self
        begin = mark.begin if resize else mark.begin.moved(right, down)
        changed = replace(mark, begin=begin, end=mark.end.moved(right, down))
        return self._changed((*self.marks[: self.selected], changed, *self.marks[self.selected + 1 :]), self.selected)


def box_of(mark: Mark, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of a mark in pixels of a picture of that size; at least one pixel."""
    left, right = sorted((mark.begin.x * width, mark.end.x * width))
    top, bottom = sorted((mark.begin.y * height, mark.end.y * height))
    return (
        math.floor(left),
        math.floor(top),
        max(1, math.ceil(right) - math.floor(left)),
        max(1, math.ceil(bottom) - math.floor(top)),
    )


CELLS: Final = 6
"""At most so many colours across what is blurred: nothing can be computed back from it."""


def cells_of(width: int, height: int) -> tuple[int, int]:
    """How many colours stay of a box, across and down."""
    scale = CELLS / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def strokes_of(mark: Mark, width: int, height: int) -> tuple[float, list[tuple[Point, Point]]]:
    """An arrow in pixels of a picture of that size: how thick, and its three lines."""
    tail, head = Point(mark.begin.x * width, mark.begin.y * height), Point(mark.end.x * width, mark.end.y * height)
    thick = max(3.0, max(width, height) / 160)
    angle = math.atan2(head.y - tail.y, head.x - tail.x)
    barbs = []
    for side in (-1, 1):
        turn = angle + math.pi - side * 0.5
        barbs.append((head, Point(head.x + math.cos(turn) * thick * 6, head.y + math.sin(turn) * thick * 6)))
    return thick, [(tail, head), *barbs]
