"""What people photograph for advice, drawn: skin of six phototypes with a lesion and a ruler, a wound, an eye, an ECG.

Nobody's photographs may lie in a repository, so the scenes are drawn at the size of a telephone's sensor, with the
detail that decides: pores and hair, a ruler's millimetres, granulation, lashes, the grid of an ECG; and, as the hardest
case, smooth skin on which nothing has an edge.
"""

import io
import math
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from miss.server.demo.photos import take_photo

Colour = tuple[int, int, int]

SIZE: Final = (4000, 3000)
"""Twelve megapixels."""
TONES: Final[Mapping[str, Colour]] = {
    "I": (240, 206, 184),
    "II": (228, 184, 152),
    "III": (208, 158, 124),
    "IV": (172, 116, 82),
    "V": (122, 78, 54),
    "VI": (72, 48, 38),
}
"""Skin in good light, by Fitzpatrick's phototype."""
MILLIMETRE: Final = 74
"""Pixels, where a ruler is shown: a field of 54 mm."""

_WIDTH, _HEIGHT = SIZE
_CENTRE = (_WIDTH // 2, _HEIGHT // 2)


def scenes() -> Mapping[str, Callable[[], Image.Image]]:
    """Every scene by its name; drawn when called for: each takes 36 MB."""
    found: dict[str, Callable[[], Image.Image]] = {"photograph of the demonstration": _demonstration}
    for name, tone in TONES.items():
        found[f"lesion and ruler, phototype {name}"] = partial(lesion, tone)
        found[f"smooth skin without a ruler, phototype {name}"] = partial(smooth, tone)
    for name in ("III", "VI"):
        found[f"wide view, phototype {name}"] = partial(wide, TONES[name])
    return found | {"wound and ruler": wound, "eye": eye, "ECG on paper": ecg}


def _demonstration() -> Image.Image:
    return Image.open(io.BytesIO(take_photo())).convert("RGB")


def lesion(tone: Colour) -> Image.Image:
    """A pigmented lesion of some 12 mm at 20 cm, hair, and a ruler."""
    chance = random.Random(7)
    picture = _skin(tone, relief=9)
    draw = ImageDraw.Draw(picture)
    outline = [
        (_CENTRE[0] + r * math.cos(a), _CENTRE[1] - 200 + r * math.sin(a))
        for a in (math.tau * step / 90 for step in range(90))
        for r in [430 * (1 + 0.2 * math.sin(3 * a)) + chance.uniform(-25, 25)]
    ]
    draw.polygon(outline, fill=_times(tone, 0.5))
    for _ in range(160):
        x, y = _CENTRE[0] + chance.gauss(0, 170), _CENTRE[1] - 200 + chance.gauss(0, 170)
        r = chance.uniform(6, 26)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_times(tone, chance.uniform(0.28, 0.6)))
    _hair(draw, tone, 40, chance)
    picture = picture.filter(ImageFilter.GaussianBlur(1.5))
    _ruler(ImageDraw.Draw(picture), top=2450)
    return picture


def smooth(tone: Colour) -> Image.Image:
    """An erythema without a border, and nothing beside: the least that a sharp photograph can show."""
    picture = _skin(tone, relief=6)
    red = Image.new("RGB", SIZE, (min(255, tone[0] + 24), int(tone[1] * 0.8), int(tone[2] * 0.8)))
    mask = Image.radial_gradient("L").resize(SIZE).point(lambda level: max(0, 150 - level))
    return Image.composite(red, picture, mask)


def wide(tone: Colour) -> Image.Image:
    """A forearm at 50 cm on a sheet, the lesion a small part of it."""
    chance = random.Random(11)
    picture = Image.new("RGB", SIZE, (196, 202, 206))
    draw = ImageDraw.Draw(picture)
    for left in range(-3000, 4000, 9):
        draw.line((left, 0, left + 3000, _HEIGHT), fill=(188, 194, 199), width=3)
    arm = Image.new("L", SIZE, 0)
    ImageDraw.Draw(arm).polygon([(0, 900), (_WIDTH, 600), (_WIDTH, 2300), (0, 2500)], fill=255)
    picture.paste(_skin(tone, relief=7), mask=arm.filter(ImageFilter.GaussianBlur(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(26):
        x, y, r = chance.gauss(2100, 90), chance.gauss(1500, 70), chance.uniform(10, 55)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_times(tone, chance.uniform(0.45, 0.7)))
    return picture


def wound() -> Image.Image:
    """Granulation, fibrin and a necrotic border, a ruler beside."""
    chance = random.Random(13)
    picture = _skin(TONES["II"], relief=9)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((900, 500, 3100, 2150), fill=(118, 34, 36))
    for _ in range(2200):
        x, y, r = chance.gauss(2000, 420), chance.gauss(1320, 300), chance.uniform(8, 34)
        colour = chance.choice([(160, 40, 44), (196, 70, 66), (96, 22, 26), (204, 178, 112)])
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    _ruler(draw, top=2450)
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def eye() -> Image.Image:
    """An iris with its radial fibres, lashes, and skin around."""
    chance = random.Random(17)
    picture = _skin(TONES["III"], relief=6)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((700, 800, 3300, 2200), fill=(226, 218, 212))
    draw.ellipse((1400, 900, 2600, 2100), fill=(92, 70, 44))
    for _ in range(420):
        a, inner, outer = chance.uniform(0, math.tau), chance.uniform(210, 330), chance.uniform(400, 590)
        ends = [(2000 + r * math.cos(a), 1500 + r * math.sin(a)) for r in (inner, outer)]
        draw.line(ends, fill=chance.choice([(124, 96, 58), (70, 52, 34), (150, 118, 70)]), width=5)
    draw.ellipse((1800, 1300, 2200, 1700), fill=(14, 12, 12))
    draw.ellipse((1880, 1340, 1960, 1420), fill=(250, 250, 250))
    for _ in range(70):
        x = chance.uniform(800, 3200)
        y = 1500 - math.sqrt(max(0.0, 1 - ((x - 2000) / 1300) ** 2)) * 700
        draw.line((x, y, x + chance.uniform(-160, 160), y - chance.uniform(160, 330)), fill=(34, 26, 22), width=9)
    return picture.filter(ImageFilter.GaussianBlur(1.5))


def ecg() -> Image.Image:
    """Pink paper with its millimetres, and twelve traces."""
    picture = Image.new("RGB", SIZE, (252, 242, 240))
    draw = ImageDraw.Draw(picture)
    for step in range(0, _WIDTH, 20):
        width, colour = (4, (232, 150, 150)) if step % 100 == 0 else (2, (244, 202, 200))
        draw.line((step, 0, step, _HEIGHT), fill=colour, width=width)
        draw.line((0, step, _WIDTH, step), fill=colour, width=width)
    for row in range(4):
        base, points = 500 + row * 650, []
        for x in range(0, _WIDTH, 4):
            beat = (x % 520) / 520
            spike = -320 * math.exp(-(((beat - 0.4) / 0.012) ** 2)) + 90 * math.exp(-(((beat - 0.43) / 0.012) ** 2))
            points.append((x, base + spike - 60 * math.exp(-(((beat - 0.68) / 0.06) ** 2))))
        draw.line(points, fill=(26, 24, 40), width=6, joint="curve")
    return picture


def _skin(tone: Colour, *, relief: float) -> Image.Image:
    """A surface with pores of half a millimetre and slow mottling; its contrast falls with the tone's light."""
    share = max(tone) / 240
    # The square root: what is lit is shaded in proportion, and what a telephone shows of it is brightened.
    pores = Image.effect_noise((_WIDTH // 10, _HEIGHT // 10), relief * 4 * math.sqrt(share)).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    fine = Image.effect_noise((_WIDTH // 4, _HEIGHT // 4), relief * 1.5 * math.sqrt(share)).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    mottling = Image.effect_noise((40, 30), relief * share).resize(SIZE, Image.Resampling.BICUBIC)
    grain = ImageChops.add(ImageChops.add(pores, fine, 2), mottling, 2)
    # Halved twice above: a quarter of the pores, a quarter of the fine grain, half of the mottling.
    middle = Image.merge("RGB", (grain, grain, grain))
    return ImageChops.add(Image.new("RGB", SIZE, tone), middle, 1, -128)


def _hair(draw: ImageDraw.ImageDraw, tone: Colour, count: int, chance: random.Random) -> None:
    for _ in range(count):
        x, y, a = chance.uniform(0, _WIDTH), chance.uniform(0, 2400), chance.uniform(0, math.tau)
        ends = (x, y, x + 420 * math.cos(a), y + 420 * math.sin(a))
        draw.line(ends, fill=_times(tone, 0.35), width=5)


def _ruler(draw: ImageDraw.ImageDraw, top: int) -> None:
    draw.rectangle((700, top, 700 + 34 * MILLIMETRE, top + 300), fill=(246, 246, 240))
    for mark in range(35):
        x, height = 700 + mark * MILLIMETRE, 160 if mark % 10 == 0 else 80
        draw.line((x, top, x, top + height), fill=(24, 24, 24), width=7)


def _times(tone: Colour, share: float) -> Colour:
    return (int(tone[0] * share), int(tone[1] * share), int(tone[2] * share))
