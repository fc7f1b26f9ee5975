"""Marks in the pixels that leave."""

import io

import pytest
from PIL import Image, ImageDraw

from clients.desktop.state.marks import Mark, MarkKind, Point
from clients.desktop.sync.drawing import RED, looked_at, marked
from miss.client import PhotoQuality
from miss.client.errors import PhotoNotSupported
from tests.miss.client.files.test_photo import jpeg

NAME = Mark(MarkKind.BLUR, Point(0.1, 0.1), Point(0.5, 0.25))


def stripes(width: int = 800, height: int = 600) -> bytes:
    """A picture in which every place tells something: black and white, four pixels wide."""
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    for left in range(0, width, 8):
        pen.rectangle((left, 0, left + 3, height), fill="black")
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def pixels(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB")


def contrast(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    """Between the darkest and the lightest of a box."""
    lightest, darkest = picture.convert("L").crop(box).getextrema()
    return abs(int(darkest) - int(lightest))  # type: ignore[arg-type]


def test_what_is_blurred_cannot_be_read_and_the_rest_can() -> None:
    picture = pixels(marked(stripes(), (NAME,), PhotoQuality.STANDARD))
    assert picture.size == (800, 600)
    assert contrast(picture, (82, 62, 398, 148)) < 40
    assert contrast(picture, (420, 62, 700, 148)) > 200


def test_an_arrow_is_red_on_white() -> None:
    arrow = Mark(MarkKind.ARROW, Point(0.2, 0.5), Point(0.6, 0.5))
    picture = pixels(marked(jpeg(size=(800, 600)), (arrow,), PhotoQuality.STANDARD))
    at = picture.getpixel((320, 300))
    assert isinstance(at, tuple)
    assert max(abs(one - other) for one, other in zip(at, RED, strict=True)) < 30
    at = picture.getpixel((320, 304))
    assert isinstance(at, tuple)
    assert min(at) > 180, "a white edge, so that it shows on skin and on blood"


@pytest.mark.parametrize("corner", [Point(0, 0), Point(1, 1)])
def test_marks_at_the_edge_stay_in_the_picture(corner: Point) -> None:
    marks = tuple(Mark(kind, corner, corner) for kind in MarkKind)
    assert pixels(marked(stripes(40, 30), marks, PhotoQuality.STANDARD)).size == (40, 30)


def test_what_is_no_photo_is_named() -> None:
    with pytest.raises(PhotoNotSupported):
        looked_at(b"not a picture")
    assert max(pixels(looked_at(jpeg(size=(3000, 2000)))).size) == 1600
