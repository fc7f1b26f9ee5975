"""What the photographs of the benchmark are, and how its verdict is counted; the judge itself needs a browser."""

import io

import pytest
from PIL import Image, ImageStat

from bench.photos import shots
from bench.photos.page import Row, compose_tables
from bench.photos.shots import FORMS, Shot, metered, moved, on_the_way, out_of_focus, taken

GREY = (118, 118, 118)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve megapixels take seconds; blur and light are told in parts of the width."""
    monkeypatch.setattr(shots, "SIZE", (400, 300))
    shots._grain.cache_clear()


def levels(photograph: bytes) -> tuple[float, float]:
    """Mean and standard deviation."""
    found = ImageStat.Stat(Image.open(io.BytesIO(photograph)).convert("L"))
    return found.mean[0], found.stddev[0]


def stripes() -> Image.Image:
    made = Image.new("RGB", (400, 300), "black")
    for left in range(0, 400, 20):
        made.paste("white", (left, 0, left + 10, 300))
    return made


def test_each_stop_halves_the_light() -> None:
    scene = Image.new("RGB", (400, 300), GREY)
    shown = [levels(taken(scene, Shot(0, stops, FORMS[0])))[0] for stops in (0, -1, -2)]
    # Linear light 0.181, 0.090, 0.045 by IEC 61966-2-1.
    assert shown == pytest.approx([118, 85, 60], abs=1.5)


def test_a_blur_takes_contrast_away_and_the_more_the_wider_it_is() -> None:
    contrasts = [levels(taken(stripes(), Shot(blur, 0, FORMS[0])))[1] for blur in (0, 2, 8)]
    assert contrasts[0] > contrasts[1] > contrasts[2]
    assert contrasts[2] < contrasts[0] / 5
    own = [levels(out_of_focus(stripes(), blur))[1] for blur in (0, 2)]
    assert own[0] > own[1]


@pytest.mark.parametrize("way", [20, 40])
def test_a_movement_takes_what_it_crosses_and_leaves_what_lies_along_it(way: int) -> None:
    """Stripes that repeat every 20 px: across them nothing is left of whole periods."""
    contrasts = {angle: levels(taken(stripes(), Shot(0, 0, FORMS[0], way, angle)))[1] for angle in (0, 90)}
    assert contrasts[0] < 8
    assert contrasts[90] > 120
    assert levels(on_the_way(stripes(), way * 4000 / 1024, 0))[1] < 8


def test_a_movement_spreads_a_point_along_all_of_its_way() -> None:
    point = Image.new("L", (400, 300))
    point.paste(255, (200, 150, 208, 158))
    assert moved(point, 64, 0).getbbox() == (200, 150, 271, 158)
    left, top, right, bottom = moved(point, 64, 135).getbbox() or (0, 0, 0, 0)
    assert right - left == pytest.approx(8 + 45, abs=3)
    assert bottom - top == pytest.approx(8 + 45, abs=3)


def test_a_dark_scene_is_metered_and_one_with_something_white_in_it_is_not() -> None:
    dark = Image.new("RGB", (400, 300), (60, 60, 60))
    assert levels(taken(metered(dark), Shot(0, 0, FORMS[0])))[0] == pytest.approx(118, abs=3)
    dark.paste("white", (0, 0, 400, 20))
    assert metered(dark) is dark


def test_false_and_missed_warnings_are_counted() -> None:
    [camera, messenger] = FORMS
    rows = [
        Row("a", Shot(0, 0, camera), frozenset({"blurred"})),
        Row("a", Shot(8, 0, camera), frozenset()),
        Row("a", Shot(24, 0, camera), frozenset({"blurred", "small"})),
        Row("a", Shot(0, -3, camera), frozenset({"dark"})),
        Row("a", Shot(0, -4, messenger), frozenset()),
        Row("a", Shot(0, 0, camera, 8, 30), frozenset({"blurred"})),
        Row("a", Shot(0, 0, camera, 32, 30), frozenset()),
        Row("a", Shot(0, 0, camera, 64, 90), frozenset({"blurred"})),
    ]
    text = compose_tables(rows)
    assert "1 of 1 of the sharp ones" in text
    assert "1 of 2 of the blurred ones" in text
    assert "1 of 1 of the slight ones (8 px)" in text
    assert "1 of 2 of the others (from 32 px) missed" in text
    assert f"| {camera.name} | 1 | 0 | 0 | 1 |" in text
    assert "0 of 6 of the well lit ones" in text
    assert "1 of 2 of those that lack 3 stops or more missed" in text
    assert f"| {camera.name} | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1 |" in text
