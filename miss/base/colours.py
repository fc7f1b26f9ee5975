"""Whether words can be read on a colour, or in it: WCAG 2.1, 1.4.3; RGAA 3.2."""

import re
from typing import Final

LEAST_CONTRAST: Final = 4.5
"""Of text and its ground, level AA."""
WHITE: Final = (255, 255, 255)
_COLOUR: Final = re.compile(r"#?([0-9a-fA-F]{6})")

Rgb = tuple[int, int, int]


def parse_rgb(text: str) -> Rgb | None:
    """Of `#rrggbb`; None for anything else."""
    found = _COLOUR.fullmatch(text.strip())
    return (int(found[1][:2], 16), int(found[1][2:4], 16), int(found[1][4:], 16)) if found else None


def contrast(one: Rgb, other: Rgb) -> float:
    """The ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_legible(rgb: Rgb) -> bool:
    """Whether it can be read on white, and white on it."""
    return contrast(rgb, WHITE) >= LEAST_CONTRAST


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
