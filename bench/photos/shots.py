"""Photographs of the scenes as telephones take them: metered, out of focus by a known width, light taken away in known
stops, noise, and JPEG in the sizes in which photographs come.
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


def shots() -> Iterator[Shot]:
    """Every photograph of a scene: each blur in good light, and each light in focus."""
    for form in FORMS:
        for blur in BLURS:
            yield Shot(blur, 0, form)
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
    looked_at = max(1024, *photograph.size)
    picture = photograph.filter(ImageFilter.GaussianBlur(blur * looked_at / SIZE[0])) if blur else photograph
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
