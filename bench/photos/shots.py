"""Photographs of the scenes as telephones take them: metered, out of focus by a known width or moved along a known way,
light taken away in known stops, noise, and JPEG in the sizes in which photographs come.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from bench.photos.scenes import SIZE

BLURS: Final = (0, 2, 4, 6, 8, 12, 16, 24)
"""Standard deviations of a Gaussian, in pixels of 4,000: half the contrast is lost of a detail 5.3 times as wide."""
SHARP_TO: Final = 2
"""Nobody sees such a blur on a screen: a warning is false."""
BLURRED_FROM: Final = 8
"""Details of 0.6 mm are washed out where a ruler is shown: without a warning, it was missed."""
WAYS: Final = (8, 16, 32, 64)
"""How far the camera moved while the shutter was open, in pixels of 4,000."""
ANGLES: Final = (0, 30, 90, 135)
"""Whither, in degrees."""
STILL_TO: Final = 8
"""Spread as wide as by a Gaussian of σ 2.3: a warning is false."""
MOVED_FROM: Final = 32
"""As wide as by σ 9: without a warning, it was missed."""
STOPS: Final = (0, -1, -2, -3, -4)
"""Each halves the light."""
DARK_FROM: Final = -3
"""An eighth of the light.  At 0, a warning is false."""
NOISE_LEVELS: Final = 3.0
"""Of 255 and of one pixel of the sensor, in good light; half of it more for each stop that is missing."""
MIDDLE_LIGHT: Final = 0.18
"""What a camera's meter aims at…"""
MOST_GAIN: Final = 4.0
"""… with two stops at most, and without burning out the lightest hundredth."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a photograph reaches the page."""

    name: str
    longest_px: int
    quality: int


FORMS: Final = (Form("from the camera, 12 MP", 4000, 92), Form("passed on by a messenger, 1.9 MP", 1600, 75))


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph to take."""

    blur: int
    stops: int
    form: Form
    way: int = 0
    """How far the camera moved, in pixels; 0: it was held still."""
    angle: int = 0
    """Whither, in degrees."""


def shots() -> Iterator[Shot]:
    """Every photograph of a scene: each blur and each movement in good light, and each light in focus."""
    for form in FORMS:
        for blur in BLURS:
            yield Shot(blur, 0, form)
        for way in WAYS:
            for angle in ANGLES:
                yield Shot(0, 0, form, way, angle)
        for stops in STOPS[1:]:
            yield Shot(0, stops, form)


def metered(scene: Image.Image) -> Image.Image:
    """As a camera exposes it: a dark scene is brightened, as far as its lightest part allows."""
    levels = scene.resize((400, 300)).convert("L").histogram()
    count = sum(levels)
    mean = sum(_light(level / 255) * seen for level, seen in enumerate(levels)) / count
    lightest = next(level for level in range(255, -1, -1) if sum(levels[level:]) >= count / 100)
    gain = min(MIDDLE_LIGHT / mean, MOST_GAIN, _light(250 / 255) / _light(lightest / 255))
    return scene.point(_exposure(math.log2(gain)) * 3) if gain > 1 else scene


def taken(scene: Image.Image, shot: Shot) -> bytes:
    """A JPEG of the scene."""
    picture = scene.filter(ImageFilter.GaussianBlur(shot.blur)) if shot.blur else scene
    picture = moved(picture, shot.way, shot.angle) if shot.way else picture
    picture = picture.point(_exposure(shot.stops) * 3) if shot.stops else picture
    picture = ImageChops.add(picture, _grain(NOISE_LEVELS * (1 + abs(shot.stops) / 2)), 1, -128)
    if shot.form.longest_px < SIZE[0]:
        longest = shot.form.longest_px
        picture = picture.resize((longest, longest * SIZE[1] // SIZE[0]), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=shot.form.quality)
    return file.getvalue()


def out_of_focus(photograph: Image.Image, blur: float) -> bytes:
    """A JPEG of a photograph that has its noise already; `blur` in px of 4,000, or of 1,024 where it is smaller."""
    shown = blur * _share(photograph)
    return _jpeg(photograph.filter(ImageFilter.GaussianBlur(shown)) if blur else photograph)


def on_the_way(photograph: Image.Image, way: float, angle: float) -> bytes:
    """The same, by a camera that moved."""
    return _jpeg(moved(photograph, way * _share(photograph), angle))


def moved(picture: Image.Image, way: float, angle: float) -> Image.Image:
    """The mean of the picture along `way` px towards `angle` degrees: halves of the way, each laid over the other.

    What leaves on one side comes in on the other, so that a border of `way` px is not to be looked at.
    """
    halvings = max(1, math.ceil(math.log2(way)))
    for halving in range(halvings):
        shift = way * 2**halving / 2**halvings
        across, down = (round(shift * part(math.radians(angle))) for part in (math.cos, math.sin))
        picture = Image.blend(picture, ImageChops.offset(picture, across, down), 0.5)
    return picture


def _share(photograph: Image.Image) -> float:
    return max(1024, *photograph.size) / SIZE[0]


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=FORMS[0].quality)
    return file.getvalue()


@cache
def _grain(levels: float) -> Image.Image:
    grain = Image.effect_noise(SIZE, levels)
    return Image.merge("RGB", (grain, grain, grain))


def _exposure(stops: float) -> list[int]:
    """Light halved for each stop, between sRGB's curves (IEC 61966-2-1)."""
    return [min(255, round(255 * _shown(_light(level / 255) * 2.0**stops))) for level in range(256)]


def _light(shown: float) -> float:
    return shown / 12.92 if shown <= 0.04045 else ((shown + 0.055) / 1.055) ** 2.4


def _shown(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
