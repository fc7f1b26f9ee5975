"""Marks put into the pixels of a photo, for good, before it leaves.  Takes a second of processor time: in a thread.

What is blurred is replaced by a few averaged colours of itself: nothing of it can be computed back.
"""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from clients.desktop.state.marks import Mark, MarkKind, Marks, box_of, cells_of, strokes_of
from miss.client import PhotoQuality
from miss.client.files.photo import read_photo

RED: Final = (196, 0, 26)
WHITE: Final = (255, 255, 255)
FINE: Final = 3
"""Times finer than the pixels that arrows are drawn, so that their edges are smooth."""
_JPEG: Final = {"quality": 95, "subsampling": 0}


def looked_at(data: bytes) -> bytes:
    """A photo of any kind that may leave, upright, for a screen (JPEG).  Raises a PhotoError."""
    return _jpeg(read_photo(data, PhotoQuality.STANDARD.max_side_px))


def marked(data: bytes, marks: Marks, quality: PhotoQuality) -> bytes:
    """The photo with its marks, upright, no larger than `quality` asks for (JPEG).  Raises a PhotoError."""
    pixels = read_photo(data, quality.max_side_px)
    for mark in marks:
        if mark.kind is MarkKind.BLUR:
            _blur(pixels, mark)
        else:
            _arrow(pixels, mark)
    return _jpeg(pixels)


def _blur(pixels: Image.Image, mark: Mark) -> None:
    left, top, width, height = box_of(mark, *pixels.size)
    left, top = min(left, pixels.width - 1), min(top, pixels.height - 1)
    box = (left, top, min(left + width, pixels.width), min(top + height, pixels.height))
    size = (box[2] - box[0], box[3] - box[1])
    small = pixels.crop(box).resize(cells_of(*size), Image.Resampling.BOX)
    pixels.paste(small.resize(size, Image.Resampling.BICUBIC), box[:2])


def _arrow(pixels: Image.Image, mark: Mark) -> None:
    thick, strokes = strokes_of(mark, *pixels.size)
    ends = [point for stroke in strokes for point in stroke]
    left, top = (int(min(one) - 2 * thick) for one in ([end.x for end in ends], [end.y for end in ends]))
    right, bottom = (int(max(one) + 2 * thick) + 1 for one in ([end.x for end in ends], [end.y for end in ends]))
    size = (right - left, bottom - top)
    for colour, wide in ((WHITE, thick * 2), (RED, thick)):
        mask = Image.new("L", (size[0] * FINE, size[1] * FINE))
        pen = ImageDraw.Draw(mask)
        for begin, end in strokes:
            places = [((one.x - left) * FINE, (one.y - top) * FINE) for one in (begin, end)]
            pen.line(places, fill=255, width=round(wide * FINE))
            _round_ends(pen, places, wide * FINE / 2)
        pixels.paste(colour, (left, top, right, bottom), mask.resize(size, Image.Resampling.LANCZOS))


def _round_ends(pen: ImageDraw.ImageDraw, places: Sequence[tuple[float, float]], radius: float) -> None:
    for x, y in places:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _jpeg(pixels: Image.Image) -> bytes:
    target = io.BytesIO()
    pixels.save(target, "JPEG", **_JPEG)
    return target.getvalue()
