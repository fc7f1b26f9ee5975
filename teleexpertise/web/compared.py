"""Two photographs of a series beside each other, and its measures as a picture.  Pure values for templates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from miss.base.text import Language
from teleexpertise.follow_up.series import Series
from teleexpertise.questionnaire.model import AttachmentRef, Item

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 20, 36
_UNIT = re.compile(r"\s*\((?:mm|cm)\)\s*$")
"""What a label says of its unit; the picture and its table are in centimetres."""
DASHES = ("", "6 4", "2 3", "10 3 2 3")
"""Lines are told apart by their dashes and the name at their end, not by colour."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The photographs of one item in one request."""

    number: str
    at: datetime
    files: tuple[AttachmentRef, ...]
    is_present: bool
    """Of the request whose page this is."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared, out of what may be."""

    shots: tuple[Shot, ...]
    before: Shot
    after: Shot


@dataclass(frozen=True, slots=True)
class Mark:
    """One measure on the picture."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One length over time."""

    label: str
    marks: tuple[Mark, ...]
    points: str
    dashes: str


@dataclass(frozen=True, slots=True)
class Measures:
    """The picture, and the table that says the same."""

    curves: tuple[Curve, ...]
    dates: tuple[tuple[float, datetime], ...]
    """Of the first and the last request: those between would overlap, and stand in the table."""
    head: tuple[str, ...]
    rows: tuple[tuple[datetime, str, tuple[str, ...]], ...]
    """When, the request's number, each length in centimetres."""


def pair_of(series: Series, item: Item, before: str, after: str) -> Pair | None:
    """The two requests that were asked for by number; else the first and the present one; None: no photograph."""
    shots = tuple(
        Shot(step.request.number, step.at, step.photos(item.link_id), step.request.id == series.view.request.id)
        for step in series.steps
        if step.photos(item.link_id)
    )
    if not shots:
        return None
    by_number = {shot.number: shot for shot in shots}
    present = next((shot for shot in shots if shot.is_present), shots[-1])
    return Pair(shots, by_number.get(before, shots[0]), by_number.get(after, present))


def draw_measures(series: Series, language: Language) -> Measures | None:
    """Lengths from left to right by date; None: nothing was measured twice."""
    measures = series.measures()
    if not measures:
        return None
    places = _places([step.at for step in series.steps])
    top = max(value for one in measures for value in one.values if value is not None) or Decimal(1)
    curves = []
    for rank, measure in enumerate(measures):
        marks = tuple(
            Mark(x, _height(value, top), _shown(value, language))
            for x, value in zip(places, measure.values, strict=True)
            if value is not None
        )
        label = _UNIT.sub("", measure.item.label.in_(language) or measure.item.label.fr)
        points = " ".join(f"{mark.x},{mark.y}" for mark in marks)
        curves.append(Curve(label, marks, points, DASHES[rank % len(DASHES)]))
    return Measures(
        curves=tuple(curves),
        dates=((places[0], series.steps[0].at), (places[-1], series.steps[-1].at)),
        head=tuple(curve.label for curve in curves),
        rows=tuple(
            (step.at, step.request.number, tuple(_shown(one.values[n], language) for one in measures))
            for n, step in enumerate(series.steps)
        ),
    )


def _places(instants: Sequence[datetime]) -> list[float]:
    """Days are as far apart as they were."""
    first, last = min(instants), max(instants)
    span = (last - first).total_seconds() or 1
    room = WIDTH - LEFT - RIGHT - 60
    return [round(LEFT + 30 + room * (at - first).total_seconds() / span, 1) for at in instants]


def _height(value: Decimal, top: Decimal) -> float:
    return round(float(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top), 1)


def _shown(value: Decimal | None, language: Language) -> str:
    if value is None:
        return "–"
    written = f"{value.normalize():f}"
    return written.replace(".", ",") if language is Language.FR else written
